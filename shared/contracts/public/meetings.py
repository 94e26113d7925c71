"""What meetings says in public: sessions, what they decide where the public may hear it, and council papers."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.public.event import PublicEvent
from shared.kernel.identifiers import Slug
from shared.kernel.text import Line
from shared.kernel.time import UtcTime
from shared.kernel.values import Value, counted_in

SERVICE = "meetings.public"

Seats = Annotated[int, Field(ge=0, le=2**31 - 1), counted_in("seats")]
ItemNumber = Annotated[int, Field(ge=0, le=10_000), counted_in("place in a list")]


class PublicItem(Value):
    """One item of an agenda, as anybody may read it."""

    number: ItemNumber
    """Its place on the agenda, from 1."""
    title: Line | None
    """What it is about; null where the public may not hear it."""


class _TellsSession(PublicEvent):
    session: Slug
    """The session: the last part of the stream's name."""
    title: Line
    """What the session is called."""


class _TellsAppointment(_TellsSession):
    starts: UtcTime
    """When it begins."""
    ends: UtcTime
    """When it ends."""
    place: Line
    """Where it is."""


class SessionScheduled(_TellsAppointment):
    """Session {title} is scheduled for {starts} at {place}.

    Said once for each session, before anything else of it.
    """

    german: ClassVar[str] = "Die Sitzung „{title}“ ist angesetzt: {starts}, {place}."

    kind: Literal["plenary", "working_group", "workshop"]
    """Whose session it is; a workshop stands alone."""
    working_group: Slug | None
    """The working group whose session it is; null for the others."""


class SessionRescheduled(_TellsAppointment):
    """Session {title} is moved to {starts} at {place}.

    Said when start, end, place or title change.
    """

    german: ClassVar[str] = "Die Sitzung „{title}“ ist verlegt: {starts}, {place}."


class SessionCancelled(_TellsSession):
    """Session {title} of {starts} is cancelled.

    Said when a session will not take place.
    """

    german: ClassVar[str] = "Die Sitzung „{title}“ ({starts}) ist abgesagt."

    starts: UtcTime
    """When it would have begun."""


class AgendaPublished(_TellsSession):
    """The agenda of session {title} on {starts} is published.

    Said when the invitation is issued, and whenever the agenda changes afterwards; what is only planned is not public.
    """

    german: ClassVar[str] = "Die Tagesordnung der Sitzung „{title}“ ({starts}) ist veröffentlicht."

    starts: UtcTime
    """When the session begins."""
    agenda: tuple[PublicItem, ...]
    """The whole agenda."""


class SessionOpened(_TellsSession):
    """Session {title} is opened.

    Said when the chair opens it, on its day.
    """

    german: ClassVar[str] = "Die Sitzung „{title}“ ist eröffnet."


class _TellsQuorum(_TellsSession):
    needed: Seats
    """Seats that must be present."""
    voting_seats: Seats
    """All seats of the conference, as of the invitation."""


class QuorumEstablished(_TellsQuorum):
    """Session {title} has its quorum: at least {needed} of {voting_seats} seats are present.

    Said when an open plenary begins to have its quorum. How many are present is not public: it may be all.
    """

    german: ClassVar[str] = "Die Sitzung „{title}“ ist beschlussfähig (nötig: {needed} von {voting_seats})."


class QuorumMissed(_TellsQuorum):
    """Session {title} misses its quorum: fewer than {needed} of {voting_seats} seats are present.

    Said when an open plenary is without its quorum.
    """

    german: ClassVar[str] = "Die Sitzung „{title}“ ist nicht beschlussfähig (nötig: {needed} von {voting_seats})."


class _TellsDecision(_TellsSession):
    item: ItemNumber
    """The number of the agenda item."""
    subject: Line
    """What the item is about."""
    recommendation: Slug | None
    """The recommendation that is decided by it; null for another matter."""


class ConsensusRecorded(_TellsDecision):
    """Session {title} agrees on item {item}: {subject}.

    Said when nobody objects, of items that the public may hear. Of one item the last decision that is told counts: an
    earlier one was recorded wrongly.
    """

    german: ClassVar[str] = "Die Sitzung „{title}“ ist sich zu Punkt {item} „{subject}“ einig."


class VoteRecorded(_TellsDecision):
    """Session {title} votes on item {item}: {subject}.

    Said when there is no consensus, of items that the public may hear. How many voted how is not public: it may be all.
    Of one item the last decision that is told counts: an earlier one was recorded wrongly.
    """

    german: ClassVar[str] = "Die Sitzung „{title}“ stimmt über Punkt {item} „{subject}“ ab; angenommen: {carried}."

    carried: bool
    """Whether it is carried."""


class SessionClosed(_TellsSession):
    """Session {title} is closed.

    Said when the chair closes it.
    """

    german: ClassVar[str] = "Die Sitzung „{title}“ ist geschlossen."


class MinutesApproved(_TellsSession):
    """The minutes of session {title}, {document}, are approved.

    Said when nobody objects any more.
    """

    german: ClassVar[str] = "Die Niederschrift „{document}“ der Sitzung „{title}“ ist genehmigt."

    document: Line
    """The reference of the minutes."""


class _TellsRecommendation(PublicEvent):
    recommendation: Slug
    """The recommendation: the last part of the stream's name."""
    title: Line
    """What it recommends, in one line."""


class RecommendationAdopted(_TellsRecommendation):
    """The recommendation {title} is adopted by {by}.

    Said where the session has decided so on an item that the public may hear; once more where it was recorded wrongly
    how it has.
    """

    german: ClassVar[str] = "Die Empfehlung „{title}“ ist beschlossen ({by})."

    session: Slug
    """The session that has decided."""
    by: Literal["consensus", "majority"]
    """How it has decided."""
    working_group: Slug
    """The working group that has drafted it."""


class AdoptionTakenBack(_TellsRecommendation):
    """The recommendation {title} is not adopted after all.

    Said when the decision was recorded wrongly, of recommendations that were adopted in public.
    """

    german: ClassVar[str] = "Die Empfehlung „{title}“ ist doch nicht beschlossen."

    session: Slug
    """The session whose decision was recorded wrongly."""


class RecommendationReported(_TellsRecommendation):
    """The recommendation {title} is reported to {committee} on {on}.

    Said for each report to a committee of the council, of recommendations that were adopted in public.
    """

    german: ClassVar[str] = "Die Empfehlung „{title}“ ist am {on} berichtet: {committee}."

    committee: Line
    """The committee."""
    on: date
    """The day of the report."""


class _TellsPaper(PublicEvent):
    paper: Slug
    """The council paper: the last part of the stream's name."""
    reference: Line
    """Its number, as the council quotes it."""
    title: Line
    """What it is about."""
    on: date
    """The day that it is issued or decided on."""


class PaperIssued(_TellsPaper):
    """Council paper {reference}, {title}, is issued on {on}.

    Said once, when everybody asked has co-signed; a draft is not public.
    """

    german: ClassVar[str] = "Die Vorlage {reference} „{title}“ ist am {on} ausgegeben."

    kind: Literal["decision", "information"]
    """Whether the committee is to decide, or to be informed."""


class PaperDecided(_TellsPaper):
    """{committee} decides on council paper {reference}, {title}: {decision}.

    Said for each committee; after a postponement once more.
    """

    german: ClassVar[str] = "Vorlage {reference} „{title}“, am {on}, {committee}: {decision}."

    committee: Line
    """The committee."""
    decision: Literal["adopted", "rejected", "postponed", "noted"]
    """What it decides."""
