"""German for days, times and what a session is called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from services.notifications.letters.letter import Facts
from shared.contracts.meetings import Appointment, SessionKind
from shared.kernel.time import BERLIN, local_day

WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
MONTHS = (
    *("Januar", "Februar", "März", "April", "Mai", "Juni"),
    *("Juli", "August", "September", "Oktober", "November", "Dezember"),
)

INSIDE = re.compile(rf"(?<=[0-9]\.) (?:{'|'.join(MONTHS)})(?: (?=[0-9]))?|(?<=[0-9]) (?=[0-9]|Uhr|EUR)")
"""What holds a day, an hour, an amount or a telephone number together."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """Its noun, with the article in the cases that letters need, and as where one comes to."""

    noun: str
    nominative: str
    accusative: str
    genitive: str
    to: str
    to_which: str


SESSION = Gathering("Sitzung", "die Sitzung", "die Sitzung", "der Sitzung", "zur Sitzung", "zu der")
WORKSHOP = Gathering("Workshop", "der Workshop", "den Workshop", "des Workshops", "zum Workshop", "zu dem")


def gathering(kind: SessionKind | None) -> Gathering:
    return WORKSHOP if kind == "workshop" else SESSION


def together(text: str, blank: str) -> str:
    """With ``blank`` where no line may end."""
    return INSIDE.sub(lambda found: found[0].replace(" ", blank), text)


def day_in_full(day: date) -> str:
    """``Dienstag, 23. April 2024``"""
    return f"{WEEKDAYS[day.weekday()]}, {day_of_month(day)}"


def day_of_month(day: date) -> str:
    """``23. April 2024``"""
    return f"{day.day}. {MONTHS[day.month - 1]} {day.year}"


def clock_time(moment: datetime) -> str:
    return f"{moment.astimezone(BERLIN):%H:%M}"


def period(appointment: Appointment) -> str:
    """``Dienstag, 23. April 2024, 14:00 bis 17:00 Uhr``; both days where it ends on another."""
    starts, ends = appointment.starts, appointment.ends
    begin, end = local_day(starts), local_day(ends)
    if begin == end:
        return f"{day_in_full(begin)}, {clock_time(starts)} bis {clock_time(ends)} Uhr"
    return f"{day_in_full(begin)}, {clock_time(starts)} Uhr, bis {day_in_full(end)}, {clock_time(ends)} Uhr"


def facts(appointment: Appointment, meeting: Gathering) -> Facts:
    return Facts(((meeting.noun, appointment.title), ("Zeit", period(appointment)), ("Ort", appointment.place)))


def sentence(text: str) -> str:
    """With a full stop, where what somebody typed has no end of its own."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
