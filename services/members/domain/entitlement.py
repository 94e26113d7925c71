"""How many seats a group has, from a day on: never fewer than are filled. A seat that is gone keeps its history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from services.members.domain.seat_group_state import AboutGroup, SeatGroup, must_be_open
from shared.contracts.members import EntitlementChanged
from shared.contracts.occupancies import Seat
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Rejected
from shared.kernel.replacing import must_stand
from shared.kernel.time import Day, day_after, german_day
from shared.kernel.values import Value

SEATS_OF_A_GROUP = 50

# Commands


class Entitled(Value):
    """The number of seats that the caller saw for the day of the change."""

    seats: int


class ChangeEntitlement(AboutGroup):
    """Give a group more or fewer seats from a day on. Only vacant seats are taken away, the last one first."""

    seats: Annotated[int, Field(ge=1, le=SEATS_OF_A_GROUP)]
    since: Day
    replaces: Entitled | None = None


# Rejections


class EntitlementBelowFilledSeats(Rejected):
    """Ab dem {since} sind {filled} Sitze der Gruppe besetzt oder vertreten ({seats}); erst müssen Mandate enden."""


class EntitlementRunsBackwards(Rejected):
    """Die Zahl der Sitze ist schon ab dem {since} geändert; davor kann sie nicht mehr geändert werden."""


class NoSeatNamesLeft(Rejected):
    """Eine Gruppe kann im Lauf der Zeit {most} verschiedene Sitze haben; so viele hatte „{group}“ schon."""


# decide


def decide(group: SeatGroup, change: ChangeEntitlement) -> Sequence[EntitlementChanged]:
    must_be_open(group, change.group)
    present = [one for one in group.seats if one.exists(change.since)]
    _must_run_forwards(group, change, present)
    if len(present) == change.seats:
        return []
    must_stand(change.replaces, Entitled(seats=len(present)))
    kept = _fewer(present, change) if change.seats < len(present) else _more(group, present, change)
    return [EntitlementChanged(group=change.group, seats=tuple(kept), since=change.since)]


def _fewer(present: Sequence[Seat], change: ChangeEntitlement) -> Sequence[Slug]:
    filled = [one.seat for one in present if _is_filled(one, change)]
    if len(filled) > change.seats:
        raise EntitlementBelowFilledSeats(since=german_day(change.since), filled=len(filled), seats=", ".join(filled))
    vacant = [one.seat for one in present if one.seat not in filled]
    kept = {*filled, *vacant[: change.seats - len(filled)]}
    return [one.seat for one in present if one.seat in kept]


def _is_filled(seat: Seat, change: ChangeEntitlement) -> bool:
    """Whether somebody has the seat on that day or later."""
    return any(one.person and (one.until is None or one.until >= change.since) for one in seat.times)


def _more(group: SeatGroup, present: Sequence[Seat], change: ChangeEntitlement) -> Sequence[Slug]:
    """New seats get new names: a name used before would bring another seat's history with it."""
    first = len(group.seats) + 1
    last = len(group.seats) + change.seats - len(present)
    if last > SEATS_OF_A_GROUP:
        raise NoSeatNamesLeft(most=SEATS_OF_A_GROUP, group=change.group)
    return [*(one.seat for one in present), *(f"{change.group}-{number}" for number in range(first, last + 1))]


def _must_run_forwards(group: SeatGroup, change: ChangeEntitlement, present: Sequence[Seat]) -> None:
    begun = [one.since for one in group.seats if one.since]
    changed = [*begun, *(day_after(one.until) for one in group.seats if one.until)]
    if changed and change.since < max(changed) and len(present) != change.seats:
        raise EntitlementRunsBackwards(since=german_day(max(changed)))
