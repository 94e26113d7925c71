"""The demo's data file, read strictly: a slip in it is told before anything is started."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

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


class CoSignature(_Part):
    department: str
    line: int
    note: str | None


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


class Period(_Part):
    start: date
    until: date


class PlanLine(_Part):
    line: str
    purpose: str
    name: str
    amount: int


class Grant(_Part):
    grant: str
    lines: tuple[int, int]
    title: str
    grantor: str
    amount: int
    own_share_percent: int
    period: Period
    purposes: list[str]
    paper: str
    notice_on: date
    plan: list[PlanLine]
    own_contribution: int


class WithoutEmail(_Part):
    seat: str
    postal_address: str


class Guest(_Part):
    guest: str
    name: str


class Invented(_Part):
    mail_domain: str
    rules: dict[str, int]
    seated_since: date
    vacant: list[str]
    without_email: list[WithoutEmail]
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
    minutes: str | None

    @property
    def held_at(self) -> Place:
        return self.moved_to or self

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


class Commitment(_Part):
    commitment: str
    line: str
    amount: int
    day: date


class Drawdown(_Part):
    drawdown: str
    amount: int
    paid_on: date


class Expense(_Part):
    expense: str
    line: str
    amount: int
    day: date
    payee: str
    receipt: str
    commitment: str | None = None


class RefusedExpense(_Part):
    rule: str
    expense: Expense


class HoursEntry(_Part):
    entry: str
    role: str
    day: date
    quarter_hours: int
    activity: str


class Hours(_Part):
    rate: int
    rate_source: str
    entries: list[HoursEntry]


class Money(_Part):
    commitment: Commitment
    drawdowns: list[Drawdown]
    expenses: list[Expense]
    refused: RefusedExpense
    hours: Hours


class Step(_Part):
    at: datetime
    do: str
    about: str | None = None


class Person(_Part):
    """Somebody invented; ``seat`` is None for guests."""

    id: str
    seat: str | None
    name: str
    email: str | None
    postal_address: str | None


class Data(_Part):
    source: str
    conference: Conference
    groups: list[Group]
    guest_pools: list[GuestPool]
    working_groups: list[WorkingGroup]
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
        return [seat for seat in self.seats if seat not in self.invented.vacant]

    def session(self, name: str) -> Session:
        return next(session for session in self.sessions if session.session == name)

    def drawdown(self, name: str) -> Drawdown:
        return next(drawdown for drawdown in self.money.drawdowns if drawdown.drawdown == name)

    def invited_seats(self, session: Session) -> list[str]:
        """A working group invites its members, everything else every filled seat."""
        for group in self.working_groups:
            if group.working_group == session.working_group:
                return group.members
        return self.filled

    def people(self) -> list[Person]:
        seated = [self._seated(group, seat) for group in self.groups for seat in group.seat_names]
        return [person for person in seated if person.seat in self.filled] + self._guests()

    def _seated(self, group: Group, seat: str) -> Person:
        place = f"{group.number}-{seat.rsplit('-', 1)[1]}"
        role = "Delegierte Person" if group.kind == "delegated" else "Amtsperson"
        letters = {each.seat: each.postal_address for each in self.invented.without_email}
        return Person(
            id=person_id(seat),
            seat=seat,
            name=f"{role} {place}",
            email=None if seat in letters else f"sitz-{place}@{self.invented.mail_domain}",
            postal_address=letters.get(seat),
        )

    def _guests(self) -> list[Person]:
        return [
            Person(
                id=person_id(guest.guest),
                seat=None,
                name=guest.name,
                email=f"{guest.guest}@{self.invented.mail_domain}",
                postal_address=None,
            )
            for guest in self.invented.guests
        ]


def person_id(seat_or_guest: str) -> str:
    return derived_id("demo-person", seat_or_guest)


def read_data(file: Path = FILE) -> Data:
    return Data.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
