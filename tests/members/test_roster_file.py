"""A roster's file is read as it was saved, or refused with a sentence; nothing in it is computed or guessed."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from services.members.roster.columns import HeadingRepeated, HeadingUnknown, NoHeading, split_heading
from services.members.roster.entries import Entry, Fault, Reading
from services.members.roster.export import Line, as_csv, as_xlsx
from services.members.roster.sheet import (
    LARGEST_FILE,
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_STYLES,
    CsvUnreadable,
    Encoding,
    EncodingIsUtf8,
    EncodingUnreadable,
    File,
    FileTooLarge,
    NotThatFormat,
    RosterFile,
    WorkbookUnreadable,
    read_sheet,
)
from shared.documents.table import as_stored, as_text
from tests.kit.when import person

HEADING = "Nr.;Gruppe;Sitz;Funktion;Anrede;Name;E-Mail;Entsendende Stelle;von;bis"
ROW = "9;Kliniken;1;Mitglied;Frau;Müller;mueller@example.org;Klinik Nord;1.11.2023;"


def csv_of(*lines: str, encoding: str = "utf-8", named: Encoding = "utf-8") -> File:
    return File("\r\n".join(lines).encode(encoding), "csv", named)


def xlsx_of(*rows: Sequence[Any], change: Callable[[Workbook], None] | None = None) -> File:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    if change:
        change(book)
    file = io.BytesIO()
    book.save(file)
    return File(file.getvalue(), "xlsx")


def read(file: File) -> list[Entry]:
    entries, faults = read_all(file)
    assert faults == []
    return entries


def read_all(file: File) -> tuple[list[Entry], list[Fault]]:
    columns, rows = split_heading(read_sheet(file))
    readings = [Reading(columns, row) for row in rows]
    return [one.entry() for one in readings], [fault for one in readings for fault in one.faults]


def fault_of(file: File) -> Fault:
    (fault,) = read_all(file)[1]
    return fault


@pytest.mark.parametrize(
    "file",
    [
        csv_of(HEADING, ROW),
        csv_of(HEADING, ROW, encoding="utf-8-sig"),
        csv_of(HEADING, ROW, encoding="cp1252", named="windows-1252"),
        csv_of("Mitglieder der Pflegekonferenz;;;;;;;;;", "", "Stand: 1.11.2023", HEADING, ROW, ";;;;;;;;;"),
        csv_of(HEADING.lower(), ROW),
        csv_of(HEADING, '"9";"Kliniken";1;;" Frau ";Müller ;mueller@EXAMPLE.org;Klinik Nord;2023-11-01;'),
    ],
)
def test_a_csv_file_says_the_same_however_the_office_saved_it(file: File) -> None:
    (entry,) = read(file)
    assert (entry.number, entry.group, entry.seat, entry.role) == (9, "Kliniken", "1", "principal")
    assert (entry.organisation, entry.since, entry.until) == ("Klinik Nord", date(2023, 11, 1), None)
    assert entry.about and entry.about.name == "Müller" and entry.about.salutation == "Sehr geehrte Frau Müller"
    assert entry.about.email == "mueller@example.org"


def test_a_workbook_says_it_below_merged_titles_and_with_days_and_numbers_of_its_own() -> None:
    def merge(book: Workbook) -> None:
        book.worksheets[0].merge_cells("A1:J1")

    row = [9.0, "Kliniken", 1, None, "Frau", "Müller", "mueller@example.org", "Klinik Nord", datetime(2023, 11, 1)]  # noqa: DTZ001 - a day
    workbook = xlsx_of(["Mitglieder der Pflegekonferenz"], [], HEADING.split(";"), row, [None] * 10, change=merge)
    assert read(workbook) == read(csv_of(HEADING, ROW))


def test_a_name_in_parts_is_addressed_by_its_last() -> None:
    heading = "Nr.;Titel;Vorname;Nachname;Anrede;von"
    (entry,) = read(csv_of(heading, "1;Dr.;Eva;von der Höh;Herr;1.1.2024"))
    assert entry.about and entry.about.name == "Dr. Eva von der Höh"
    assert entry.about.salutation == "Sehr geehrter Herr Dr. von der Höh"
    (entry,) = read(csv_of(heading, "1;;Eva;Höh;;1.1.2024"))
    assert entry.about and entry.about.salutation is None and entry.about.addressed_as == "Guten Tag Eva Höh"


@pytest.mark.parametrize("nobody", ["", "N.N.", "vakant", "Unbesetzt"])
def test_a_seat_without_a_name_is_vacant(nobody: str) -> None:
    (entry,) = read(csv_of(HEADING, f"9;;1;;;{nobody};;;;"))
    assert entry.about is None


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("Nr.", "A2", "9a"),
        ("Nr.", "A2", "0"),
        ("Funktion", "D2", "Vorsitz"),
        ("Anrede", "E2", "Hochwürden"),
        ("Name", "F2", "Eva\u202emoc.elpmaxe"),
        ("Name", "F2", "E" * 201),
        ("Name", "F2", "=?utf-8?q?x?="),
        ("E-Mail", "G2", "eva@localhost"),
        ("E-Mail", "G2", "eva@example.org,x@example.org"),
        ("Entsendende Stelle", "H2", "Klinik\u200b"),
        ("von", "I2", "31.02.2024"),
        ("Name", "F2", "M\ufffdller"),
        ("von", "I2", "１.11.2023"),
        ("von", "I2", "1.11.23"),
        ("von", "I2", "45231"),
        ("von", "I2", "01.11.2223"),
        ("bis", "J2", "Herbst"),
    ],
)
def test_a_cell_that_cannot_be_understood_is_named_and_not_repeated(column: str, cell: str, value: str) -> None:
    cells = ROW.split(";")
    cells[HEADING.split(";").index(column)] = value
    fault = fault_of(csv_of(HEADING, ";".join(cells)))
    assert fault.cell == cell and fault.detail.startswith("Erwartet wird: ") and value not in fault.detail


def test_a_row_that_lacks_its_group_or_its_first_day_says_so() -> None:
    assert fault_of(csv_of(HEADING, ";;1;;;Müller;;;1.11.2023;")).cell == "A2"
    assert fault_of(csv_of(HEADING, "9;;1;;;Müller;;;;")) == Fault("I2", "Der erste Tag fehlt.")


def test_a_formula_is_not_computed() -> None:
    formula = '=HYPERLINK("http://x.example","Eva")'
    row = [9, "Kliniken", 1, "Mitglied", "Frau", formula, None, "Klinik Nord", "1.11.2023"]
    assert fault_of(xlsx_of(HEADING.split(";"), row)).cell == "F2"


@pytest.mark.parametrize("value", ["#NV", "#n/a", "#BEZUG!", "#DIV/0!", "#####", " #NAME? "])
def test_what_a_spreadsheet_could_not_compute_is_nobodys_name(value: str) -> None:
    assert fault_of(csv_of(HEADING, ROW.replace("Müller", value))).cell == "F2"
    row = ROW.split(";")[:-1]
    assert fault_of(xlsx_of(HEADING.split(";"), [value if one == "Müller" else one for one in row])).cell == "F2"
    assert fault_of(xlsx_of(HEADING.split(";"), [True if one == "Müller" else one for one in row])).cell == "F2"


def test_of_a_workbook_the_first_sheet_that_is_seen_is_read() -> None:
    def hide_first(book: Workbook) -> None:
        seen = book.create_sheet("Mitglieder")
        for row in (HEADING.split(";"), ROW.replace("Müller", "Maier").split(";")[:-1]):
            seen.append(row)
        book.active = 1
        book.worksheets[0].sheet_state = "hidden"

    (entry,) = read(xlsx_of(HEADING.split(";"), ROW.split(";")[:-1], change=hide_first))
    assert entry.about and entry.about.name == "Maier"


@pytest.mark.parametrize(
    ("file", "cell"),
    [
        (xlsx_of(["Nr.", "Name", None, "von"], [1, "Eva", "Maier", "1.11.2023"]), "C2"),
        (xlsx_of(["Nr.", "Name", "von"], [1, "Maier", "1.11.2023", "31.12.2024"]), "D2"),
        (csv_of("Nr.;;Name;von", "1;Eva;Maier;1.11.2023"), "B2"),
        (csv_of("Nr.;Name;von;", "1;Maier;1.11.2023;;;31.12.2024"), "F2"),
    ],
    ids=["below a merged heading", "behind the last", "below none", "far behind the last"],
)
def test_what_stands_below_no_heading_is_named_and_not_lost(file: File, cell: str) -> None:
    assert fault_of(file) == Fault(cell, "Über dieser Zelle steht keine Überschrift.")


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        (File(b"PK\x03\x04" + b"x" * 30, "csv"), NotThatFormat),
        (File(b"%PDF-1.7", "csv"), NotThatFormat),
        (csv_of(HEADING, "9;Klin\0iken"), NotThatFormat),
        (File(HEADING.encode("utf-16-le"), "csv"), NotThatFormat),
        (csv_of(HEADING, ROW).__class__(HEADING.encode(), "xlsx"), NotThatFormat),
        (csv_of(HEADING, ROW, encoding="cp1252"), EncodingUnreadable),
        (File(b"\x81", "csv", "windows-1252"), EncodingUnreadable),
        (csv_of(HEADING, ROW, named="windows-1252"), EncodingIsUtf8),
        (csv_of(HEADING, '9;"Kliniken;1'), CsvUnreadable),
        (csv_of(HEADING, '9;"Klini"ken;1'), CsvUnreadable),
        (csv_of(HEADING, "9;" + "x" * 200_000), CsvUnreadable),
        (csv_of(HEADING, "9;" + "x" * (LONGEST_CELL + 1)), FileTooLarge),
        (csv_of(HEADING, ";" * MOST_COLUMNS), FileTooLarge),
        (csv_of(HEADING, *[ROW] * MOST_ROWS), FileTooLarge),
        (csv_of(HEADING.replace(";", ","), ROW), NoHeading),
        (csv_of(ROW), NoHeading),
        (csv_of(""), NoHeading),
        (csv_of("Nr.;Name", "1;Eva"), NoHeading),
        (csv_of(f"{HEADING};Telefon", ROW), HeadingUnknown),
        (csv_of(f"{HEADING};seit", ROW), HeadingRepeated),
        (File(b"PK\x03\x04" + b"x" * 30, "xlsx"), WorkbookUnreadable),
    ],
)
def test_a_file_that_is_no_roster_is_refused_as_a_whole(file: File, rule: type[RosterFile]) -> None:
    with pytest.raises(rule) as no:
        split_heading(read_sheet(file))
    assert "{" not in no.value.detail


def test_what_is_as_large_as_is_allowed_is_read() -> None:
    widest = csv_of(HEADING, ";" * (MOST_COLUMNS - 1) + "x", "9;" + "x" * LONGEST_CELL, *[ROW] * (MOST_ROWS - 3))
    assert len(read_sheet(widest)) == MOST_ROWS


def test_a_title_that_says_only_name_or_number_is_no_heading() -> None:
    for title in ("Name", "Nr.;Stand;Mai"):
        _, rows = split_heading(read_sheet(csv_of(title, HEADING, ROW)))
        assert len(rows) == 1


def repacked(file: File, name: str, change: Callable[[bytes], bytes]) -> File:
    """The same workbook with one part changed."""
    told = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file.content)) as parts, zipfile.ZipFile(told, "w", zipfile.ZIP_DEFLATED) as made:
        for part in parts.infolist():
            content = parts.read(part)
            made.writestr(part.filename, change(content) if part.filename == name else content)
    return File(told.getvalue(), "xlsx")


SHEET = "xl/worksheets/sheet1.xml"
HOSTILE = [
    ("a zip bomb", lambda part: part + b" " * 11_000_000, FileTooLarge),
    ("entities", lambda part: b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + part, WorkbookUnreadable),
    ("a document type", lambda part: b"<!DOCTYPE worksheet>" + part, WorkbookUnreadable),
    ("no sheet", lambda _: b"<worksheet", WorkbookUnreadable),
    ("a cell in the last corner", lambda part: part.replace(b'r="I2"', b'r="XFD2"'), FileTooLarge),
    ("a row at the end", lambda part: part.replace(b'row r="2"', b'row r="1048576"'), FileTooLarge),
    ("a row behind all numbers", lambda part: part.replace(b'row r="2"', b'row r="999999999999"'), FileTooLarge),
    (
        "far cells in each row",
        lambda part: part.replace(
            b"</sheetData>",
            b"".join(b'<row r="%d"><c r="XFD%d"/></row>' % (n, n) for n in range(3, 60)) + b"</sheetData>",
        ),
        FileTooLarge,
    ),
    (
        "a document type in UTF-16",
        lambda part: ("<!DOCTYPE worksheet>" + part.decode()).encode("utf-16"),
        WorkbookUnreadable,
    ),
    (
        "a million rows",
        lambda part: part.replace(b"</sheetData>", b"<row/>" * 1_000_000 + b"</sheetData>"),
        FileTooLarge,
    ),
]


@pytest.mark.parametrize(("change", "rule"), [pytest.param(*one[1:], id=one[0]) for one in HOSTILE])
def test_a_workbook_that_would_unfold_is_refused(change: Callable[[bytes], bytes], rule: type[RosterFile]) -> None:
    file = repacked(xlsx_of(HEADING.split(";"), ROW.split(";")[:-1]), SHEET, change)
    assert len(file.content) < LARGEST_FILE
    with pytest.raises(rule):
        read_sheet(file)


def test_a_workbook_with_more_styles_than_anybody_has_is_refused() -> None:
    """Each makes an object, and so a small file an hour's work."""
    many = b"<cellXfs>" + b'<xf numFmtId="0"/>' * (MOST_STYLES + 1) + b"</cellXfs>"
    file = repacked(
        xlsx_of(HEADING.split(";"), ROW.split(";")[:-1]),
        "xl/styles.xml",
        lambda part: re.sub(b"<cellXfs.*</cellXfs>", many, part),
    )
    with pytest.raises(WorkbookUnreadable):
        read_sheet(file)


def test_no_part_of_a_workbook_may_have_a_document_type() -> None:
    file = repacked(xlsx_of(HEADING.split(";"), ROW.split(";")[:-1]), "xl/_rels/workbook.xml.rels", HOSTILE[2][1])
    with pytest.raises(WorkbookUnreadable):
        read_sheet(file)


@settings(max_examples=30)
@given(st.binary(max_size=200), st.sampled_from(["csv", "xlsx"]), st.sampled_from(["utf-8", "windows-1252"]))
def test_whatever_is_sent_is_read_or_refused(content: bytes, format_: Any, encoding: Any) -> None:
    for start in (b"", b"PK\x03\x04", HEADING.encode() + b"\n"):
        try:
            columns, rows = split_heading(read_sheet(File(start + content, format_, encoding)))
        except RosterFile:
            continue
        for row in rows:
            Reading(columns, row).entry()


@settings(max_examples=30)
@given(st.integers(0, 20_000), st.integers(0, 255))
def test_a_workbook_with_a_broken_byte_is_read_or_refused(place: int, byte: int) -> None:
    whole = bytearray(WORKBOOK.content)
    whole[place % len(whole)] = byte
    with suppress(RosterFile):
        read_sheet(File(bytes(whole), "xlsx"))


WORKBOOK = xlsx_of(HEADING.split(";"), ROW.split(";"))

DANGEROUS = st.text(st.sampled_from("'=+-@＝＋－＠A1(\t\r\n"), max_size=6)


@settings(max_examples=30)
@given(DANGEROUS)
def test_no_exported_text_begins_a_formula_and_each_is_read_back(text: str) -> None:
    assert as_text(text)[:1] not in set("=+-@\t\r\n＝＋－＠")
    assert as_stored(as_text(text)) == text


def test_a_workbook_holds_dangerous_names_as_text() -> None:
    line: Line = {"number": 1, "group": "@SUM(A1)", "seat": "1", "role": "Mitglied", "name": "=1+1"}
    sheet = load_workbook(io.BytesIO(as_xlsx([{**line, "since": date(2024, 1, 1)}]))).worksheets[0]
    assert [sheet["B2"].data_type, sheet["E2"].data_type] == ["s", "s"]
    assert (sheet["J2"].value, sheet["J2"].number_format) == (datetime(2024, 1, 1), "DD.MM.YYYY")  # noqa: DTZ001  # a day
    assert b";01.01.2024;" in as_csv([{**line, "since": date(2024, 1, 1)}])
    assert sheet["E2"].quotePrefix and not sheet["C2"].quotePrefix
    assert b";'@SUM(A1);" in as_csv([line]) and b";'=1+1;" in as_csv([line])


@pytest.mark.parametrize("name", ["=1+1", "-Eva", "'Eva", "'=Eva", "＝Eva", 'Eva "die" Höh; sic', "Eva"])
def test_what_is_exported_is_read_back(name: str) -> None:
    line: Line = {"number": 1, "group": "Kliniken", "seat": "1", "role": "Stellvertretung", "name": name}
    more: Line = {"salutation": "Guten Tag", "email": None, "postal_address": "A-Straße 1\n70173 Stuttgart"}
    whole: Line = {**line, **more, "organisation": "A", "since": date(2024, 1, 1), "until": None, "person": person(1)}
    entries = [read(File(as_csv([whole]), "csv")), read(File(as_xlsx([whole]), "xlsx"))]
    for (entry,) in entries:
        assert entry.about and entry.about.name == name
        assert (entry.about.salutation, entry.about.postal_address) == ("Guten Tag", "A-Straße 1\n70173 Stuttgart")
        assert (entry.role, entry.since, entry.person) == ("deputy", date(2024, 1, 1), person(1))
