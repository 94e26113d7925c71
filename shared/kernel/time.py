"""Instants are UTC with milliseconds, as MongoDB and Kafka keep them; calendar days are days in Berlin."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, PlainSerializer

BERLIN = ZoneInfo("Europe/Berlin")


def utc(moment: datetime) -> datetime:
    """The same instant in UTC, cut to milliseconds; a moment without a zone is refused."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a zone")
    try:
        moment = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("the moment is out of range") from None
    beyond = moment.microsecond % 1000
    return moment - timedelta(microseconds=beyond) if beyond else moment


def iso(moment: datetime) -> str:
    """``2024-04-23T12:00:00.000Z`` (RFC 3339), always with milliseconds, so that equal instants are equal texts."""
    return utc(moment).isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"


UtcTime = Annotated[AwareDatetime, AfterValidator(utc), PlainSerializer(iso, when_used="json")]


def local_day(moment: datetime) -> date:
    """The day on the office's calendar."""
    return moment.astimezone(BERLIN).date()


def days(number: int) -> timedelta:
    return timedelta(days=number)


def german_day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def german_moment(moment: datetime) -> str:
    return f"{moment.astimezone(BERLIN):%d.%m.%Y, %H:%M} Uhr"
