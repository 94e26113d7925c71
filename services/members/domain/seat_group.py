"""A seat group sends delegates to its seats. Seats belong to the group, and no seat is ever filled twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Literal, assert_never

from pydantic import Field, StringConstraints

from services.members.domain.person import PersonUnknown
from shared.contracts.members import (
    DelegateAppointed,
    DelegateNominated,
    MandateEnded,
    OrganisationRegistered,
    PostHolderChanged,
    SeatGroupOpened,
)
from shared.kernel.decider import Command, Decider
from shared.kernel.identifiers import LONGEST_SLUG, PersonId, Slug, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line
from shared.kernel.time import Day, german_day
from shared.kernel.values import Supplied

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
    seats: Mapping[Slug, Occupant | None] = field(default_factory=dict)
    organisations: frozenset[Slug] = frozenset()
    nominated: Mapping[PersonId, Slug] = field(default_factory=dict)

    def seat_of(self, person: PersonId) -> Slug | None:
        return next((seat for seat, sits in self.seats.items() if sits and sits.person == person), None)


def evolve(group: SeatGroup, event: SeatGroupEvent) -> SeatGroup:
    match event:
        case SeatGroupOpened():
            return replace(group, kind=event.kind, seats=dict.fromkeys(event.seats))
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


# Commands


class _AboutGroup(Command):
    group: Slug

    @property
    def stream(self) -> str:
        return stream_name(self.conference, "seat-group", self.group)


SEATS_OF_A_GROUP = 50

GroupName = Annotated[Slug, StringConstraints(max_length=LONGEST_SLUG - len(f"-{SEATS_OF_A_GROUP}"))]
"""Leaves room for the number that makes it the name of a seat."""


def group_of(seat: Slug) -> Slug:
    return seat.rpartition("-")[0]


class OpenSeatGroup(_AboutGroup):
    """Open a group with its number of seats (GRDrs 905/2023, lines 151-219)."""

    group: GroupName
    number: Annotated[int, Field(ge=1, le=999)]
    name: Line
    kind: Literal["delegated", "ex_officio"]
    seats: Annotated[int, Field(ge=1, le=SEATS_OF_A_GROUP)]


class RegisterOrganisation(_AboutGroup):
    """Register an organisation that may nominate delegates for the group."""

    organisation: Slug
    name: Line


class NominateDelegate(_AboutGroup):
    """Nominate a person on behalf of an organisation of the group."""

    person: PersonId
    organisation: Slug
    person_known: Supplied[bool]


class AppointDelegate(_AboutGroup):
    """Fill a vacant seat with a nominated person."""

    seat: Slug
    person: PersonId
    since: Day
    person_known: Supplied[bool]


class ChangePostHolder(_AboutGroup):
    """Record who holds the post that an ex-officio seat follows."""

    seat: Slug
    person: PersonId
    since: Day
    person_known: Supplied[bool]


class EndMandate(_AboutGroup):
    """End a mandate; the seat is vacant afterwards and its history stays."""

    seat: Slug
    until: Day
    reason: Literal["resigned", "recalled", "post_ended", "deceased", "erased", "other"]


SeatGroupCommand = (
    OpenSeatGroup | RegisterOrganisation | NominateDelegate | AppointDelegate | ChangePostHolder | EndMandate
)

# Rejections


class SeatGroupNotOpen(Rejected):
    """Die Gruppe „{group}“ ist nicht eröffnet."""

    kind = Kind.NOT_FOUND


class SeatGroupOpenedDifferently(Rejected):
    """Die Gruppe „{group}“ ist bereits mit anderen Angaben eröffnet."""


class SeatUnknown(Rejected):
    """Die Gruppe „{group}“ hat keinen Sitz „{seat}“."""

    kind = Kind.NOT_FOUND


class SeatAlreadyFilled(Rejected):
    """Der Sitz „{seat}“ ist seit {since} besetzt."""


class SeatIsVacant(Rejected):
    """Der Sitz „{seat}“ ist nicht besetzt."""


class NotNominated(Rejected):
    """Die Person ist für die Gruppe „{group}“ nicht vorgeschlagen."""


class SitsAlready(Rejected):
    """Die Person hat in der Gruppe „{group}“ bereits den Sitz „{seat}“."""


class OrganisationUnknown(Rejected):
    """Die Organisation „{organisation}“ entsendet nicht für die Gruppe „{group}“."""

    kind = Kind.NOT_FOUND


class SeatFollowsPost(Rejected):
    """Die Sitze der Gruppe „{group}“ folgen einem Amt und werden nicht durch Vorschlag besetzt."""


class SeatIsDelegated(Rejected):
    """Die Sitze der Gruppe „{group}“ werden durch Vorschlag besetzt und folgen keinem Amt."""


class MandateEndsBeforeItBegan(Rejected):
    """Das Mandat begann am {since} und kann nicht vorher enden."""

    kind = Kind.INVALID


# decide


def decide(group: SeatGroup, command: SeatGroupCommand) -> Sequence[SeatGroupEvent]:
    match command:
        case OpenSeatGroup():
            return _open(group, command)
        case RegisterOrganisation():
            return _register(group, command)
        case NominateDelegate():
            return _nominate(group, command)
        case AppointDelegate():
            return _appoint(group, command)
        case ChangePostHolder():
            return _change_post_holder(group, command)
        case EndMandate():
            return _end(group, command)
        case _:
            assert_never(command)


def _open(group: SeatGroup, open_: OpenSeatGroup) -> Sequence[SeatGroupEvent]:
    seats = tuple(f"{open_.group}-{number}" for number in range(1, open_.seats + 1))
    if group.kind is not None:
        if (group.kind, tuple(group.seats)) != (open_.kind, seats):
            raise SeatGroupOpenedDifferently(group=open_.group)
        return []
    return [SeatGroupOpened(group=open_.group, number=open_.number, name=open_.name, kind=open_.kind, seats=seats)]


def _register(group: SeatGroup, register: RegisterOrganisation) -> Sequence[SeatGroupEvent]:
    _must_be_delegated(group, register.group)
    if register.organisation in group.organisations:
        return []
    return [OrganisationRegistered(organisation=register.organisation, name=register.name, group=register.group)]


def _nominate(group: SeatGroup, nominate: NominateDelegate) -> Sequence[SeatGroupEvent]:
    _must_be_delegated(group, nominate.group)
    if nominate.organisation not in group.organisations:
        raise OrganisationUnknown(organisation=nominate.organisation, group=nominate.group)
    if not nominate.person_known:
        raise PersonUnknown
    if group.nominated.get(nominate.person) == nominate.organisation:
        return []
    return [DelegateNominated(group=nominate.group, person=nominate.person, organisation=nominate.organisation)]


def _appoint(group: SeatGroup, appoint: AppointDelegate) -> Sequence[SeatGroupEvent]:
    _must_be_delegated(group, appoint.group)
    if _sits(group, appoint.group, appoint.seat, appoint.person):
        return []
    if not appoint.person_known:
        raise PersonUnknown
    if appoint.person not in group.nominated:
        raise NotNominated(group=appoint.group)
    _must_be_vacant(group, appoint.seat)
    _must_not_sit(group, appoint.group, appoint.person)
    return [
        DelegateAppointed(
            group=appoint.group,
            seat=appoint.seat,
            person=appoint.person,
            organisation=group.nominated[appoint.person],
            since=appoint.since,
        )
    ]


def _change_post_holder(group: SeatGroup, change: ChangePostHolder) -> Sequence[SeatGroupEvent]:
    _must_be_open(group, change.group)
    if group.kind != "ex_officio":
        raise SeatIsDelegated(group=change.group)
    if _sits(group, change.group, change.seat, change.person):
        return []
    if not change.person_known:
        raise PersonUnknown
    _must_not_sit(group, change.group, change.person)
    return [PostHolderChanged(group=change.group, seat=change.seat, person=change.person, since=change.since)]


def _end(group: SeatGroup, end: EndMandate) -> Sequence[SeatGroupEvent]:
    _must_be_open(group, end.group)
    occupant = _occupant(group, end.group, end.seat)
    if occupant is None:
        raise SeatIsVacant(seat=end.seat)
    if end.until < occupant.since:
        raise MandateEndsBeforeItBegan(since=german_day(occupant.since))
    return [MandateEnded(group=end.group, seat=end.seat, person=occupant.person, until=end.until, reason=end.reason)]


def _must_be_open(group: SeatGroup, name: Slug) -> None:
    if group.kind is None:
        raise SeatGroupNotOpen(group=name)


def _must_be_delegated(group: SeatGroup, name: Slug) -> None:
    _must_be_open(group, name)
    if group.kind == "ex_officio":
        raise SeatFollowsPost(group=name)


def _occupant(group: SeatGroup, name: Slug, seat: Slug) -> Occupant | None:
    if seat not in group.seats:
        raise SeatUnknown(group=name, seat=seat)
    return group.seats[seat]


def _sits(group: SeatGroup, name: Slug, seat: Slug, person: PersonId) -> bool:
    occupant = _occupant(group, name, seat)
    return occupant is not None and occupant.person == person


def _must_be_vacant(group: SeatGroup, seat: Slug) -> None:
    if occupant := group.seats[seat]:
        raise SeatAlreadyFilled(seat=seat, since=german_day(occupant.since))


def _must_not_sit(group: SeatGroup, name: Slug, person: PersonId) -> None:
    if seat := group.seat_of(person):
        raise SitsAlready(group=name, seat=seat)


SEAT_GROUP = Decider("seat-group", SeatGroup(), evolve, decide, most_events=50_000)  # 0.3 KB each
