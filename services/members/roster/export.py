"""The roster of a day as a file that an office works on, and that the import reads back as nothing new."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Font

from services.members.queries import FORMER, Register
from services.members.roster.columns import HEADINGS, Column
from shared.declarations.projection import Document
from shared.documents import table
from shared.kernel.time import german_day

COLUMNS: Sequence[Column] = (
    "number",
    "group",
    "seat",
    "role",
    "name",
    "salutation",
    "email",
    "postal_address",
    "organisation",
    "since",
    "until",
    "person",
)
ROLE = {"principal": "Mitglied", "deputy": "Stellvertretung"}

Value = str | int | date | None
Line = Mapping[Column, Value]


async def lines_of(register: Register, conference: str, on: date, known_on: date | None) -> list[Line]:
    """A line for each seat and one for each deputy, in the council paper's order."""
    roster = await register.roster(conference, on, known_on)
    sitting = [one for seat in roster for one in (seat, seat["deputy"]) if one and one["person"]]
    details = await register.people.details(conference, [one["person"] for one in sitting])
    called = await register.organisations(conference)
    return [
        _line(seat, role, one, details.get(one["person"]), called)
        for seat in roster
        for role, one in (("principal", seat), ("deputy", seat["deputy"]))
        if one
    ]


def as_csv(lines: Iterable[Line]) -> bytes:
    heading = [HEADINGS[column][0] for column in COLUMNS]
    return table.as_csv([heading, *([_plain(line.get(column)) for column in COLUMNS] for line in lines)])


def as_xlsx(lines: Iterable[Line]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title, sheet.freeze_panes = "Mitglieder", "A2"
    sheet.append([HEADINGS[column][0] for column in COLUMNS])
    for heading in sheet[1]:
        heading.font = Font(bold=True)
    for number, line in enumerate(lines, start=2):
        for place, column in enumerate(COLUMNS, start=1):
            cell = sheet.cell(number, place)
            assert isinstance(cell, Cell), "nothing is merged"
            _fill(cell, line.get(column))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _line(seat: Document, role: str, sits: Document, details: Document | None, called: Mapping[Any, str]) -> Line:
    about: Line = {
        "number": seat["number"],
        "group": seat["name"],
        "seat": seat["seat"].rpartition("-")[2],
        "role": ROLE[role],
    }
    if not sits["person"]:
        return about
    known: Mapping[str, Any] = details or {"name": FORMER}
    return {
        **about,
        **{column: known.get(column) for column in ("name", "salutation", "email", "postal_address")},
        "organisation": called.get((seat["group"], sits["organisation"]), sits["organisation"]),
        "since": date.fromisoformat(sits["since"]),
        "until": date.fromisoformat(sits["until"]) if sits["until"] else None,
        "person": sits["person"],
    }


def _plain(value: Value) -> str:
    if isinstance(value, date):
        return german_day(value)
    return str(value or "")


def _fill(cell: Cell, value: Value) -> None:
    """Text stays text, whatever it begins with, also after somebody has edited the cell."""
    cell.value = table.as_cell(value) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = bool(table.COMPUTED.match(value))
    if isinstance(value, date):
        cell.number_format = "DD.MM.YYYY"
