"""What a mail says, by kind: all that its letter needs beside its recipient's contact and what things are called."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.funding import BudgetYear
from shared.contracts.meetings import (
    AgendaItem,
    Appointment,
    Count,
    Edition,
    Issue,
    Missed,
    Protocol,
    Seats,
    SessionKind,
)
from shared.kernel.identifiers import Slug
from shared.kernel.text import Line
from shared.kernel.values import OPEN, LeftOut, Value, counted_in


class Welcome(Value):
    """To somebody who fills a seat."""

    kind: Literal["welcome"] = "welcome"
    """That it is a welcome."""
    group: Slug
    """The seat group."""
    since: date
    """The first day on the seat."""


class Farewell(Value):
    """To somebody who has left a seat."""

    kind: Literal["farewell"] = "farewell"
    """That it is a farewell."""
    group: Slug
    """The seat group."""
    until: date
    """The last day on the seat."""


class ContactCorrection(Value):
    """To somebody whose name, salutation or address was corrected; what they are now stands with the contact alone."""

    kind: Literal["contact"] = "contact"
    """That it is about the recipient's contact."""


class Invitation(Value):
    """To everybody who may attend a session; whoever has no seat is its guest."""

    kind: Literal["invitation"] = "invitation"
    """That it is an invitation."""
    session: Slug
    """The session."""
    session_kind: SessionKind
    """Whose session it is."""
    issue: Issue
    """The number of this version of the invitation, from 1."""
    appointment: Appointment
    """When and where."""
    agenda: tuple[AgendaItem, ...]
    """What is on the agenda."""
    voting_seats: Seats
    """All seats of the conference, also vacant ones."""
    quorum: Seats
    """Seats that must be present; 0 where no quorum is required."""
    short_notice: Line | None
    """The recorded reason for inviting later than the rules ask for."""
    as_deputy: LeftOut[bool | None] = None
    """True for whoever is invited in the place of a seat's holder."""
    second_of: LeftOut[Missed | None] = None
    """The session that missed its quorum, where this is the second one about its matters."""


class Update(Value):
    """The session has another time or place."""

    kind: Literal["update"] = "update"
    """That it is an update."""
    session: Slug
    """The session."""
    appointment: Appointment
    """When and where from now on."""


class Cancellation(Value):
    """The session does not take place."""

    kind: Literal["cancellation"] = "cancellation"
    """That it is a cancellation."""
    session: Slug
    """The session."""
    appointment: Appointment
    """When and where it would have been."""
    reason: Line
    """Why."""


class Withdrawal(Value):
    """The session takes place, and its invitation does not concern the recipient any more."""

    kind: Literal["withdrawal"] = "withdrawal"
    """That it is the withdrawal of an invitation."""
    session: Slug
    """The session."""
    appointment: Appointment
    """When and where it takes place."""
    as_deputy: LeftOut[bool | None] = None
    """True for whoever was invited in the place of a seat's holder."""


class Supplement(Value):
    """The agenda of the session has further items."""

    kind: Literal["supplement"] = "supplement"
    """That it is a supplement to the agenda."""
    session: Slug
    """The session."""
    appointment: Appointment
    """When and where; it stays as it was."""
    agenda: tuple[AgendaItem, ...]
    """The whole agenda."""
    added: tuple[AgendaItem, ...]
    """The items that are new."""


class Reminder(Value):
    """The session begins soon."""

    kind: Literal["reminder"] = "reminder"
    """That it is a reminder."""
    session: Slug
    """The session."""
    appointment: Appointment
    """When and where."""


class MissingAnswers(Value):
    """To the office: the session begins soon, and these seats have not answered."""

    kind: Literal["answers"] = "answers"
    """That it is about answers."""
    session: Slug
    """The session."""
    appointment: Appointment
    """When and where."""
    seats: tuple[Slug, ...]
    """The seats that are invited and for which no answer has come."""


class VacantSeat(Value):
    """A seat that nobody has."""

    seat: Slug
    """The seat."""
    since: date | None
    """The first day without a holder; null where it was never filled."""


class OwedOfGrant(Value):
    """What a grant obliges the office to by a day, and is not done."""

    what: Literal["proof_of_use", "drawn_money", "own_contribution"]
    """The proof of use, drawn money that is not used yet, or own hours that fall short of what was awarded."""
    title: Line
    """What the grant is called."""
    due_on: date
    """The day by which it is owed."""


class Owed(Value):
    """What is owed around the conference by a day, and is not done."""

    what: Annotated[Literal["answer", "co_signature", "minutes_draft", "report", "interim_proof"], OPEN]
    """The answer to a recommendation, the co-signature of a paper, the draft of minutes, the report to the committee or
    the interim proof of a grant.
    """
    about: LeftOut[Line | None] = None
    """What that is called; absent of a report."""
    by: LeftOut[Line | None] = None
    """Who owes it; absent where it is the office."""
    year: LeftOut[BudgetYear | None] = None
    """The budget year that the proof is for; absent of everything else."""
    due_on: date
    """The day by which it is owed."""


class HeldUp(Value):
    """An address that no mail goes to, because a mail server refused it for good."""

    seat: Slug | None
    """The seat; null for a guest."""
    waiting: Annotated[Count, counted_in("mails")]
    """Mails that wait for it."""


class Digest(Value):
    """To the office, once a week: what waits for it. Seats are named, never people."""

    kind: Literal["digest"] = "digest"
    """That it is the digest."""
    day: date
    """The day that it is of."""
    vacant: tuple[VacantSeat, ...]
    """Seats that nobody has."""
    without_deputy: tuple[Slug, ...]
    """Seats that somebody has and nobody stands in for, where others have deputies."""
    absent_twice: tuple[Slug, ...]
    """Seats for which nobody came to the last two sessions of the plenary that they were invited to."""
    undelivered: Annotated[Count, counted_in("mails")]
    """Mails that did not arrive and that may be sent again."""
    refused: Annotated[Count, counted_in("open points")]
    """Open points: what should have followed by itself and was refused by a rule."""
    letters: Annotated[Count, counted_in("letters")]
    """Letters that are to be printed and posted."""
    owed: LeftOut[tuple[OwedOfGrant, ...] | None] = None
    """What grants oblige to within a month, or is late; absent where nothing is."""
    due: LeftOut[tuple[Owed, ...] | None] = None
    """What else is owed within a month, or is late; absent where nothing is."""
    suspended: LeftOut[tuple[HeldUp, ...] | None] = None
    """Addresses that no mail goes to until they are corrected or released; absent where there is none."""


class Minutes(Value):
    """The minutes of a session are there to be read."""

    kind: Literal["minutes"] = "minutes"
    """That it is about minutes."""
    session: Slug
    """The session."""
    appointment: Appointment
    """When and where it was."""
    document: Line
    """The reference of the minutes."""
    protocol: LeftOut[Protocol | None] = None
    """Their text, which is attached; absent where it is kept elsewhere."""
    edition: LeftOut[Edition | None] = None
    """The number of this version of them, from 1; absent where their text is kept elsewhere."""
    reason: LeftOut[Line | None] = None
    """Why they were corrected; absent for the first version."""
    objections_until: LeftOut[date | None] = None
    """The last day on which somebody may object, where the rules of procedure name one."""
    approved: LeftOut[bool | None] = None
    """True once they are approved."""


Content = Annotated[
    Welcome
    | Farewell
    | ContactCorrection
    | Invitation
    | Update
    | Cancellation
    | Withdrawal
    | Supplement
    | Reminder
    | Minutes
    | MissingAnswers
    | Digest,
    Field(discriminator="kind"),
]
