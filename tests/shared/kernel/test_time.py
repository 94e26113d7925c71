"""Days and moments on the office's calendar, also where summer time begins or ends and where the calendar does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from shared.kernel.time import (
    ClockIsChanged,
    day_after,
    day_before,
    days_before,
    german_hours,
    german_moment,
    german_since,
    iso,
    local_day,
    moment_in_berlin,
    start_of,
    utc,
)

DAY = date(2024, 4, 23)


def test_an_instant_is_cut_to_milliseconds_in_utc() -> None:
    berlin = datetime(2024, 4, 23, 14, 0, 0, 1999, tzinfo=timezone(timedelta(hours=2)))
    assert utc(berlin) == datetime(2024, 4, 23, 12, 0, 0, 1000, tzinfo=UTC) and utc(berlin).tzinfo is UTC
    assert [iso(berlin), iso(datetime(2024, 4, 23, 12, tzinfo=UTC))] == [
        "2024-04-23T12:00:00.001Z",
        "2024-04-23T12:00:00.000Z",
    ]
    with pytest.raises(ValueError, match="zone"):
        utc(datetime(2024, 4, 23))  # noqa: DTZ001  # that it has none is the point
    with pytest.raises(ValueError, match="out of range"):
        utc(datetime.min.replace(tzinfo=timezone(timedelta(hours=1))))


def test_a_day_begins_in_berlin_and_at_the_ends_of_the_calendar_nothing_lies_beyond() -> None:
    assert [iso(start_of(day)) for day in (date(2024, 1, 1), DAY)] == [
        "2023-12-31T23:00:00.000Z",
        "2024-04-22T22:00:00.000Z",
    ]
    assert local_day(start_of(DAY)) == DAY and local_day(start_of(DAY) - timedelta(milliseconds=1)) < DAY
    assert (day_before(DAY), day_after(DAY)) == (date(2024, 4, 22), date(2024, 4, 24))
    assert (day_before(date.min), day_after(date.max)) == (date.min, date.max)


def test_what_the_clocks_show_is_one_moment_or_none() -> None:
    assert moment_in_berlin(DAY, time(14, 0)) == datetime(2024, 4, 23, 12, tzinfo=UTC)
    for day, missing_or_twice, before, after in (
        (date(2024, 3, 31), time(2, 30), time(1, 59), time(3, 0)),
        (date(2024, 10, 27), time(2, 30), time(1, 59), time(3, 0)),
    ):
        with pytest.raises(ClockIsChanged):
            moment_in_berlin(day, missing_or_twice)
        assert moment_in_berlin(day, before) < moment_in_berlin(day, after)


def test_so_many_days_before_is_the_same_time_of_day() -> None:
    """Whatever summer time does in between: it began on the 31st of March."""
    meeting = datetime(2024, 4, 2, 12, tzinfo=UTC)
    assert days_before(meeting, 1) == datetime(2024, 4, 1, 12, tzinfo=UTC)
    assert days_before(meeting, 7) == datetime(2024, 3, 26, 13, tzinfo=UTC)
    assert days_before(meeting, 0) == meeting


@pytest.mark.parametrize(
    ("quarters", "written"), [(0, "0,00"), (1, "0,25"), (3, "0,75"), (4, "1,00"), (30, "7,50"), (4001, "1000,25")]
)
def test_hours_are_written_in_hundredths(quarters: int, written: str) -> None:
    assert german_hours(quarters) == written


def test_a_moment_is_written_as_berlin_s_clocks_show_it() -> None:
    moment = datetime(2024, 1, 15, 9, 0, tzinfo=UTC)
    assert german_moment(moment) == "15.01.2024, 10:00 Uhr"
    assert [german_since(moment), german_since(None)] == ["seit 15.01.2024, 10:00 Uhr", "seit unbekannter Zeit"]
