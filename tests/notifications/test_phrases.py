"""Days as people write them."""

from __future__ import annotations

from datetime import date

from services.notifications.letters.phrases import day_in_full, day_of_month
from shared.kernel.time import days


def test_each_day_of_a_week_and_each_month_has_its_name() -> None:
    monday = date(2024, 4, 22)
    assert [day_in_full(monday + days(number)) for number in range(7)] == [
        "Montag, 22. April 2024",
        "Dienstag, 23. April 2024",
        "Mittwoch, 24. April 2024",
        "Donnerstag, 25. April 2024",
        "Freitag, 26. April 2024",
        "Samstag, 27. April 2024",
        "Sonntag, 28. April 2024",
    ]
    assert [day_of_month(date(2024, month, 1)) for month in range(1, 13)] == [
        "1. Januar 2024",
        "1. Februar 2024",
        "1. März 2024",
        "1. April 2024",
        "1. Mai 2024",
        "1. Juni 2024",
        "1. Juli 2024",
        "1. August 2024",
        "1. September 2024",
        "1. Oktober 2024",
        "1. November 2024",
        "1. Dezember 2024",
    ]
