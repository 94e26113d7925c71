"""What a seat group knows of itself: its seats with everybody who ever had one, and who may be appointed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, assert_never

from services.members.domain.leavings import Leaving
from services.members.domain.vacancies import Vacancy
from shared.contracts.members import (
    DelegateAppointed,
    DelegateNominated,
    DeputyAppointed,
    DeputyEnded,
    EntitlementChanged,
    HolderLeft,
    MandateCorrected,
    MandateEnded,
    MandateWithdrawn,
    NominationConfirmed,
    NominationReturned,
    OrganisationCorrected,
    OrganisationRegistered,
    PostHolderChanged,
    PostVacated,
    SeatGroupCorrected,
    SeatGroupOpened,
    SeatVacated,
)
from shared.contracts.occupancies import Seat, SeatEvent, Seats, seat_of, seats_after
from shared.kernel.decider import Command
from shared.kernel.identifiers import PersonId, Slug, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line

# Events

SeatGroupEvent = (
    SeatEvent
    | SeatGroupCorrected
    | OrganisationRegistered
    | OrganisationCorrected
    | DelegateNominated
    | NominationConfirmed
    | NominationReturned
    | SeatVacated
    | HolderLeft
)

# State


@dataclass(frozen=True, slots=True)
class Nomination:
    organisation: Slug
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class SeatGroup:
    opened: SeatGroupOpened | None = None
    """The group's present name and number."""
    seats: Seats = ()
    organisations: Mapping[Slug, Line] = field(default_factory=dict)
    nominated: Mapping[PersonId, Nomination] = field(default_factory=dict)
    """The nominations that no appointment has used up."""
    vacated: frozenset[Vacancy] = frozenset()
    """Each seat that was announced as vacant, with the first vacant day."""
    left: frozenset[Leaving] = frozenset()
    """Who was announced to have left which seat."""

    @property
    def kind(self) -> Literal["delegated", "ex_officio"] | None:
        return self.opened.kind if self.opened else None

    @property
    def name(self) -> Line | None:
        return self.opened.name if self.opened else None

    def seat(self, name: Slug) -> Seat | None:
        return seat_of(self.seats, name)


def evolve(group: SeatGroup, event: SeatGroupEvent) -> SeatGroup:
    match event:
        case SeatGroupOpened():
            return replace(group, opened=event, seats=seats_after((), event))
        case SeatGroupCorrected():
            told = {"name": event.name, "number": event.number}
            return replace(group, opened=group.opened and group.opened.model_copy(update=told))
        case OrganisationRegistered() | OrganisationCorrected():
            return replace(group, organisations={**group.organisations, event.organisation: event.name})
        case DelegateNominated():
            return replace(group, nominated={**group.nominated, event.person: Nomination(event.organisation)})
        case NominationConfirmed():
            return _with_confirmed(group, event.person)
        case NominationReturned():
            return _without_nomination(group, event.person)
        case MandateEnded() | DeputyEnded() if keeps_nomination(event):
            return replace(group, seats=seats_after(group.seats, event))
        case DelegateAppointed() | MandateEnded() | DeputyEnded():
            return _without_nomination(replace(group, seats=seats_after(group.seats, event)), event.person)
        case SeatVacated():
            return replace(group, vacated=group.vacated | {Vacancy(event.seat, event.since)})
        case HolderLeft():
            return replace(group, left=group.left | {Leaving(event.seat, event.person, event.until)})
        case (
            EntitlementChanged()
            | PostHolderChanged()
            | PostVacated()
            | DeputyAppointed()
            | MandateCorrected()
            | MandateWithdrawn()
        ):
            return replace(group, seats=seats_after(group.seats, event))
        case _:
            assert_never(event)


def _with_confirmed(group: SeatGroup, person: PersonId) -> SeatGroup:
    nominated = {one: replace(by, confirmed=by.confirmed or one == person) for one, by in group.nominated.items()}
    return replace(group, nominated=nominated)


def keeps_nomination(ended: MandateEnded | DeputyEnded) -> bool:
    """What stands is for a next mandate, as the appointment to this one used up its own. The dead get none."""
    return ended.reason not in ("deceased", "erased")


def _without_nomination(group: SeatGroup, person: PersonId) -> SeatGroup:
    """A nomination is for one mandate. The appointment uses it up."""
    others = {nominated: by for nominated, by in group.nominated.items() if nominated != person}
    return replace(group, nominated=others)


# What every command about a group asks


class AboutGroup(Command):
    group: Slug

    @property
    def stream(self) -> str:
        return stream_name(self.conference, "seat-group", self.group)


class SeatGroupNotOpen(Rejected):
    """Die Gruppe „{group}“ ist nicht eröffnet."""

    kind = Kind.NOT_FOUND


class SeatFollowsPost(Rejected):
    """Die Sitze der Gruppe „{group}“ folgen einem Amt und werden nicht durch Vorschlag besetzt."""


class SeatUnknown(Rejected):
    """Die Gruppe „{group}“ hat keinen Sitz „{seat}“."""

    kind = Kind.NOT_FOUND


def must_be_open(group: SeatGroup, name: Slug) -> None:
    if group.kind is None:
        raise SeatGroupNotOpen(group=name)


def must_be_delegated(group: SeatGroup, name: Slug) -> None:
    must_be_open(group, name)
    if group.kind == "ex_officio":
        raise SeatFollowsPost(group=name)


def must_have(group: SeatGroup, name: Slug, seat: Slug) -> Seat:
    found = group.seat(seat)
    if found is None:
        raise SeatUnknown(group=name, seat=seat)
    return found
