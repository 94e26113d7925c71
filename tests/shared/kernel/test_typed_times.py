"""A day or a moment that somebody types has the form that is asked for: a number is none, whatever it might mean."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.kernel.time import Day, Moment


class Said(BaseModel):
    model_config = ConfigDict(strict=True)

    moment: Moment | None = None
    day: Day | None = None


def moment(text: str) -> datetime | None:
    return Said.model_validate_json(f'{{"moment": "{text}"}}').moment


def day(text: str) -> date | None:
    return Said.model_validate_json(f'{{"day": "{text}"}}').day


def test_one_moment_has_several_forms() -> None:
    forms = ("2024-04-23T14:00:00Z", "2024-04-23t14:00z", "2024-04-23 16:00:00.0000009+02:00", "2024-04-23T14:00-00:00")
    assert {moment(form) for form in forms} == {datetime(2024, 4, 23, 14, tzinfo=UTC)}
    assert day("2024-04-23") == date(2024, 4, 23)


@pytest.mark.parametrize(
    "text",
    [
        *("1713873600", "1713873600000", "1713873600.5", "-1", "20240423T140000Z", "2024-W17-2T14:00Z"),
        *("2024-04-23T24:00:00Z", "2024-06-30T23:59:60Z", "2024-04-23T14:00:00+24:00", "2024-04-23T14:00:00+0200"),
        *("2024-04-23_14:00:00Z", "2024-04-23T14:00:00,5Z", "2024-04-23T14:00:00\u221202:00", "2024-04-23T14:00"),
        *("\u0662024-04-23T14:00:00Z", " 2024-04-23T14:00:00Z", "12024-04-23T14:00:00Z", "0000-01-01T00:00:00Z"),
    ],
)
def test_nothing_else_is_a_moment(text: str) -> None:
    with pytest.raises(ValidationError):
        moment(text)


@pytest.mark.parametrize(
    "text",
    [
        *("1713830400", "20240423", "2024-114", "2024-W17-2", "2024-04-23T00:00:00", "2024-02-30", "2024-4-3"),
        *("+12026-01-01", "0000-01-01", "\uff12024-01-01", "2024-04-23 "),
    ],
)
def test_nothing_else_is_a_day(text: str) -> None:
    with pytest.raises(ValidationError):
        day(text)
