"""From which day a seat stands vacant behind somebody: what follows from all that was said of its seats."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from shared.contracts.occupancies import Seats
from shared.kernel.identifiers import Slug
from shared.kernel.time import LAST_DAY, day_after


class Vacancy(NamedTuple):
    """``since`` is the first vacant day."""

    seat: Slug
    since: date


def vacancies(seats: Seats) -> frozenset[Vacancy]:
    """A post that was vacant before stays vacant. No vacancy begins after the last day of the calendar."""
    over = [(seat, one) for seat in seats for one in seat.periods("principal") if one.person]
    ends = [(seat, day_after(one.until)) for seat, one in over if one.until and one.until < LAST_DAY]
    return frozenset(Vacancy(seat.seat, day) for seat, day in ends if seat.exists(day) and not seat.holder(day))
