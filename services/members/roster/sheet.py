"""A roster's file as rows of cells, whatever it was saved as: CSV with semicolons, or the first sheet of an XLSX that
its reader sees.

Nothing is guessed and nothing repaired. A file is bounded before it is unfolded, and a cell that would be computed
keeps a mark instead of a value.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Any, Final, Literal

import openpyxl
import structlog
from openpyxl.utils import get_column_letter

from shared.documents.table import as_stored, as_typed
from shared.kernel.rejections import Kind, Rejected

log = structlog.get_logger()

DOCUMENT_TYPE = b"<!DOCTYPE"
"""Compared after removing the zeros that UTF-16 has between letters."""

Encoding = Literal["utf-8", "windows-1252"]
Format = Literal["csv", "xlsx"]

LARGEST_FILE = 1024 * 1024
LARGEST_UNPACKED = 10 * 1024 * 1024
"""The most bytes in all parts of an XLSX. ``zipfile`` reads no more of a part than its directory says."""
MOST_STYLES = 50_000
"""The most tags in a part without cells. Each costs an object in memory; a workbook of many years has a tenth of it."""

MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 2000, 64, 4096


ERRORS = re.compile(
    r"#(N/A|NV|REF!|BEZUG!|NAME\?|VALUE!|WERT!|DIV/0!|NUM!|ZAHL!|NULL!|SPILL!|ÜBERLAUF!|CALC!|KALK!|#+)", re.IGNORECASE
)
"""What a spreadsheet shows, in English and in German, for a failed formula or a column that is too narrow."""


class Computed(Enum):
    """The content of a cell that is no value: a formula, the result of a failed one, or a boolean; or an hour, as a
    spreadsheet makes it of ``1:2``.
    """

    FORMULA = "formula"
    HOUR = "hour"


FORMULA: Final = Computed.FORMULA
HOUR: Final = Computed.HOUR
Content = str | date | Computed


@dataclass(frozen=True, slots=True)
class File:
    """``encoding`` is for a CSV file; an XLSX file names its own."""

    content: bytes
    format: Format
    encoding: Encoding = "utf-8"


@dataclass(frozen=True, slots=True)
class Row:
    """``number`` is the row's number in a spreadsheet."""

    number: int
    cells: Sequence[Content]

    def cell(self, column: int) -> str:
        """The cell's name in a spreadsheet: ``C7``."""
        return f"{get_column_letter(column + 1)}{self.number}"

    @property
    def is_blank(self) -> bool:
        return not any(self.cells)


class RosterFile(Rejected):
    """Base of all rejections of a whole file."""

    kind = Kind.INVALID


class NotThatFormat(RosterFile):
    """Das ist keine {format}-Datei. Angenommen werden CSV (Semikolon) und XLSX, je mit ihrem Content-Type."""


class EncodingIsUtf8(RosterFile):
    """Die Datei ist in UTF-8 gespeichert: „windows-1252“ machte aus ihren Umlauten andere Zeichen."""


class EncodingUnreadable(RosterFile):
    """Zeile {line} ist nicht in {encoding} gespeichert. Als „CSV UTF-8“ speichern oder „windows-1252“ angeben."""


class CsvUnreadable(RosterFile):
    """Ab Zeile {line} ist die CSV-Datei nicht lesbar, meist weil ein Anführungszeichen nicht geschlossen ist."""


class WorkbookUnreadable(RosterFile):
    """Die XLSX-Datei ist beschädigt, verschlüsselt oder keine Arbeitsmappe. Bitte neu als XLSX speichern."""


class FileTooLarge(RosterFile):
    """Die Datei ist zu groß: erlaubt sind {rows} Zeilen, {columns} Spalten und {characters} Zeichen je Zelle."""


def read_sheet(file: File) -> list[Row]:
    """Every row that is not empty. Raises ``RosterFile``."""
    rows = _rows_of_csv(file.content, file.encoding) if file.format == "csv" else _rows_of_xlsx(file.content)
    return [row for row in _bounded(rows) if not row.is_blank]


def _bounded(rows: Iterable[Sequence[Content]]) -> Iterator[Row]:
    for number, cells in enumerate(rows, start=1):
        longest = max((len(cell) for cell in cells if isinstance(cell, str)), default=0)
        if number > MOST_ROWS or len(cells) > MOST_COLUMNS or longest > LONGEST_CELL:
            raise _too_large()
        yield Row(number, cells)


def _too_large() -> FileTooLarge:
    return FileTooLarge(rows=MOST_ROWS, columns=MOST_COLUMNS, characters=LONGEST_CELL)


def _rows_of_csv(content: bytes, encoding: Encoding) -> Iterator[Sequence[Content]]:
    if content.startswith((b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0")) or b"\0" in content:
        raise NotThatFormat(format="CSV")
    reader = csv.reader(io.StringIO(_decoded(content, encoding), newline=""), delimiter=";", strict=True)
    try:
        for cells in reader:
            yield [_text(as_stored(cell)) for cell in cells]
    except csv.Error:
        raise CsvUnreadable(line=reader.line_num) from None


def _decoded(content: bytes, encoding: Encoding) -> str:
    if encoding != "utf-8" and _is_utf_8(content):
        raise EncodingIsUtf8
    try:
        return content.decode("utf-8-sig" if encoding == "utf-8" else "cp1252")
    except UnicodeDecodeError as error:
        raise EncodingUnreadable(line=content.count(b"\n", 0, error.start) + 1, encoding=encoding) from None


def _is_utf_8(content: bytes) -> bool:
    """Whether a text beyond ASCII decodes as UTF-8, which does not happen by chance."""
    try:
        return not content.isascii() and bool(content.decode())
    except UnicodeDecodeError:
        return False


def _rows_of_xlsx(content: bytes) -> Iterator[Sequence[Content]]:
    """Row by row, each as wide as its content: a single cell in the far corner costs one row of cells, no more."""
    if not content.startswith(b"PK\x03\x04"):
        raise NotThatFormat(format="XLSX")
    try:
        _must_unpack(content)
        sheets = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False).worksheets
        sheet = next(one for one in sheets if one.sheet_state == "visible")
        sheet.reset_dimensions()  # the size that the file states is not trusted
        for cells in _in_room(sheet.iter_rows()):
            yield _trimmed([_content(cell) for cell in cells])
    except RosterFile:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a broken workbook makes the library raise, it is unreadable
        log.info("workbook unreadable", error=type(error).__name__)
        raise WorkbookUnreadable from None


def _in_room(rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """A row is as wide as its last cell, also if that is empty."""
    room = MOST_ROWS * MOST_COLUMNS
    for cells in rows:
        room -= len(cells)
        if room < 0:
            raise _too_large()
        yield cells


def _must_unpack(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        if sum(part.file_size for part in parts.infolist()) > LARGEST_UNPACKED:
            raise _too_large()
        for part in parts.infolist():
            told = parts.read(part) if part.filename.endswith((".xml", ".rels")) else b""
            has_cells = part.filename.startswith(("xl/worksheets/", "xl/sharedStrings"))
            if DOCUMENT_TYPE in told.replace(b"\0", b"") or (not has_cells and told.count(b"<") > MOST_STYLES):
                raise WorkbookUnreadable


def _trimmed(cells: list[Content]) -> Sequence[Content]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _content(cell: Any) -> Content:
    """A whole number without a fraction, a day without its midnight."""
    match cell.value:
        case None:
            return ""
        case _ if cell.data_type in ("f", "e", "b"):
            return FORMULA
        case datetime() as moment:
            return moment.date()
        case time() | timedelta():
            return HOUR
        case float() as number if number.is_integer():
            return str(int(number))
        case value:
            return _text(as_typed(str(value)))


def _text(text: str) -> Content:
    told = unicodedata.normalize("NFC", text.strip().replace("\r\n", "\n"))
    return FORMULA if ERRORS.fullmatch(told) else told
