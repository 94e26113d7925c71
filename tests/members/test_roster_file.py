"""A roster's file is read as it was saved, or refused with a sentence; nothing in it is computed or guessed."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from structlog.typing import EventDict

from services.members.roster.columns import Column, HeadingRepeated, HeadingUnknown, NoHeading, split_heading
from services.members.roster.entries import Entry, Fault, Reading, Told
from services.members.roster.export import Line, as_csv, as_xlsx
from services.members.roster.sheet import (
    LARGEST_FILE,
    LARGEST_UNPACKED,
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
    _in_room,
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


@pytest.mark.parametrize("nobody", ["", "N.N.", "N. N.", "vakant", "Unbesetzt", "ehemaliges Mitglied"])
def test_a_seat_without_a_name_is_vacant(nobody: str) -> None:
    (entry,) = read(csv_of(HEADING, f"9;;1;;;{nobody};;;;"))
    assert entry.about is None


def test_a_column_may_be_called_as_offices_call_it() -> None:
    called: dict[Column, str] = {
        "number": "Nr.;Nr;Nummer",
        "group": "Gruppe;Sitzgruppe",
        "seat": "Sitz;Sitz Nr.",
        "role": "Funktion;Rolle",
        "title": "Titel",
        "first_name": "Vorname",
        "name": "Name;Nachname",
        "address_as": "Anrede",
        "salutation": "Briefanrede",
        "email": "E-Mail;Email;E-Mail-Adresse;Mail",
        "postal_address": "Anschrift;Adresse;Postanschrift",
        "organisation": "Entsendende Stelle;Organisation;Institution",
        "since": "von;seit;Beginn",
        "until": "bis;Ende",
        "person": "Kennung",
    }
    known = [(column, heading) for column, headings in called.items() for heading in headings.split(";")]
    for column, heading in known:
        needed: dict[Column, str] = {"number": "Nr.", "name": "Name", "since": "von"}
        needed[column] = heading
        columns, _ = split_heading(read_sheet(csv_of(";".join(needed.values()))))
        assert columns.places == {one: place for place, one in enumerate(needed)}
    with pytest.raises(HeadingUnknown) as no:
        split_heading(read_sheet(csv_of(f"{HEADING};Telefon")))
    assert no.value.facts == {"cell": "K1", "known": ", ".join(names.split(";")[0] for names in called.values())}
    with pytest.raises(HeadingRepeated) as twice:
        split_heading(read_sheet(csv_of(f"{HEADING};seit")))
    assert twice.value.facts == {"cell": "K1", "heading": "von"}


@pytest.mark.parametrize(
    ("said", "role"),
    [
        *((word, "principal") for word in ("", "Mitglied", "Delegierte*r", "AMT")),
        *((word, "deputy") for word in ("Stellvertretung", "Stellvertreter*in", "Stv.")),
    ],
)
def test_a_role_may_be_called_as_offices_call_it(said: str, role: str) -> None:
    [entry] = read(csv_of(HEADING, f"9;;1;{said};;Müller;;;1.11.2023;"))
    assert entry.role == role


def test_a_name_with_all_its_parts_and_the_line_of_address_that_is_made_of_it_are_lines() -> None:
    heading, parts = "Nr.;Titel;Vorname;Name;Briefanrede;von", len("Dr. Eva ")
    named = {
        (300 - parts, "Guten Tag"): [],
        (301 - parts, "Guten Tag"): ["D2"],
        (300 - parts - len("Guten Tag "), ""): [],
        (301 - parts - len("Guten Tag "), ""): ["E2"],
    }
    for (letters, salutation), faults in named.items():
        _, found = read_all(csv_of(heading, f"1;Dr.;Eva;{'M' * letters};{salutation};1.1.2024"))
        assert [one.cell for one in found] == faults
    _, found = read_all(csv_of("Nr.;Anrede;Name;von", f"1;Frau;{'M' * 290};1.1.2024"))
    assert [one.cell for one in found] == ["2"], "there is no such column, and a place for it is missing"


def test_a_fault_where_there_is_no_column_is_shown_at_its_row() -> None:
    assert fault_of(csv_of("Gruppe;Name;von", ";Eva;1.1.2024")).cell == "2"


def test_a_heading_stands_within_the_first_twenty_rows() -> None:
    for above, is_found in ((19, True), (20, False)):
        file = csv_of(*["Stand: 1.11.2023"] * above, HEADING, ROW)
        if is_found:
            assert len(read(file)) == 1
        else:
            with pytest.raises(NoHeading):
                split_heading(read_sheet(file))


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("Nr.", "A2", "9a"),
        ("Nr.", "A2", "1000"),
        ("Nr.", "A2", "0"),
        ("Funktion", "D2", "Vorsitz"),
        ("Anrede", "E2", "Hochwürden"),
        ("Name", "F2", "Eva\u202emoc.elpmaxe"),
        ("Name", "F2", "E" * 301),
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


def test_a_number_with_a_fraction_is_no_number_of_a_group() -> None:
    row = [9.5, "Kliniken", 1, "Mitglied", "Frau", "Müller", None, "Klinik Nord", "1.11.2023"]
    assert fault_of(xlsx_of(HEADING.split(";"), row)).cell == "A2"


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


@pytest.mark.parametrize("column", ["Nr.", "Gruppe", "Sitz", "Funktion", "Anrede", "Name", "Entsendende Stelle"])
def test_what_a_spreadsheet_made_a_date_of_is_no_text(column: str) -> None:
    heading, row = HEADING.split(";"), ROW.split(";")[:-1]
    place = heading.index(column)
    changed = [*row[:place], date(2024, 4, 3), *row[place + 1 :]]
    fault = fault_of(xlsx_of(heading, changed))
    told = "Eine Tabellenkalkulation hat daraus ein Datum gemacht: bitte als Text eintragen."
    assert fault == Fault(f"{'ABCDEFGHIJ'[place]}2", told)


@pytest.mark.parametrize("hour", [time(1, 2), time(), timedelta(hours=25, minutes=2)])
@pytest.mark.parametrize("column", ["Nr.", "Gruppe", "Sitz", "Name", "Entsendende Stelle", "von", "bis"])
def test_what_a_spreadsheet_made_an_hour_of_is_nothing_that_stands_in_a_roster(
    column: str, hour: time | timedelta
) -> None:
    heading, row = HEADING.split(";"), [*ROW.split(";")[:-1], ""]
    place = heading.index(column)
    fault = fault_of(xlsx_of(heading, [*row[:place], hour, *row[place + 1 :]]))
    assert fault.cell == f"{'ABCDEFGHIJ'[place]}2"
    assert fault.detail == "Eine Tabellenkalkulation hat daraus eine Uhrzeit gemacht: bitte als Text eintragen."


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
        (File(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "csv"), NotThatFormat),
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


@pytest.mark.parametrize(
    ("content", "rule", "line"),
    [
        (b"Nr.;Name;von\n1;M\xfcller;1.1.2024\n", EncodingUnreadable, 2),
        (b"\n\xfc", EncodingUnreadable, 2),
        (b"\xfc\n\n", EncodingUnreadable, 1),
        (b'Nr.;Name;von\n1;"Eva"x;1.1.2024\n', CsvUnreadable, 2),
    ],
)
def test_the_line_that_cannot_be_read_is_named(content: bytes, rule: type[RosterFile], line: int) -> None:
    with pytest.raises(rule) as no:
        read_sheet(File(content, "csv"))
    assert no.value.facts["line"] == line


def test_a_file_without_umlauts_is_the_same_in_both_encodings() -> None:
    plain = ROW.replace("ü", "ue")
    assert read(csv_of(HEADING, plain, named="windows-1252")) == read(csv_of(HEADING, plain))


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


def test_a_workbook_may_have_as_many_styles_and_as_large_parts_as_are_allowed() -> None:
    plain = xlsx_of(HEADING.split(";"), ROW.split(";")[:-1])
    with zipfile.ZipFile(io.BytesIO(plain.content)) as parts:
        styles = parts.read("xl/styles.xml").count(b"<")
        size = sum(part.file_size for part in parts.infolist())
    for beyond, rule in ((0, None), (1, WorkbookUnreadable)):
        marks = b"<!-- -->" * (MOST_STYLES - styles + beyond)
        is_read_or(rule, repacked(plain, "xl/styles.xml", partial(behind, marks)))
    for beyond, too_large in ((0, None), (1, FileTooLarge)):
        blanks = b" " * (LARGEST_UNPACKED - size + beyond)
        is_read_or(too_large, repacked(plain, "docProps/app.xml", partial(behind, blanks)))


def behind(more: bytes, part: bytes) -> bytes:
    return part + more


def is_read_or(rule: type[RosterFile] | None, file: File) -> None:
    if rule is None:
        assert len(read_sheet(file)) == 2
    else:
        with pytest.raises(rule):
            read_sheet(file)


def test_cells_are_not_counted_as_styles() -> None:
    """Each has tags of its own, in its sheet or among the texts that other programs keep beside it."""
    number = MOST_STYLES // 4 // MOST_COLUMNS + 1
    file = xlsx_of(*[[f"{row} {column}" for column in range(MOST_COLUMNS)] for row in range(number)])
    content = io.BytesIO(file.content)
    with zipfile.ZipFile(content, "a") as parts:
        assert parts.read(SHEET).count(b"<") > MOST_STYLES
        parts.writestr("xl/sharedStrings.xml", b"<sst>" + b"<si/>" * MOST_STYLES + b"</sst>")
    assert len(read_sheet(File(content.getvalue(), "xlsx"))) == number


def test_a_whole_sheet_of_cells_has_room_and_not_one_more() -> None:
    rows = [(None,) * MOST_COLUMNS] * MOST_ROWS
    assert len([*_in_room(rows)]) == MOST_ROWS
    with pytest.raises(FileTooLarge):
        [*_in_room([*rows, (None,)])]


def test_an_error_that_no_list_knows_is_no_value(lines: list[EventDict]) -> None:
    def with_error(part: bytes) -> bytes:
        return re.sub(rb'<c r="F2"[^>]*>.*?</c>', b'<c r="F2" t="e"><v>#BLOCKED!</v></c>', part)

    file = xlsx_of(HEADING.split(";"), ROW.split(";")[:-1])
    assert fault_of(repacked(file, SHEET, with_error)).cell == "F2"
    with pytest.raises(WorkbookUnreadable):
        read_sheet(repacked(file, SHEET, lambda _: b"<worksheet"))
    assert [one["event"] for one in lines] == ["workbook unreadable"]


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
    assert (sheet["A1"].value, sheet["A1"].font.b, sheet["A2"].font.b) == ("Nr.", True, False)
    assert (sheet["L1"].value, sheet["L1"].font.b, sheet.freeze_panes, sheet.title) == (
        "Kennung",
        True,
        "A2",
        "Mitglieder",
    )
    assert b";'@SUM(A1);" in as_csv([line]) and b";'=1+1;" in as_csv([line])


ESCAPES = ("_x0041_", "_x000D_ Eva", "_x005F_x0041_", "_x005F_", "_x0041_x0042_", "x_xD83D_")
"""What a spreadsheet would read as other characters."""


def test_a_line_that_ends_as_windows_ends_it_is_one_line_end() -> None:
    """Excel writes the carriage return as ``_x000D_``."""
    heading, row = ["Gruppe", "Name", "Anschrift", "von"], ["Kliniken", "Eva", "A-Straße 1_x000D_\nOrt", "1.1.2024"]
    (entry,) = read(xlsx_of(heading, row))
    assert entry.about and entry.about.postal_address == "A-Straße 1\nOrt"


@pytest.mark.parametrize(
    "name", ["=1+1", "-Eva", "'Eva", "'=Eva", "＝Eva", 'Eva "die" Höh; sic', "Eva", "M" * 300, *ESCAPES]
)
def test_what_is_exported_is_read_back(name: str) -> None:
    line: Line = {"number": 1, "group": "Kliniken", "seat": "1", "role": "Stellvertretung", "name": name}
    more: Line = {"salutation": "Guten Tag", "email": "a@example.org", "postal_address": "A-Straße 1\n70173 Stuttgart"}
    began, ends = date(2024, 1, 1), date(2024, 12, 31)
    whole: Line = {**line, **more, "organisation": "A", "since": began, "until": ends, "person": person(1)}
    about = Told(
        name=name,
        addressed_as=f"Guten Tag {name}",
        salutation="Guten Tag",
        email="a@example.org",
        postal_address="A-Straße 1\n70173 Stuttgart",
    )
    entry = Entry(1, "Kliniken", "1", "deputy", about, person(1), "A", began, ends)
    for file in (File(as_csv([whole]), "csv"), File(as_xlsx([whole]), "xlsx")):
        assert read(file) == [entry]
