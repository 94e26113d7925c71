"""What members says in public: the conference, its seat groups and working groups, and nobody who is in them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.public.event import PublicEvent
from shared.kernel.identifiers import Slug
from shared.kernel.text import Line
from shared.kernel.values import LeftOut, counted_in

SERVICE = "members.public"

Seats = Annotated[int, Field(ge=0, le=999), counted_in("seats")]
Number = Annotated[int, Field(ge=1, le=999), counted_in("place in a list")]


class _TellsConference(PublicEvent):
    name: Line
    """What the conference is called."""
    reference: Line
    """The council paper that establishes it, as the council quotes it."""
    office: Line
    """The office that runs the conference."""
    committee: Line
    """The council's committee that it reports to."""


class ConferenceEstablished(_TellsConference):
    """The conference {name} is established by {reference}, run by {office}.

    Said once for each conference, before anything else of it.
    """

    german: ClassVar[str] = "Die Konferenz „{name}“ ist durch {reference} eingerichtet ({office})."

    paper: LeftOut[Slug | None] = None
    """The key of the same paper, where it is one of this system."""


class ConferenceCorrected(_TellsConference):
    """The conference is called {name}, established by {reference}, run by {office}.

    Said when what it, its paper, its office or its committee is called was recorded by mistake.
    """

    german: ClassVar[str] = "Die Konferenz heißt „{name}“, eingerichtet durch {reference} ({office})."


class GuestPoolInvited(PublicEvent):
    """Guests from {name} may attend at any time.

    Said once for each pool of people without a seat.
    """

    german: ClassVar[str] = "Gäste aus „{name}“ dürfen jederzeit teilnehmen."

    pool: Slug
    """The pool."""
    name: Line
    """What the pool is called."""


class _TellsSeatGroup(PublicEvent):
    group: Slug
    """The seat group."""
    name: Line
    """What the group is called."""


class SeatGroupOpened(_TellsSeatGroup):
    """Seat group {name} is opened with {seats} seats.

    Said once for each group. Who has its seats is not public.
    """

    german: ClassVar[str] = "Die Sitzgruppe „{name}“ ist eröffnet, Zahl ihrer Sitze: {seats}."

    number: Number
    """Its number in the council paper's list."""
    kind: Literal["delegated", "ex_officio"]
    """``delegated``: organisations nominate its delegates. ``ex_officio``: its seats follow a post."""
    seats: Seats
    """How many seats it has."""


class SeatGroupCorrected(_TellsSeatGroup):
    """Seat group number {number} is called {name} after a correction.

    Said when what the group was called, or its number, was recorded by mistake.
    """

    german: ClassVar[str] = "Die Sitzgruppe Nummer {number} heißt nach einer Berichtigung „{name}“."

    number: Number
    """Its number in the council paper's list."""


class EntitlementChanged(_TellsSeatGroup):
    """Seat group {name} has {seats} seats from {since}.

    Said when a group gets more or fewer seats.
    """

    german: ClassVar[str] = "Die Sitzgruppe „{name}“ hat ab {since} so viele Sitze: {seats}."

    seats: Seats
    """How many seats it has from that day on."""
    since: date
    """The first day with so many seats."""


class _TellsWorkingGroup(PublicEvent):
    working_group: Slug
    """The working group."""
    name: Line
    """What the working group is called."""


class WorkingGroupEstablished(_TellsWorkingGroup):
    """Working group {name} is established.

    Said once for each working group. Who works in it is not public.
    """

    german: ClassVar[str] = "Die Arbeitsgruppe „{name}“ ist eingerichtet."

    topics: tuple[Line, ...]
    """What it works on."""


class WorkingGroupCorrected(_TellsWorkingGroup):
    """What a working group is called or works on is corrected: {name}.

    Said when what the group is called, or works on, was recorded by mistake.
    """

    german: ClassVar[str] = "Bezeichnung oder Themen einer Arbeitsgruppe sind berichtigt: „{name}“."

    topics: tuple[Line, ...]
    """What it works on."""


class WorkingGroupClosed(_TellsWorkingGroup):
    """Working group {name} is closed.

    Said when its work is done.
    """

    german: ClassVar[str] = "Die Arbeitsgruppe „{name}“ ist beendet."
