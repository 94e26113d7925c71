"""Instants are UTC with milliseconds, as MongoDB and Kafka keep them; calendar days are days in Berlin."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, PlainSerializer

BERLIN = ZoneInfo("Europe/Berlin")

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2199, 12, 31)
"""What callers may name: so far from the ends of the calendar that whatever is computed from it is a date too."""

EARLIEST = datetime(1990, 1, 1, tzinfo=BERLIN)
BEYOND_LATEST = datetime(2200, 1, 1, tzinfo=BERLIN)


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
"""As events keep it: whatever was recorded stays readable."""

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_HOUR = "([01][0-9]|2[0-3])"
_TYPED_DAY = re.compile(_DAY)
_TYPED_MOMENT = re.compile(rf"{_DAY}[Tt ]{_HOUR}:[0-9]{{2}}(:[0-9]{{2}}(\.[0-9]+)?)?([Zz]|[+-]{_HOUR}:[0-9]{{2}})")


def _typed(form: re.Pattern[str], read: Callable[[str], date]) -> BeforeValidator:
    """Pydantic itself takes other forms, too: a number as seconds since 1970, which nobody has meant."""

    def typed(said: object) -> object:
        if not isinstance(said, str):
            return said
        if not form.fullmatch(said):
            raise ValueError("the text has another form")
        return read(said.upper())

    return BeforeValidator(typed)


Moment = Annotated[
    UtcTime,
    Field(
        ge=EARLIEST,
        lt=BEYOND_LATEST,
        description="Zeitpunkt mit Zone (RFC 3339) von 1990 bis 2199, z. B. 2024-04-23T14:00:00+02:00",
    ),
    _typed(_TYPED_MOMENT, datetime.fromisoformat),
]
"""As a caller may name it: from 1990 to the end of 2199, in Berlin."""

Day = Annotated[
    date,
    Field(ge=FIRST_DAY, le=LAST_DAY, description="Tag von 1990 bis 2199 als JJJJ-MM-TT, z. B. 2024-04-23"),
    _typed(_TYPED_DAY, date.fromisoformat),
]
"""A calendar day as a caller may name it."""


def local_day(moment: datetime) -> date:
    """The day on the office's calendar."""
    return _in_berlin(moment).date()


def day_after(day: date) -> date:
    """At the end of the calendar the day itself: a journal may hold such days."""
    return day if day == date.max else day + timedelta(days=1)


def day_before(day: date) -> date:
    return day if day == date.min else day - timedelta(days=1)


def start_of(day: date) -> datetime:
    """When the day begins in Berlin."""
    return datetime(day.year, day.month, day.day, tzinfo=BERLIN)


class ClockIsChanged(ValueError):
    """Berlin's clocks do not show this time of that day, or show it twice."""


def moment_in_berlin(day: date, at: time) -> datetime:
    """What Berlin's clocks show, without a zone of its own. Raises ``ClockIsChanged`` where that is no one moment."""
    moment = datetime.combine(day, at, BERLIN)
    if moment.utcoffset() != moment.replace(fold=1).utcoffset():
        raise ClockIsChanged("summer time begins or ends then: name the zone, as +01:00 or +02:00")
    return moment


def days(number: int) -> timedelta:
    return timedelta(days=number)


def days_before(moment: datetime, number: int) -> datetime:
    """The same time of day on the office's calendar so many days before, whatever summer time does in between."""
    return utc(_in_berlin(moment) - days(number))


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or that month's last: six months after 31 December are 30 June."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def german_day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def german_hours(quarter_hours: int) -> str:
    """30 quarters are 7,50."""
    return f"{quarter_hours // 4},{quarter_hours % 4 * 25:02d}"


def german_moment(moment: datetime) -> str:
    return f"{_in_berlin(moment):%d.%m.%Y, %H:%M} Uhr"


def german_since(moment: datetime | None) -> str:
    return f"seit {german_moment(moment)}" if moment else "seit unbekannter Zeit"


def _in_berlin(moment: datetime) -> datetime:
    """As it is where Berlin's clock has no answer, at the ends of the calendar: a journal may hold such moments."""
    try:
        return moment.astimezone(BERLIN)
    except OverflowError:
        return moment
