"""Whose time on a seat of a group is over by which day: what follows from all that was said of its seats."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from shared.contracts.occupancies import Seats
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.time import LAST_DAY, day_after, days


class Leaving(NamedTuple):
    """``until`` is the person's last day on the seat."""

    seat: Slug
    person: PersonId
    until: date


LATEST_FAREWELL = days(14)

UNTOLD = ("deceased", "erased")
"""Reasons after which the person cannot get a mail."""


def leavings(seats: Seats) -> frozenset[Leaving]:
    """Everybody who has no seat of the group on the day after their last day."""
    return frozenset(one for one in _endings(seats) if not _goes_on(seats, one))


def _endings(seats: Seats) -> Iterable[Leaving]:
    for seat in seats:
        for one in seat.periods("principal"):
            if one.person and one.until and one.until < LAST_DAY and one.reason not in UNTOLD:
                yield Leaving(seat.seat, one.person, one.until)


def _goes_on(seats: Seats, leaving: Leaving) -> bool:
    held = [seat.holder(day_after(leaving.until)) for seat in seats]
    return any(one is not None and one.person == leaving.person for one in held)
