"""A row of a roster as what it says, or which of its cells cannot be understood; never what stands in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

from services.members.queries import FORMER
from services.members.roster.columns import Column, Columns
from services.members.roster.sheet import FORMULA, HOUR, Computed, Content, Row
from shared.contracts.members import Role
from shared.contracts.people import EmailAddress, PostalAddress
from shared.kernel.identifiers import PersonId
from shared.kernel.text import AS_TYPED, LONGEST_LINE, Line
from shared.kernel.time import Day

T = TypeVar("T")

GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

DAYS: frozenset[Column] = frozenset({"since", "until"})
"""The columns in which a spreadsheet's own date says what was typed. Elsewhere ``3-4`` was, or ``1/2``."""

ROLES: dict[str, Role] = {
    "mitglied": "principal",
    "delegierte*r": "principal",
    "amt": "principal",
    "stellvertretung": "deputy",
    "stellvertreter*in": "deputy",
    "stv.": "deputy",
}

NOBODY = frozenset({"", "n.n.", "n. n.", "vakant", "unbesetzt", FORMER.casefold()})
SALUTATIONS = {"frau": "Sehr geehrte Frau {}", "herr": "Sehr geehrter Herr {}", "": "Guten Tag {}"}


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell, and in German what is wrong there."""

    cell: str
    detail: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a row says of a person; None where it says nothing. ``addressed_as`` is the line if none is known."""

    name: str
    addressed_as: str
    salutation: str | None = None
    email: str | None = None
    postal_address: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """``about`` None: the seat is vacant. ``since`` is set where ``about`` is."""

    number: int | None
    group: str
    seat: str
    role: Role
    about: Told | None
    person: PersonId | None
    organisation: str
    since: date | None
    until: date | None


@dataclass(slots=True)
class Reading:
    """Reads one row, cell by cell, and collects what it cannot understand."""

    columns: Columns
    row: Row
    faults: list[Fault] = field(default_factory=list)

    def entry(self) -> Entry:
        """Valid only if there are no ``faults``."""
        self._must_stand_below_headings()
        about = self._about()
        entry = Entry(
            number=self._read("number", _number, "eine Nummer von 1 bis 999"),
            group=self._plain("group"),
            seat=self._plain("seat").casefold(),
            role=self._read("role", lambda text: ROLES[text.casefold()], "Mitglied oder Stellvertretung")
            or "principal",
            about=about,
            person=self._read("person", _valid(PersonId), "die Kennung (UUID) aus einer ausgegebenen Liste"),
            organisation=self._read("organisation", _valid(Line), "eine Bezeichnung in einer Zeile") or "",
            since=self._day("since"),
            until=self._day("until"),
        )
        self._must_say(entry)
        return entry

    def refuse(self, column: Column, detail: str) -> None:
        self.faults.append(Fault(self.columns.cell(self.row, column), detail))

    def _must_stand_below_headings(self) -> None:
        """A heading over two columns names only the first of them. The content of the second would be lost."""
        known = self.columns.places.values()
        for place, content in enumerate(self.row.cells):
            if content and place not in known:
                self.faults.append(Fault(self.row.cell(place), "Über dieser Zelle steht keine Überschrift."))

    def _must_say(self, entry: Entry) -> None:
        if not (entry.number or entry.group):
            self.refuse("number", "Nr. oder Gruppe fehlt; verbundene Zellen gelten nur für ihre erste Zeile.")
        if entry.about and entry.since is None and not self._says("since"):
            self.refuse("since", "Der erste Tag fehlt.")

    def _about(self) -> Told | None:
        last = self._read("name", _valid(Line), "ein Name in einer Zeile, ohne unsichtbare Zeichen") or ""
        if last.casefold() in NOBODY:
            return None
        title, first = self._plain("title"), self._plain("first_name")
        name = " ".join(filter(None, (title, first, last)))
        formal = " ".join(filter(None, (title, last)))
        if len(name) > LONGEST_LINE:
            self.refuse("name", f"Erwartet wird: ein Name mit höchstens {LONGEST_LINE} Zeichen.")
        form = self._read(
            "address_as", lambda text: SALUTATIONS[text.casefold()], "Frau oder Herr; alles andere als „Briefanrede“"
        )
        said = form.format(formal) if form else None
        addressed_as = said or SALUTATIONS[""].format(name)
        if len(addressed_as) > LONGEST_LINE and not self._says("salutation"):
            self.refuse("salutation", "Der Name ist lang: Bitte die Briefanrede angeben.")
        return Told(
            name=name,
            addressed_as=addressed_as,
            salutation=self._read("salutation", _valid(Line), "eine Anrede in einer Zeile") or said,
            email=self._read("email", _valid(EmailAddress), "eine E-Mail-Adresse ohne Umlaute"),
            postal_address=self._read(
                "postal_address", _valid(PostalAddress), "eine Anschrift mit bis zu 5 Zeilen und 300 Zeichen"
            ),
        )

    def _plain(self, column: Column) -> str:
        return self._read(column, _valid(Line), "Text in einer Zeile") or ""

    def _day(self, column: Column) -> date | None:
        return self._read(column, _day, "ein Tag von 1990 bis 2199, z. B. 01.11.2023")

    def _says(self, column: Column) -> bool:
        return bool(self.columns.content(self.row, column))

    def _read(self, column: Column, read: Callable[[str], T], expected: str) -> T | None:
        """None for an empty cell, or for a fault."""
        content = self.columns.content(self.row, column)
        if content == "":
            return None
        if isinstance(content, Computed) or (isinstance(content, date) and column not in DAYS):
            self.refuse(column, _not_as_typed(content))
            return None
        try:
            return read(content if isinstance(content, str) else content.isoformat())
        except (KeyError, ValueError):
            self.refuse(column, f"Erwartet wird: {expected}.")
            return None


def _not_as_typed(content: Content) -> str:
    if content is FORMULA:
        return "Formel, Fehlerwert oder WAHR/FALSCH: bitte nur den Wert eintragen."
    made = "eine Uhrzeit" if content is HOUR else "ein Datum"
    return f"Eine Tabellenkalkulation hat daraus {made} gemacht: bitte als Text eintragen."


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _valid(kind: Any) -> Callable[[str], str]:
    """Checks as a command does; its ``ValidationError`` is a ``ValueError``."""
    return lambda text: str(_adapter(kind).validate_python(text, context=AS_TYPED))


def _number(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,2}", text):
        raise ValueError
    return int(text)


def _day(text: str) -> date:
    german, iso = GERMAN_DAY.fullmatch(text), ISO_DAY.fullmatch(text)
    if not (german or iso):
        raise ValueError
    day = date(int(german[3]), int(german[2]), int(german[1])) if german else date.fromisoformat(text)
    valid: date = _adapter(Day).validate_python(day)
    return valid
