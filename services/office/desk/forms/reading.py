"""What people type as a day, a time, an amount, a number or a name, read as they mean it or asked for again."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, time

from shared.kernel.identifiers import derived_id
from shared.kernel.time import ClockIsChanged, german_day, moment_in_berlin

MONEY = re.compile(r"([1-9]\d{0,2}(?:\.\d{3}){1,4}|\d{1,15})(?:,(\d{1,2}))?(?: ?(?:€|EUR))?", re.ASCII)
NUMBER = re.compile(r"[0-9]{1,9}")
GERMAN_DAY = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})", re.ASCII)
BEFORE_CLOCK = re.compile(r"(?<![. ])[T ,]+")
"""What parts a day from a time; the blanks in ``23. 4. 2024`` do not."""
CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d\d))?(?: ?Uhr)?", re.ASCII)
EXPECTED = {
    "euros": "Erwartet wird ein Betrag in Euro, zum Beispiel 1.234,56.",
    "number": "Erwartet wird eine ganze Zahl.",
    "day": "Erwartet wird ein Tag, zum Beispiel 23.4.2024.",
    "moment": "Erwartet werden Tag und Uhrzeit, zum Beispiel 23.4.2024 14:00.",
    "clock": "Erwartet wird eine Uhrzeit, zum Beispiel 14:05.",
}

CLOCK_CHANGES = "Zwischen 2 und 3 Uhr wird die Uhr umgestellt"


class Mistyped(ValueError):
    """The typed text cannot be read; the message is the German sentence for its field."""

    def __init__(self, sentence: str, field: str = "") -> None:
        self.field = field
        super().__init__(sentence)


def whole(text: str) -> int:
    if not NUMBER.fullmatch(text):
        raise Mistyped(EXPECTED["number"])
    return int(text)


def cents(text: str) -> int:
    """``1.234,56`` or ``1234,5`` or ``1234``, without floating point. ``0.001`` is refused: it is not one euro."""
    found = MONEY.fullmatch(text)
    if not found:
        raise Mistyped(EXPECTED["euros"])
    return int(found[1].replace(".", "")) * 100 + int((found[2] or "0").ljust(2, "0"))


def day(text: str) -> date:
    """``23.4.2024`` as typed, or ``2024-04-23`` as a browser's own field sends it."""
    found = GERMAN_DAY.fullmatch(text)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else date.fromisoformat(text)
    except ValueError:
        raise Mistyped(EXPECTED["day"]) from None


def clock(text: str) -> time:
    """``14:05``, ``14.05 Uhr`` or ``9``, in Berlin's time; no other time zone is accepted."""
    found = CLOCK.fullmatch(text)
    try:
        read = time(int(found[1]), int(found[2] or 0)) if found else time.fromisoformat(text)
    except ValueError:
        read = None
    if read is None or read.tzinfo:
        raise Mistyped(EXPECTED["clock"])
    return read


def moment(text: str) -> str:
    """``23.4.2024 14:00`` in Berlin's time; so is a browser's ``2024-04-23T14:00``."""
    on, _, at = BEFORE_CLOCK.sub("T", text, count=1).partition("T")
    try:
        told = day(on), clock(at)
    except Mistyped:
        raise Mistyped(EXPECTED["moment"]) from None
    return moment_of(*told)


def moment_of(on: date, at: time) -> str:
    """A time that does not exist, or exists twice, is asked for again."""
    try:
        return moment_in_berlin(on, at).isoformat()
    except ClockIsChanged:
        raise Mistyped(f"Diese Uhrzeit gibt es am {german_day(on)} nicht genau einmal: {CLOCK_CHANGES}.") from None


LONGEST_NAME = 60
"""Characters of a short name that is made from a longer text."""
UMLAUTS = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss"}


def slug(text: str) -> str:
    """The short name in addresses: ``Herbstsitzung 2024`` is ``herbstsitzung-2024``."""
    return _in_letters(text)[:LONGEST_NAME].strip("-")


def own_slug(text: str) -> str:
    """A short name that nobody types: of long texts, those that differ only at their end have two."""
    name = _in_letters(text)
    if len(name) <= LONGEST_NAME:
        return name
    mark = derived_id("slug", name)[:8]
    return f"{name[: LONGEST_NAME - len(mark) - 1].strip('-')}-{mark}"


def _in_letters(text: str) -> str:
    plain = unicodedata.normalize("NFC", text).lower().translate(UMLAUTS)
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
