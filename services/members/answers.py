"""What members answers to questions: the documents of its projections, as they are shown."""

from __future__ import annotations

from datetime import date
from typing import Literal

from shared.kernel.identifiers import PersonId, Slug
from shared.runtime.http.app import Kept, Shown

SeatKind = Literal["delegated", "ex_officio"]


class VacantSeat(Shown):
    seat: Slug
    group: Slug
    number: int
    name: str
    kind: SeatKind


class RosterLine(VacantSeat):
    """``person`` is null where nobody sat on that day; the rest is there where somebody did."""

    person: PersonId | None
    person_name: str | None = None
    organisation: Slug | None = None
    since: date | None = None
    until: date | None = None


class Member(Shown):
    person: PersonId
    seat: Slug | None


class WorkingGroup(Kept):
    working_group: Slug
    name: str
    topics: list[str]
    members: list[Member]
    closed: bool
