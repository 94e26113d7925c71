"""A session when it is held: who is there, and what it decides."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

from shared.contracts.meetings.session import Count, OfSession, Seats
from shared.contracts.members import RulesVersion
from shared.contracts.not_public import WHO_COMES
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.text import Line
from shared.kernel.time import UtcTime
from shared.kernel.values import LeftOut, counted_in

ItemNumber = Annotated[Count, counted_in("place in a list")]
Votes = Annotated[Count, counted_in("votes")]


class ArrivalRecorded(OfSession):
    """{person} arrives at session {session}.

    Said once for each seat that the person fills, before the session is opened or while it is open.
    """

    german: ClassVar[str] = "{person} kommt zur Sitzung {session}."
    not_public: ClassVar[str] = WHO_COMES

    person: PersonId
    """Who arrives: an opaque id."""
    seat: Slug | None
    """The seat that is present by it; null for guests."""
    arrived_at: LeftOut[UtcTime | None] = None
    """Since when, also where it was typed afterwards. Not said by events of old: when it was recorded."""


class DepartureRecorded(OfSession):
    """{person} leaves session {session}.

    Said once for each seat that the person fills, while the session goes on.
    """

    german: ClassVar[str] = "{person} verlässt die Sitzung {session}."
    not_public: ClassVar[str] = WHO_COMES

    person: PersonId
    """Who leaves: an opaque id."""
    seat: Slug | None
    """The seat that is no longer present; null for guests."""
    left_at: LeftOut[UtcTime | None] = None
    """Since when, also where it was typed afterwards. Not said by events of old: when it was recorded."""


class AttendanceCorrected(OfSession):
    """The times of {person} at session {session} are corrected: {reason}.

    Said once for each seat; it changes no decision that was recorded before.
    """

    german: ClassVar[str] = "Die Zeiten von {person} in {session} sind berichtigt: {reason}."
    not_public: ClassVar[str] = WHO_COMES

    person: PersonId
    """Whose attendance: an opaque id."""
    seat: Slug | None
    """The seat that the person was there for; null for guests."""
    arrived_at: UtcTime
    """Since when."""
    left_at: UtcTime | None
    """Until when; null for who stayed to the end."""
    reason: Line
    """Why."""


class AttendanceWithdrawn(OfSession):
    """{person} was not at session {session}: {reason}.

    Said once for each seat when somebody was recorded by mistake.
    """

    german: ClassVar[str] = "{person} war nicht in {session}: {reason}."
    not_public: ClassVar[str] = WHO_COMES

    person: PersonId
    """Who was not there: an opaque id."""
    seat: Slug | None
    """The seat; null for guests."""
    reason: Line
    """Why."""


class SessionOpened(OfSession):
    """Session {session} is opened.

    Said when the chair opens it, on its day.
    """

    german: ClassVar[str] = "Die Sitzung {session} ist eröffnet."

    opened_at: LeftOut[UtcTime | None] = None
    """Since when, also where it was typed afterwards. Not said by events of old: when it was recorded."""


class QuorumEstablished(OfSession):
    """Session {session} has its quorum: {present} of {voting_seats} seats, {needed} needed.

    Said when an open plenary begins to have its quorum; never where no quorum is required.
    """

    german: ClassVar[str] = "{session} ist beschlussfähig: {present} von {voting_seats} Sitzen, nötig {needed}."

    present: Seats
    """Seats that are present; heads do not count."""
    voting_seats: Seats
    """All seats of the conference, as of the invitation."""
    needed: Seats
    """Seats that must be present."""
    rules_version: LeftOut[RulesVersion | None] = None
    """The version of the conference's rules that says how many: that of the invitation."""


class QuorumMissed(OfSession):
    """Session {session} misses its quorum: {present} of {voting_seats} seats, {needed} needed.

    Said when an open plenary is without its quorum; nothing is decided until it is established.
    """

    german: ClassVar[str] = "{session} ist nicht beschlussfähig: {present} von {voting_seats} Sitzen, nötig {needed}."

    present: Seats
    """Seats that are present; heads do not count."""
    voting_seats: Seats
    """All seats of the conference, as of the invitation."""
    needed: Seats
    """Seats that must be present."""
    rules_version: LeftOut[RulesVersion | None] = None
    """The version of the conference's rules that says how many: that of the invitation."""


class ConsensusRecorded(OfSession):
    """Session {session} agrees on agenda item {item}.

    Said when nobody objects.
    """

    german: ClassVar[str] = "{session} ist sich über Punkt {item} einig."

    item: ItemNumber
    """The number of the agenda item."""
    recommendation: Slug | None
    """The recommendation that is decided by it; null for another matter."""
    present: Seats
    """Seats that are present."""
    title: LeftOut[Line | None] = None
    """What the agenda item is about."""
    public: LeftOut[bool | None] = None
    """Whether the public may hear the agenda item."""


class VoteRecorded(OfSession):
    """Session {session} votes on agenda item {item}: {yes} yes, {no} no, {abstentions} abstentions.

    Said when there is no consensus.
    """

    german: ClassVar[str] = "{session} stimmt über Punkt {item} ab: {yes} Ja, {no} Nein, {abstentions} Enthaltungen."

    item: ItemNumber
    """The number of the agenda item."""
    recommendation: Slug | None
    """The recommendation that is decided by it; null for another matter."""
    yes: Votes
    """Votes for it."""
    no: Votes
    """Votes against it."""
    abstentions: Votes
    """Neither for it nor against it."""
    present: Seats
    """Seats that are present."""
    carried: bool
    """Whether it is carried: more yes than no; a tie is a no."""
    title: LeftOut[Line | None] = None
    """What the agenda item is about."""
    public: LeftOut[bool | None] = None
    """Whether the public may hear the agenda item."""


class DecisionCorrected(OfSession):
    """What session {session} has decided on agenda item {item} is corrected: {reason}.

    Said when it was recorded wrongly. It takes the place of all that was recorded of this decision before.
    """

    german: ClassVar[str] = "Berichtigt ist, was {session} zu Punkt {item} beschlossen hat: {reason}."

    item: ItemNumber
    """The number of the agenda item."""
    recommendation: Slug | None
    """The recommendation that is decided by it; null for another matter."""
    by: Literal["consensus", "vote"]
    """How it was decided."""
    carried: bool
    """Whether it is carried: what nobody objects to is; a vote has more yes than no."""
    was_carried: bool
    """Whether it was carried as it was recorded before."""
    yes: LeftOut[Votes | None] = None
    """Votes for it; absent where nobody voted."""
    no: LeftOut[Votes | None] = None
    """Votes against it; absent where nobody voted."""
    abstentions: LeftOut[Votes | None] = None
    """Neither for it nor against it; absent where nobody voted."""
    present: Seats
    """Seats that were present."""
    title: LeftOut[Line | None] = None
    """What the agenda item is about."""
    public: LeftOut[bool | None] = None
    """Whether the public may hear the agenda item."""
    reason: Line
    """Why it is corrected; nothing about a person."""


class SessionClosed(OfSession):
    """Session {session} is closed.

    Said when the chair closes it.
    """

    german: ClassVar[str] = "Die Sitzung {session} ist geschlossen."

    without_quorum: LeftOut[bool | None] = None
    """True where it had no quorum in the end: what it has not decided is for a second session."""
    minutes_due: LeftOut[date | None] = None
    """The day by which its minutes are to be drafted, by the rules of its invitation. Not said by events of old."""
