"""What meetings answers to questions: the documents of its projections, as they are shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from shared.contracts.meetings import (
    AgendaItem,
    Answer,
    Appointment,
    Missed,
    PaperText,
    Protocol,
    Recipient,
    SessionKind,
)
from shared.kernel.identifiers import PersonId, Slug
from shared.runtime.http.app import Kept, Shown


class Place(Shown):
    """``person`` is null where the seat is vacant on that day, ``deputy`` where nobody stands in."""

    seat: Slug
    person: PersonId | None
    deputy: PersonId | None


class SeatGroup(Kept):
    group: Slug
    number: int
    name: str
    kind: str
    seats: list[Place]


class WorkingGroup(Kept):
    """``results`` and ``document`` are as recorded when the group was closed."""

    working_group: Slug
    name: str
    topics: list[str]
    state: str
    members: list[Recipient]
    established: date
    closed_on: date | None = None
    results: str | None = None
    document: str | None = None


class Answered(Shown):
    """``revision`` is the appointment's that the answer is about; an answer ``counts`` only for the present one."""

    person: PersonId
    seat: Slug | None
    answer: Answer
    revision: int
    counts: bool


class Stay(Shown):
    """``left`` is null while somebody is there."""

    person: PersonId
    seat: Slug | None
    arrived: datetime
    left: datetime | None


class Quorum(Shown):
    established: bool
    present: int
    voting_seats: int
    needed: int


class Decision(Shown):
    """``by`` says how it was decided; a vote also has numbers."""

    by: str
    item: int
    recommendation: Slug | None
    present: int


class MinutesShown(Shown):
    state: str
    document: str


class Session(Kept):
    """``quorum_needed``: 0 if no quorum is required; null until somebody is invited. ``deputies`` are the recipients
    who are invited in place of a seat's holder.
    """

    session: Slug
    kind: SessionKind
    working_group: Slug | None
    title: str
    starts: datetime
    ends: datetime
    place: str
    revision: int
    state: str
    agenda: list[AgendaItem]
    guests: list[PersonId]
    issue: int
    invited: int
    recipients: list[Recipient]
    deputies: list[Recipient]
    answers: list[Answered]
    reminded: datetime | None
    attendance: list[Stay]
    present: int
    quorum_needed: int | None
    quorum: Quorum | None
    decisions: list[Decision]
    minutes: MinutesShown | None
    cancelled_because: str | None
    second_of: Missed | None = None
    without_quorum: bool = False
    minutes_due: date | None = None


class MinutesEdition(Shown):
    """As it was sent. ``protocol`` is null if the text is kept elsewhere; ``reason`` is null for the first edition."""

    edition: int
    at: datetime
    reason: str | None
    protocol: Protocol | None
    objections_until: date | None


class Objection(Shown):
    """``answer``: corrected (by another text), rejected, or null while the objection is open."""

    person: PersonId
    seat: Slug
    item: int
    text: str
    at: datetime
    answer: str | None
    reason: str | None


class Minutes(Kept):
    """``state``: drafted, sent or approved; ``draft`` is its text before it was sent."""

    session: Slug
    state: str
    document: str
    draft: Protocol | None
    editions: list[MinutesEdition]
    objections: list[Objection]


class InvitationChange(Shown):
    """``what``: extended, guest, deputy or withdrawn. ``places`` are the seats, each with the person who comes for it;
    null for guests.
    """

    what: str
    at: datetime
    places: list[Recipient]


class Invitation(Kept):
    """As it was issued; ``snapshot`` proves it. ``changes`` are later changes of its recipients."""

    session: Slug
    issue: int
    issued: datetime
    appointment: Appointment
    agenda: list[AgendaItem]
    voting_seats: int
    quorum: int
    recipients: list[Recipient]
    snapshot: str
    reason: str | None
    changes: list[InvitationChange]


class Seat(Shown):
    """``person`` is the holder; ``deputy`` was invited in the holder's place, or is null. ``standing``: present,
    represented by the deputy, excused (declined or sends somebody else) or absent.
    """

    seat: Slug
    person: PersonId
    deputy: PersonId | None
    standing: Literal["present", "represented", "excused", "absent"]


class Held(Shown):
    """A session as it was held: the standing of every invited seat, and everybody's times."""

    session: Slug
    title: str
    starts: datetime
    ends: datetime
    place: str
    state: str
    agenda: list[AgendaItem]
    seats: list[Seat]
    attendance: list[Stay]
    quorum_needed: int | None
    quorum: Quorum | None
    decisions: list[Decision]


class Report(Shown):
    committee: str
    on: date


class Addressee(Shown):
    """Who is to answer, by which day. ``answer``: considered, partly, not, or null while there is none."""

    addressee: Slug
    name: str
    due_on: date
    on: date | None
    answer: str | None
    reasons: str | None


class Recommendation(Kept):
    """``ended`` is why it was rejected, withdrawn or superseded."""

    recommendation: Slug
    working_group: Slug
    title: str
    text: str | None = None
    reasons: str | None = None
    state: str
    addressees: list[Addressee]
    ended: str | None
    successor: Slug | None = None
    session: Slug | None
    adopted_by: str | None
    reports: list[Report]


class CoSignature(Shown):
    """``statement`` is the note in full, where it is longer than a line."""

    department: Slug
    state: str
    note: str | None
    statement: str | None = None


class ItemDecision(Shown):
    """The last decision of a committee on one item of the motion; ``wording`` is the item's text if it was amended."""

    committee: str
    on: date
    item: int
    decision: str
    wording: str | None = None


class CommitteeDecision(Shown):
    committee: str
    on: date
    decision: str


class Paper(Kept):
    """``text`` is null if it is kept elsewhere. ``corrections`` are the reasons of the corrections, ``successor`` is
    the paper that superseded this one.
    """

    paper: Slug
    reference: str
    title: str
    kind: str
    state: str
    text: PaperText | None
    corrections: list[str]
    co_signatures: list[CoSignature]
    issued_on: date | None
    items: list[ItemDecision]
    decisions: list[CommitteeDecision]
    successor: Slug | None


class FocusArea(Kept):
    """``until`` is the planned last day, ``ended`` the day given when it was ended, ``last`` the earlier of the two."""

    focus_area: Slug
    title: str
    since: date
    until: date | None
    working_group: Slug | None
    ended: date | None
    last: date | None
    reason: str | None
