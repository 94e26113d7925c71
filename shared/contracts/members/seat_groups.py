"""Who may send delegates, how many, and whom they have nominated."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.not_public import A_PERSON, AN_ORGANISATION
from shared.kernel.decider import Event
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.text import Line
from shared.kernel.values import counted_in


class SeatGroupOpened(Event):
    """Seat group {group} is opened.

    Said once for each group, with all its seats; all of them are vacant then.
    """

    german: ClassVar[str] = "Die Sitzgruppe {group} ist eröffnet."

    group: Slug
    """The seat group: the last part of the stream's name."""
    number: Annotated[int, Field(ge=1, le=999), counted_in("place in a list")]
    """Its number in the paper's list, which is its order."""
    name: Line
    """What the group is called."""
    kind: Literal["delegated", "ex_officio"]
    """``delegated``: organisations nominate its delegates. ``ex_officio``: its seats follow a post."""
    seats: tuple[Slug, ...]
    """All seats of the group; each is named after the group and a number."""


class SeatGroupCorrected(Event):
    """Seat group {group} is called {name}, number {number}: {reason}.

    Said when what the group was called, or its number, was recorded by mistake.
    """

    german: ClassVar[str] = "Die Sitzgruppe {group} heißt {name}, Nummer {number}: {reason}."

    group: Slug
    """The seat group."""
    number: Annotated[int, Field(ge=1, le=999), counted_in("place in a list")]
    """Its number in the paper's list, as it should have been."""
    name: Line
    """What the group is called, as it should have been."""
    reason: Line
    """What was wrong; nothing about a person."""


class EntitlementChanged(Event):
    """Seat group {group} has the seats {seats} from {since}.

    Said when a group gets more or fewer seats; those that are gone keep their history.
    """

    german: ClassVar[str] = "Die Sitzgruppe {group} hat ab {since} die Sitze {seats}."

    group: Slug
    """The seat group."""
    seats: tuple[Slug, ...]
    """All seats that it has from that day on."""
    since: date
    """The first day with these seats."""


class OrganisationRegistered(Event):
    """Organisation {organisation} may send delegates for {group}.

    Said before an organisation nominates for the first time.
    """

    german: ClassVar[str] = "{organisation} darf für {group} entsenden."
    not_public: ClassVar[str] = AN_ORGANISATION

    organisation: Slug
    """The organisation."""
    name: Line
    """What the organisation is called."""
    group: Slug
    """The seat group that it may nominate for."""


class OrganisationCorrected(Event):
    """Organisation {organisation} of {group} is called {name}: {reason}.

    Said when what the organisation was called was recorded by mistake.
    """

    german: ClassVar[str] = "Die Organisation {organisation} für {group} heißt {name}: {reason}."
    not_public: ClassVar[str] = AN_ORGANISATION

    organisation: Slug
    """The organisation."""
    name: Line
    """What it is called, as it should have been."""
    group: Slug
    """The seat group that it may nominate for."""
    reason: Line
    """What was wrong; nothing about a person."""


class DelegateNominated(Event):
    """{organisation} nominates {person} for {group}.

    Said when an organisation has named somebody, and when that stands again because the mandate that followed is
    withdrawn; no seat is filled by it.
    """

    german: ClassVar[str] = "{organisation} schlägt {person} für {group} vor."
    not_public: ClassVar[str] = A_PERSON

    group: Slug
    """The seat group."""
    person: PersonId
    """Who is nominated: an opaque id."""
    organisation: Slug
    """Who nominates."""


class NominationConfirmed(Event):
    """The nomination of {person} for {group} is confirmed.

    Said when the office has found it in order; the appointment comes later.
    """

    german: ClassVar[str] = "Der Vorschlag von {person} für {group} ist bestätigt."
    not_public: ClassVar[str] = A_PERSON

    group: Slug
    """The seat group."""
    person: PersonId
    """Who is nominated: an opaque id."""


class NominationReturned(Event):
    """The nomination of {person} for {group} is returned: {reason}.

    Said when a nomination counts no more and was not used up by an appointment; it takes a new one.
    """

    german: ClassVar[str] = "Der Vorschlag von {person} für {group} ist zurückgegeben: {reason}."
    not_public: ClassVar[str] = A_PERSON

    group: Slug
    """The seat group."""
    person: PersonId
    """Who was nominated: an opaque id."""
    reason: Literal["not_entitled", "form_missing", "seat_filled", "withdrawn", "erased", "other"]
    """Why."""
