"""What members answers to questions: the documents of its projections, as they are shown."""

from __future__ import annotations

from datetime import date
from typing import Literal

from shared.contracts.members import Role, RulesOfProcedure
from shared.contracts.people import PersonDetails
from shared.kernel.identifiers import PersonId, Slug
from shared.runtime.http.app import Kept, Shown

SeatKind = Literal["delegated", "ex_officio"]


class SeatLine(Shown):
    seat: Slug
    group: Slug
    number: int
    name: str
    kind: SeatKind


class VacantSeat(SeatLine):
    """``vacant_since`` is null where nobody ever had the seat; ``reason`` says why it is vacant, if it is recorded."""

    vacant_since: date | None
    reason: str | None


class Sitting(Shown):
    """``person`` is null for a vacant seat; the other fields are then null, too. ``until`` null: further notice."""

    person: PersonId | None
    person_name: str | None = None
    organisation: Slug | None = None
    since: date | None = None
    until: date | None = None


class StillSitting(Sitting):
    """``died_on`` is the person's last day where their time on another seat has ended by death and this one goes on."""

    died_on: date | None = None


class RosterLine(SeatLine, StillSitting):
    """``deputy`` is the holder's standing deputy on that day; null where there is none."""

    deputy: StillSitting | None


class TimeOnSeat(Sitting):
    """``reason`` says why it ends, or why the post is vacant."""

    role: Role
    reason: str | None


class Listed(Shown):
    person: PersonId
    person_name: str


class ToErase(Listed):
    """``last_day`` is the person's last day on a seat."""

    last_day: date


class Details(Shown):
    """How to write to somebody. ``version`` counts what was recorded: ``RecordPerson.replaces`` names it."""

    person: PersonId
    version: int
    details: PersonDetails


class GuestPool(Kept):
    """A pool with a list that is not empty; ``people`` in the order in which they joined it."""

    pool: Slug
    people: list[Listed]


class Nominated(Shown):
    group: Slug
    person: PersonId
    person_name: str
    organisation: Slug
    confirmed: bool


class Member(Shown):
    person: PersonId
    seat: Slug | None


class WorkingGroup(Kept):
    working_group: Slug
    name: str
    topics: list[str]
    members: list[Member]
    lead: PersonId | None
    closed: bool
    results: str | None
    document: str | None


class RulesVersion(Shown):
    """``since`` and ``reason`` are null for the rules that the conference was established with."""

    rules_version: int
    rules: RulesOfProcedure
    since: date | None
    reason: str | None


class EarlierConference(Shown):
    earlier: Slug
    name: str
    since: date
    until: date
    working_groups: list[str]
    document: str | None = None
    results: str | None = None
    reason: str | None = None


class RosterRow(Shown):
    """``row`` is the number that a spreadsheet shows. ``detail`` is German: what changes, or which cell is wrong."""

    row: int
    outcome: Literal["change", "unchanged", "refused"]
    detail: str


class RosterImport(Shown):
    """Every row, and how many change something, change nothing or are refused."""

    dry_run: bool
    change: int
    unchanged: int
    refused: int
    rows: list[RosterRow]
