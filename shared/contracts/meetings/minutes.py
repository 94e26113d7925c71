"""Minutes of a session: their text, who objects to it, and what becomes of that. Nothing in them names a person."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.meetings.session import AgendaItem, Appointment, Count, OfSession, Recipient, Seats, Tally
from shared.contracts.not_public import A_DRAFT, THE_OFFICE, WHO_COMES
from shared.contracts.obligations import ObligationDue
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.text import Line, Prose
from shared.kernel.values import OPEN, LeftOut, Value, counted_in

ItemNumber = Annotated[Count, counted_in("place in a list")]
Votes = Annotated[Count, counted_in("votes")]
Edition = Annotated[Tally, counted_in("editions of the minutes")]
Outcome = Literal["consensus", "carried", "rejected"]


class MinutesItem(Value):
    """What the minutes say of one agenda item."""

    item: AgendaItem
    """The agenda item."""
    text: Prose | None
    """What was said, without names; null where nothing was written down."""
    outcome: Annotated[Outcome | None, OPEN]
    """How it was decided; null where nothing was."""
    votes: Annotated[tuple[Votes, ...], Field(max_length=3)] = ()
    """Yes, no and abstentions; empty where nobody voted."""


class Protocol(Value):
    """All that minutes tell: with it they can be set as a page or a document, the same each time."""

    conference_name: Line | None
    """What the conference is called."""
    appointment: Appointment
    """When and where the session was."""
    seats_present: Seats
    """Seats that were present at any time; heads do not count."""
    voting_seats: Seats
    """All seats of the conference, as of the invitation."""
    quorum: Seats
    """Seats that had to be present; 0 where no quorum was required."""
    items: tuple[MinutesItem, ...]
    """The agenda, item by item."""


class MinutesDrafted(OfSession):
    """The minutes of session {session} are drafted.

    Said when the office has written them down; they may be drafted again until they are sent.
    """

    german: ClassVar[str] = "Die Niederschrift der Sitzung {session} ist entworfen."
    not_public: ClassVar[str] = A_DRAFT

    document: Line
    """The reference of the minutes."""
    protocol: LeftOut[Protocol | None] = None
    """Their text; absent where it is kept elsewhere."""


class MinutesDraftDue(OfSession, ObligationDue):
    """The draft of the minutes of session {session} is owed by {due_on}.

    Said at each stage, from when the session is closed until its minutes are drafted.
    """

    german: ClassVar[str] = "Die Niederschrift zu {session} ist bis {due_on} zu entwerfen."
    not_public: ClassVar[str] = THE_OFFICE


class MinutesSent(OfSession):
    """The minutes of session {session} are sent.

    Said when they go to everybody who was invited.
    """

    german: ClassVar[str] = "Die Niederschrift der Sitzung {session} ist versandt."
    not_public: ClassVar[str] = WHO_COMES

    document: Line
    """The reference of the minutes."""
    appointment: Appointment
    """When and where the session was."""
    recipients: tuple[Recipient, ...]
    """Who gets them."""
    protocol: LeftOut[Protocol | None] = None
    """Their text; absent where it is kept elsewhere."""
    edition: LeftOut[Edition | None] = None
    """The number of this version of them, from 1. Not said by events of old."""
    objections_until: LeftOut[date | None] = None
    """The last day on which somebody may object, where the rules of procedure name one."""


class MinutesCorrected(OfSession):
    """The minutes of session {session} are corrected, edition {edition}: {reason}.

    Said when they were sent and have another text from now on; it goes to everybody who was invited.
    """

    german: ClassVar[str] = "Die Niederschrift der Sitzung {session} ist berichtigt, Fassung {edition}: {reason}."
    not_public: ClassVar[str] = WHO_COMES

    document: Line
    """The reference of the minutes."""
    edition: Edition
    """The number of this version of them."""
    protocol: Protocol
    """Their text from now on."""
    reason: Line
    """Why; nothing about a person."""
    appointment: Appointment
    """When and where the session was."""
    recipients: tuple[Recipient, ...]
    """Who gets them."""
    objections_until: LeftOut[date | None] = None
    """The last day on which somebody may object, where the rules of procedure name one."""


class MinutesObjected(OfSession):
    """{person} objects to what the minutes of session {session} say of item {item}.

    Said when the office records the objection of somebody who has a seat; it is open until it is answered.
    """

    german: ClassVar[str] = "{person} wendet sich gegen Punkt {item} der Niederschrift von {session}."
    not_public: ClassVar[str] = WHO_COMES

    person: PersonId
    """Who objects: an opaque id."""
    seat: Slug
    """The seat that they were invited for."""
    item: ItemNumber
    """The number of the agenda item."""
    text: Line
    """What should be written instead, and why; nothing about a person."""


class ObjectionRejected(OfSession):
    """The objection of {person} to item {item} of the minutes of session {session} is rejected: {reason}.

    Said when the text stays as it is; another text for the item answers an objection without it.
    """

    german: ClassVar[str] = "Die Einwendung von {person} gegen Punkt {item} ({session}) ist zurückgewiesen: {reason}."
    not_public: ClassVar[str] = WHO_COMES

    person: PersonId
    """Whose objection: an opaque id."""
    item: ItemNumber
    """The number of the agenda item."""
    reason: Line
    """Why; nothing about a person."""


class MinutesApproved(OfSession):
    """The minutes of session {session} are approved.

    Said when nobody objects any more.
    """

    german: ClassVar[str] = "Die Niederschrift der Sitzung {session} ist genehmigt."

    document: LeftOut[Line | None] = None
    """The reference of the minutes."""
    appointment: LeftOut[Appointment | None] = None
    """When and where the session was."""
    edition: LeftOut[Edition | None] = None
    """Which version of them is approved; absent where their text is kept elsewhere."""


class ApprovedMinutesSent(OfSession):
    """The minutes of session {session} are sent as they are approved, edition {edition}.

    Said when they are approved and their text is kept here: everybody who was invited gets it.
    """

    german: ClassVar[str] = "Die genehmigte Niederschrift der Sitzung {session} ist versandt, Fassung {edition}."
    not_public: ClassVar[str] = WHO_COMES

    document: Line
    """The reference of the minutes."""
    edition: Edition
    """Which version of them is approved."""
    protocol: Protocol
    """Their text."""
    appointment: Appointment
    """When and where the session was."""
    recipients: tuple[Recipient, ...]
    """Who gets them."""
