"""What is read out of a seat's recorded times: who began last, and which seats there are on a day."""

from __future__ import annotations

from datetime import date

from shared.contracts.occupancies import Occupancy, Seat, seats_on
from shared.kernel.time import days
from tests.kit.when import person

DAY = date(2024, 4, 22)


def sits(number: int, since: date, until: date | None = None) -> Occupancy:
    return Occupancy(person=person(number), role="principal", organisation=None, since=since, until=until)


def seat(*recorded: Occupancy, since: date | None = None, until: date | None = None) -> Seat:
    return Seat(seat="hospitals-1", since=since, until=until, recorded=recorded)


def test_the_newest_that_has_begun_counts_be_it_over_or_not() -> None:
    before, now, later = sits(1, DAY - days(9), DAY - days(5)), sits(2, DAY), sits(3, DAY + days(1))
    assert seat().begun(DAY) is None
    assert seat(later).begun(DAY) is None
    assert seat(before).begun(DAY) == before
    assert seat(before, now).begun(DAY) == now
    begun = seat(before, now, later).begun(DAY)
    assert begun and (begun.person, begun.until) == (person(2), DAY), "it ends where the next begins"
    assert seat(before, now).begun(DAY - days(1)) == before
    assert seat(before).begun(DAY, "deputy") is None


def test_a_seat_is_vacant_since_the_day_after_its_last_holder() -> None:
    before = sits(1, DAY - days(9), DAY - days(5))
    assert seat(before).vacant_since(DAY) == DAY - days(4)
    assert seat().vacant_since(DAY) is None
    assert seat(sits(1, DAY + days(1))).vacant_since(DAY) is None


def test_only_seats_that_there_are_on_a_day_are_there() -> None:
    always, first, last = seat(), seat(since=DAY), seat(until=DAY)
    gone, to_come = seat(until=DAY - days(1)), seat(since=DAY + days(1))
    assert seats_on((always, first, gone, last, to_come), DAY) == (always, first, last)
