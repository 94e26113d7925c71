"""A mandate: a nominated delegate or the holder of a post has a seat, until it ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, assert_never

from services.members.domain.person import PersonUnknown
from services.members.domain.seat_group_state import (
    AboutGroup,
    Occupant,
    SeatGroup,
    must_be_delegated,
    must_be_open,
)
from shared.contracts.members import DelegateAppointed, MandateEnded, PostHolderChanged
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import Day, german_day
from shared.kernel.values import Supplied

# Events

MandateEvent = DelegateAppointed | PostHolderChanged | MandateEnded

# Commands


class AppointDelegate(AboutGroup):
    """Fill a vacant seat with a nominated person."""

    seat: Slug
    person: PersonId
    since: Day
    person_known: Supplied[bool]


class ChangePostHolder(AboutGroup):
    """Record who holds the post that an ex-officio seat follows."""

    seat: Slug
    person: PersonId
    since: Day
    person_known: Supplied[bool]


class EndMandate(AboutGroup):
    """End a mandate; the seat is vacant afterwards and its history stays."""

    seat: Slug
    until: Day
    reason: Literal["resigned", "recalled", "post_ended", "deceased", "erased", "other"]


MandateCommand = AppointDelegate | ChangePostHolder | EndMandate

# Rejections


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


class SeatIsDelegated(Rejected):
    """Die Sitze der Gruppe „{group}“ werden durch Vorschlag besetzt und folgen keinem Amt."""


class MandateEndsBeforeItBegan(Rejected):
    """Das Mandat begann am {since} und kann nicht vorher enden."""

    kind = Kind.INVALID


# decide


def decide(group: SeatGroup, command: MandateCommand) -> Sequence[MandateEvent]:
    match command:
        case AppointDelegate():
            return _appoint(group, command)
        case ChangePostHolder():
            return _change_post_holder(group, command)
        case EndMandate():
            return _end(group, command)
        case _:
            assert_never(command)


def _appoint(group: SeatGroup, appoint: AppointDelegate) -> Sequence[MandateEvent]:
    must_be_delegated(group, appoint.group)
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
            group_name=group.name,
        )
    ]


def _change_post_holder(group: SeatGroup, change: ChangePostHolder) -> Sequence[MandateEvent]:
    must_be_open(group, change.group)
    if group.kind != "ex_officio":
        raise SeatIsDelegated(group=change.group)
    if _sits(group, change.group, change.seat, change.person):
        return []
    if not change.person_known:
        raise PersonUnknown
    _must_not_sit(group, change.group, change.person)
    return [
        PostHolderChanged(
            group=change.group, seat=change.seat, person=change.person, since=change.since, group_name=group.name
        )
    ]


def _end(group: SeatGroup, end: EndMandate) -> Sequence[MandateEvent]:
    must_be_open(group, end.group)
    occupant = _occupant(group, end.group, end.seat)
    if occupant is None:
        raise SeatIsVacant(seat=end.seat)
    if end.until < occupant.since:
        raise MandateEndsBeforeItBegan(since=german_day(occupant.since))
    return [
        MandateEnded(
            group=end.group,
            seat=end.seat,
            person=occupant.person,
            until=end.until,
            reason=end.reason,
            group_name=group.name,
        )
    ]


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
