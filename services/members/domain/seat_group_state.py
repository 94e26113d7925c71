"""What a seat group knows of itself: its seats with who sits there, and who may be appointed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, assert_never

from shared.contracts.members import (
    DelegateAppointed,
    DelegateNominated,
    MandateEnded,
    OrganisationRegistered,
    PostHolderChanged,
    SeatGroupOpened,
)
from shared.kernel.decider import Command
from shared.kernel.identifiers import PersonId, Slug, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line

# Events

SeatGroupEvent = (
    SeatGroupOpened | OrganisationRegistered | DelegateNominated | DelegateAppointed | PostHolderChanged | MandateEnded
)

# State


@dataclass(frozen=True, slots=True)
class Occupant:
    person: PersonId
    since: date


@dataclass(frozen=True, slots=True)
class SeatGroup:
    kind: Literal["delegated", "ex_officio"] | None = None
    name: Line | None = None
    seats: Mapping[Slug, Occupant | None] = field(default_factory=dict)
    organisations: frozenset[Slug] = frozenset()
    nominated: Mapping[PersonId, Slug] = field(default_factory=dict)

    def seat_of(self, person: PersonId) -> Slug | None:
        return next((seat for seat, sits in self.seats.items() if sits and sits.person == person), None)


def evolve(group: SeatGroup, event: SeatGroupEvent) -> SeatGroup:
    match event:
        case SeatGroupOpened():
            return replace(group, kind=event.kind, name=event.name, seats=dict.fromkeys(event.seats))
        case OrganisationRegistered():
            return replace(group, organisations=group.organisations | {event.organisation})
        case DelegateNominated():
            return replace(group, nominated={**group.nominated, event.person: event.organisation})
        case DelegateAppointed() | PostHolderChanged():
            return replace(group, seats={**group.seats, event.seat: Occupant(event.person, event.since)})
        case MandateEnded():
            return replace(group, seats={**group.seats, event.seat: None}, nominated=_without(group, event.person))
        case _:
            assert_never(event)


def _without(group: SeatGroup, person: PersonId) -> Mapping[PersonId, Slug]:
    """A nomination is for one mandate: with it, it is over."""
    return {nominated: by for nominated, by in group.nominated.items() if nominated != person}


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


def must_be_open(group: SeatGroup, name: Slug) -> None:
    if group.kind is None:
        raise SeatGroupNotOpen(group=name)


def must_be_delegated(group: SeatGroup, name: Slug) -> None:
    must_be_open(group, name)
    if group.kind == "ex_officio":
        raise SeatFollowsPost(group=name)
