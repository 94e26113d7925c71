"""The demo's data file, read strictly: a slip in it is told before anything is started."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from deploy.demo.money_data import Drawdown, Grant, Money
from shared.kernel.identifiers import derived_id

FILE = Path(__file__).with_name("conference.yaml")

Kind = Literal["plenary", "working_group", "workshop"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Conference(_Part):
    slug: str
    lines: tuple[int, int]
    name: str
    reference: str
    office: str
    committee: str


class Earlier(_Part):
    """An earlier conference; ``lines`` are those of the council paper about it."""

    lines: tuple[int, int]
    earlier: str
    name: str
    since: date
    until: date
    working_groups: list[str]
    document: str


class Group(_Part):
    number: int
    group: str
    kind: Literal["delegated", "ex_officio"]
    seats: int
    line: int
    name: str

    @property
    def seat_names(self) -> list[str]:
        return [f"{self.group}-{number}" for number in range(1, self.seats + 1)]


class GuestPool(_Part):
    pool: str
    name: str
    line: int


class WorkingGroup(_Part):
    working_group: str
    line: int
    name: str
    topics: list[str]
    members: list[str]


class FocusArea(_Part):
    focus_area: str
    line: int
    title: str
    since: date
    until: date
    working_group: str | None = None


class CoSignature(_Part):
    department: str
    line: int
    note: str | None


class Text(_Part):
    originator: str
    file_sign: str
    motion: list[str]
    reasons: list[str]
    climate: str
    finances: str
    signed_as: str


class Paper(_Part):
    paper: str
    lines: tuple[int, int]
    reference: str
    title: str
    kind: str
    issued_on: date
    committee: str
    decided_on: date
    decision: str
    co_signatures: list[CoSignature]
    text: Text | None = None
    """None if the paper is kept elsewhere, as in conferences recorded with an old version."""


class WithoutEmail(_Part):
    seat: str
    postal_address: str


class Taken(_Part):
    """A seat that a person has from that day on."""

    seat: str
    since: date


class Deputies(_Part):
    since: date
    seats: list[str]


class Objection(_Part):
    """An objection to the minutes; ``answer`` is the new text of the item."""

    seat: str
    item: int
    text: str
    answer: str
    reason: str


class Guest(_Part):
    guest: str
    name: str


class Invented(_Part):
    mail_domain: str
    rules: dict[str, int]
    seated_since: date
    vacant: list[str]
    without_email: list[WithoutEmail]
    hand_overs: list[Taken] = []
    late: list[Taken] = []
    deputies: Deputies = Deputies(since=date.max, seats=[])
    guests: list[Guest]


class Place(_Part):
    starts: datetime
    ends: datetime
    place: str


class Session(Place):
    session: str
    kind: Kind
    working_group: str | None
    title: str
    agenda: list[str]
    guests: list[str] = []
    late_guests: list[str] = []
    decline: list[str] = []
    deputy: list[str] = []
    silent: list[str] = []
    moved_to: Place | None = None
    cancelled_because: str | None = None
    supplement: str | None = None
    second_of: str | None = None
    came: int | None = None
    minutes: str | None
    texts: list[str] = []
    objection: Objection | None = None

    @property
    def held_at(self) -> Place:
        return self.moved_to or self

    @property
    def day(self) -> date:
        return self.held_at.starts.date()

    def answer_of(self, seat: str) -> str | None:
        if seat in self.silent:
            return None
        return "decline" if seat in self.decline else "deputy" if seat in self.deputy else "accept"


class Recommendation(_Part):
    recommendation: str
    working_group: str
    title: str
    session: str
    item: int
    committee: str
    reported_on: date


class Step(_Part):
    at: datetime
    do: str
    about: str | None = None


class Data(_Part):
    source: str
    conference: Conference
    earlier: list[Earlier] = []
    groups: list[Group]
    guest_pools: list[GuestPool]
    working_groups: list[WorkingGroup]
    focus_areas: list[FocusArea] = []
    paper: Paper
    grant: Grant
    invented: Invented
    sessions: list[Session]
    recommendation: Recommendation
    money: Money
    story: list[Step] = Field(min_length=1)

    @property
    def seats(self) -> list[str]:
        return [seat for group in self.groups for seat in group.seat_names]

    @property
    def filled(self) -> list[str]:
        """By the first appointments."""
        return [seat for seat in self.seats if seat not in self.invented.vacant]

    def filled_on(self, day: date) -> list[str]:
        return [*self.filled, *(late.seat for late in self.invented.late if late.since <= day)]

    def holder(self, seat: str, day: date) -> str:
        """The id of the seat's holder on that day."""
        followed = any(one.seat == seat and one.since <= day for one in self.invented.hand_overs)
        return person_id(successor_of(seat) if followed else seat)

    def session(self, name: str) -> Session:
        return next(session for session in self.sessions if session.session == name)

    def drawdown(self, name: str) -> Drawdown:
        return next(drawdown for drawdown in self.money.drawdowns if drawdown.drawdown == name)

    def invited_seats(self, session: Session, day: date | None = None) -> list[str]:
        """A working group invites its members. Other sessions invite their own seats, or all that are filled by that
        day.
        """
        for group in self.working_groups:
            if group.working_group == session.working_group:
                return group.members
        return self.filled_on(day or session.day)

    def deputies_at(self, session: Session) -> list[str]:
        """The seats whose deputies come, as nobody else does; none for a working group."""
        known = self.invented.deputies
        if session.working_group or session.day < known.since:
            return []
        return [seat for seat in known.seats if session.answer_of(seat) in ("decline", "deputy")]


def successor_of(seat: str) -> str:
    return f"{seat}/successor"


def person_id(seat_or_guest: str) -> str:
    return derived_id("demo-person", seat_or_guest)


@cache
def read_data(file: Path = FILE) -> Data:
    return Data.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
