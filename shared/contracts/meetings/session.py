"""A session until it is held: scheduled, moved, called off, and who is invited to it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.members import RulesVersion
from shared.contracts.not_public import A_DRAFT, WHO_COMES
from shared.kernel.decider import Event
from shared.kernel.identifiers import PersonId, Slug, StreamPosition
from shared.kernel.text import Line
from shared.kernel.time import UtcTime
from shared.kernel.values import LeftOut, Value, counted_in

Count = Annotated[int, Field(ge=0, le=10_000)]
Tally = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""What was counted or added up, never typed by anybody; as large as a calendar's numbers may be (RFC 5545, 3.3.8)."""

Seats = Annotated[Tally, counted_in("seats")]
Revision = Annotated[Tally, counted_in("changes")]
Issue = Annotated[Tally, counted_in("issues of the invitation")]
SessionKind = Literal["plenary", "working_group", "workshop"]
Answer = Literal["accept", "decline", "deputy"]


class Recipient(Value):
    """Somebody to write to."""

    person: PersonId
    """Who: an opaque id."""
    seat: Slug | None
    """The seat that the person fills; null for guests."""


class AgendaItem(Value):
    """One item of an agenda."""

    number: Annotated[int, Field(ge=1, le=99), counted_in("place in a list")]
    """Its place on the agenda, from 1."""
    title: Line
    """What it is about."""
    public: bool
    """Whether the public may hear it."""


class Appointment(Value):
    """What a calendar shows."""

    title: Line
    """What the session is called."""
    starts: UtcTime
    """When it begins."""
    ends: UtcTime
    """When it ends."""
    place: Line
    """Where it is."""
    revision: Revision
    """How often start, end or place have changed: the SEQUENCE of a calendar entry (RFC 5545, 3.8.7.4)."""


class Missed(Value):
    """The session whose matters a second one decides, for want of a quorum at the first."""

    session: Slug
    """The first session."""
    held_on: date
    """The day of it."""


class OfSession(Event):
    """Something happens to one session."""

    session: Slug
    """The session: the last part of the stream's name."""


class SessionScheduled(OfSession):
    """Session {session} is scheduled.

    Said once for each session, before anything else of it.
    """

    german: ClassVar[str] = "Die Sitzung {session} ist angesetzt."

    kind: SessionKind
    """Whose session it is; a workshop stands alone."""
    working_group: Slug | None
    """The working group whose session it is; null for the others."""
    appointment: Appointment
    """When and where."""
    second_of: LeftOut[Missed | None] = None
    """The session that missed its quorum, where this is the second one about its matters."""


class AgendaChanged(OfSession):
    """Session {session} has a new agenda.

    Said whenever the agenda changes; nobody is told by it.
    """

    german: ClassVar[str] = "Die Sitzung {session} hat eine neue Tagesordnung."
    not_public: ClassVar[str] = A_DRAFT

    agenda: tuple[AgendaItem, ...]
    """The whole agenda."""


class GuestAdmitted(OfSession):
    """{person} may attend session {session} as a guest.

    Said when somebody without a seat may come; the invitation is another event.
    """

    german: ClassVar[str] = "{person} darf als Gast an {session} teilnehmen."
    not_public: ClassVar[str] = WHO_COMES

    person: PersonId
    """Who: an opaque id."""


class InvitationIssued(OfSession):
    """Invitation {issue} to session {session} is issued.

    Said when everybody on the roster and every guest is invited.
    """

    german: ClassVar[str] = "Zur Sitzung {session} ist eingeladen (Einladung {issue})."

    issue: Issue
    """The number of this version of the invitation, from 1."""
    kind: SessionKind
    """Whose session it is."""
    appointment: Appointment
    """When and where."""
    agenda: tuple[AgendaItem, ...]
    """The agenda that people are sent."""
    voting_seats: Seats
    """All seats of the conference, also vacant ones."""
    recipients: tuple[Recipient, ...]
    """Who is invited."""
    snapshot: str
    """SHA-256 of appointment, agenda, seats and recipients as they were: it proves what people were told."""
    quorum: Seats = 0
    """Seats that must be present, by the rules of that day; 0 where no quorum is required."""
    reminder_days: Annotated[Count, counted_in("days")] = 0
    """How many days before the start a reminder follows."""
    reason: Line | None = None
    """Why the notice may be shorter than the rules allow."""
    known_up_to: LeftOut[tuple[StreamPosition, ...] | None] = None
    """Where the office wanted it issued without waiting: the streams of members that the recipients were taken from."""
    told_at: LeftOut[UtcTime | None] = None
    """When its recipients were told: no reminder follows within a day. Not said by events of old."""
    notice_days: LeftOut[Annotated[Count, counted_in("days")] | None] = None
    """The usual notice by the rules of that day. Not said by events of old."""
    shortest_notice_days: LeftOut[Annotated[Count, counted_in("days")] | None] = None
    """With less notice a move needs a reason, by the rules of that day. Not said by events of old."""
    conference_name: LeftOut[Line | None] = None
    """What the conference is called."""
    group_name: LeftOut[Line | None] = None
    """What the working group is called whose session it is."""
    second_of: LeftOut[Missed | None] = None
    """The session that missed its quorum, where this is the second one about its matters: fewer seats are enough."""
    rules_version: LeftOut[RulesVersion | None] = None
    """The version of the conference's rules that notice and quorum are of. Not said by events of old."""
    minutes_days: LeftOut[Annotated[Count, counted_in("days")] | None] = None
    """So long after the session its minutes are to be drafted, by the rules of that day. Not said by events of old."""


class SessionRescheduled(OfSession):
    """Session {session} is moved.

    Said when start, end, place or title change.
    """

    german: ClassVar[str] = "Die Sitzung {session} ist verlegt."

    appointment: Appointment
    """When and where from now on."""
    recipients: tuple[Recipient, ...]
    """Who has to be told."""
    reason: LeftOut[Line | None] = None
    """Why the notice may be shorter than the rules allow."""
    told_at: LeftOut[UtcTime | None] = None
    """When its recipients were told: no reminder follows within a day. Not said by events of old."""
    rules_version: LeftOut[RulesVersion | None] = None
    """The version of the rules that its notice is of: that of the invitation. Left out before there is one."""


class SessionCancelled(OfSession):
    """Session {session} is cancelled.

    Said when a session will not take place.
    """

    german: ClassVar[str] = "Die Sitzung {session} ist abgesagt."

    appointment: Appointment
    """When and where it would have been."""
    reason: Line
    """Why."""
    recipients: tuple[Recipient, ...]
    """Who has to be told."""


class InvitationAnswered(OfSession):
    """{person} answers the invitation to {session}: {answer}.

    Said once for each seat that the person was invited for.
    """

    german: ClassVar[str] = "{person} antwortet auf die Einladung zu {session}: {answer}."
    not_public: ClassVar[str] = WHO_COMES

    person: PersonId
    """Who answers: an opaque id."""
    seat: Slug | None
    """The seat that the answer is for; null for guests."""
    answer: Answer
    """What the person answers; ``deputy``: somebody else will come for this seat."""
    revision: LeftOut[Revision | None] = None
    """Of the appointment that is answered: after a move the answer does not count. Not said by events of old."""


class DeadlineStageReached(OfSession):
    """Session {session} begins soon: its reminder is due.

    Said once for each day that the session stands on.
    """

    german: ClassVar[str] = "Die Sitzung {session} beginnt bald: Die Erinnerung ist fällig."
    not_public: ClassVar[str] = WHO_COMES

    deadline: Literal["session"]
    """Which deadline it is."""
    appointment: Appointment
    """When and where."""
    recipients: tuple[Recipient, ...]
    """Who has to be reminded: everybody invited who has not declined."""


class AnswersMissing(OfSession):
    """Nobody has answered the invitation to session {session} for {seats}.

    Said once for each day that the session stands on, with its reminder; never where everybody has answered.
    """

    german: ClassVar[str] = "Zur Sitzung {session} fehlt noch die Antwort von {seats}."
    not_public: ClassVar[str] = WHO_COMES

    appointment: Appointment
    """When and where."""
    seats: Annotated[tuple[Slug, ...], Field(min_length=1)]
    """The seats that are invited and for which no answer has come."""
