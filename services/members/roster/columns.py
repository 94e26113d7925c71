"""Which column says what: the first row that names a group and a name is the heading; titles above it say nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, get_args

from services.members.roster.sheet import Content, RosterFile, Row

Column = Literal[
    "number",
    "group",
    "seat",
    "role",
    "title",
    "first_name",
    "name",
    "address_as",
    "salutation",
    "email",
    "postal_address",
    "organisation",
    "since",
    "until",
    "person",
]

HEADINGS: Mapping[Column, Sequence[str]] = {
    "number": ("Nr.", "Nr", "Nummer"),
    "group": ("Gruppe", "Sitzgruppe"),
    "seat": ("Sitz", "Sitz Nr."),
    "role": ("Funktion", "Rolle"),
    "title": ("Titel",),
    "first_name": ("Vorname",),
    "name": ("Name", "Nachname"),
    "address_as": ("Anrede",),
    "salutation": ("Briefanrede",),
    "email": ("E-Mail", "Email", "E-Mail-Adresse", "Mail"),
    "postal_address": ("Anschrift", "Adresse", "Postanschrift"),
    "organisation": ("Entsendende Stelle", "Organisation", "Institution"),
    "since": ("von", "seit", "Beginn"),
    "until": ("bis", "Ende"),
    "person": ("Kennung",),
}
"""The export writes the first heading of each column."""

BY_HEADING = {heading.casefold(): column for column, headings in HEADINGS.items() for heading in headings}
WITHIN_ROWS = 20


class NoHeading(RosterFile):
    """In den ersten {rows} Zeilen fehlt eine Kopfzeile mit „Nr.“ oder „Gruppe“, mit „Name“ und mit „von“."""


class HeadingUnknown(RosterFile):
    """Die Überschrift in Zelle {cell} ist unbekannt; nicht benötigte Spalten bitte löschen. Bekannt: {known}."""


class HeadingRepeated(RosterFile):
    """Zelle {cell}: Für „{heading}“ gibt es schon eine andere Spalte."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each column is."""

    places: Mapping[Column, int]

    def content(self, row: Row, column: Column) -> Content:
        """Empty if there is no such column, or if the row ends before it."""
        place = self.places.get(column)
        return row.cells[place] if place is not None and place < len(row.cells) else ""

    def cell(self, row: Row, column: Column) -> str:
        """The cell's name; only the row's number if there is no such column."""
        place = self.places.get(column)
        return row.cell(place) if place is not None else str(row.number)


def split_heading(rows: Sequence[Row]) -> tuple[Columns, Sequence[Row]]:
    """The columns and the rows below them. Raises ``RosterFile``."""
    for place, row in enumerate(islice(rows, WITHIN_ROWS), start=1):
        found = {_column(content) for content in row.cells}
        if "name" in found and found & {"number", "group"}:
            return Columns(_places(row)), rows[place:]
    raise NoHeading(rows=WITHIN_ROWS)


def _column(content: Content) -> Column | None:
    return BY_HEADING.get(" ".join(content.split()).casefold()) if isinstance(content, str) else None


def _places(row: Row) -> Mapping[Column, int]:
    places: dict[Column, int] = {}
    for place, content in enumerate(row.cells):
        column = _column(content)
        if column in places:
            raise HeadingRepeated(cell=row.cell(place), heading=HEADINGS[column][0])
        if column is not None:
            places[column] = place
        elif content:
            raise HeadingUnknown(cell=row.cell(place), known=", ".join(HEADINGS[one][0] for one in get_args(Column)))
    if "since" not in places:
        raise NoHeading(rows=WITHIN_ROWS)
    return places
