"""When somebody may have a seat: their dates decide, and a day of a seat belongs to one holder and one deputy."""

from __future__ import annotations

from datetime import date

from services.members.domain.seat_group_state import SeatGroup
from shared.contracts.members import Role
from shared.contracts.occupancies import Occupancy, Seat
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import german_day

# Rejections


class EndsBeforeItBegins(Rejected):
    """Der letzte Tag ({until}) liegt vor dem ersten ({since})."""

    kind = Kind.INVALID


class SeatDoesNotExistThen(Rejected):
    """Den Sitz „{seat}“ gibt es nicht in der ganzen Zeit {period}."""


class SeatAlreadyFilled(Rejected):
    """Der Sitz „{seat}“ ist {period} besetzt; frei ist er nur davor oder danach („until“ nennt den letzten Tag)."""


class SitsAlready(Rejected):
    """Die Person hat in der Gruppe „{group}“ in dieser Zeit bereits den Sitz „{seat}“."""


class HolderAndDeputyAtOnce(Rejected):
    """Niemand vertritt sich selbst: Die Person hat den Sitz „{seat}“ in dieser Zeit oder ist seine Stellvertretung."""


# Rules


def must_be_possible(
    group: SeatGroup, name: Slug, seat: Slug, new: Occupancy, besides: Occupancy | None = None
) -> None:
    """``besides`` is what ``new`` replaces. In a group of posts each holder follows the one before."""
    place = next(one for one in group.seats if one.seat == seat)
    _must_run_forwards(new)
    _must_exist(place, new)
    must_be_free(place, new, besides, follows=group.kind == "ex_officio" and new.role == "principal")
    _must_not_be_both(place, new)
    if new.role == "principal":
        _must_sit_once(group, name, place, new)


def must_be_free(seat: Seat, new: Occupancy, besides: Occupancy | None, *, follows: bool = False) -> None:
    for one in seat.periods(new.role):
        followed = follows and one.since < new.since and one.person != new.person
        taken = one.since == new.since or (one.meets(new) and not _hands_over(one, new))
        if taken and not followed and not (besides and one.since == besides.since):
            raise SeatAlreadyFilled(seat=seat.seat, period=german_period(one), since=german_day(one.since))


def german_period(one: Occupancy) -> str:
    """``seit dem 01.11.2023`` or ``vom 01.11.2023 bis 30.06.2024``."""
    since = german_day(one.since)
    return f"vom {since} bis {german_day(one.until)}" if one.until else f"seit dem {since}"


def begun_by(seat: Seat, role: Role, day: date, person: PersonId | None = None) -> Occupancy | None:
    """The newest time on the seat, or this person's, that has begun by then. It may be over."""
    begun = [one for one in seat.periods(role) if one.since <= day and person in (None, one.person)]
    return begun[-1] if begun and begun[-1].person else None


def _must_run_forwards(new: Occupancy) -> None:
    if new.until and new.until < new.since:
        raise EndsBeforeItBegins(since=german_day(new.since), until=german_day(new.until))


def _must_exist(seat: Seat, new: Occupancy) -> None:
    outlives = seat.until is not None and (new.until is None or new.until > seat.until)
    if outlives or not seat.exists(new.since):
        raise SeatDoesNotExistThen(seat=seat.seat, period=german_period(new))


def _must_not_be_both(seat: Seat, new: Occupancy) -> None:
    other: Role = "deputy" if new.role == "principal" else "principal"
    if any(one.person == new.person and one.meets(new) for one in seat.periods(other)):
        raise HolderAndDeputyAtOnce(seat=seat.seat)


def _must_sit_once(group: SeatGroup, name: Slug, seat: Seat, new: Occupancy) -> None:
    others = [other for other in group.seats if other != seat and new.person is not None]
    for other in others:
        for one in other.periods("principal"):
            if one.person == new.person and one.meets(new) and not _hands_over(one, new):
                raise SitsAlready(group=name, seat=other.seat)


def _hands_over(one: Occupancy, new: Occupancy) -> bool:
    """Whether one's last day is the other's first day. The second has the seat on that day."""
    return one.since < new.since == one.until or new.since < one.since == new.until
