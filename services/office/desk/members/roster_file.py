"""A roster as the office has it: pasted from a spreadsheet, looked at row by row, then read in, all of it or nothing.

What is pasted stands on the page until it is read in, and nowhere else.
"""

from __future__ import annotations

import csv
import io
from uuid import uuid4

from starlette.responses import Response

from services.office.desk.forms.form import Field, Form, Refusal, Typed, one, refused
from services.office.desk.forms.reading import Mistyped
from services.office.desk.others import Problem, Silent
from services.office.desk.visit import UNKNOWN, Done, Visit

TABLE = Field("table", "Die Zeilen der Tabelle mit ihren Überschriften", "area")
PATH = "/roster/import"
CHECK = Form(
    "members",
    "CheckRoster",
    "Mitglieder einlesen",
    "Prüfen",
    "Die Liste ist geprüft.",
    (TABLE,),
    path=PATH,
    of_people=True,
)
TAKE_IN = Form(
    "members",
    "ImportRoster",
    "Mitglieder einlesen",
    "Einlesen",
    "Die Liste ist eingelesen.",
    (TABLE,),
    path=PATH,
    of_people=True,
)
FORMS = (CHECK, TAKE_IN)
UNREADABLE = "Ab Zeile {line} ist die Liste nicht lesbar, meist wegen eines Anführungszeichens. Bitte dort weglassen."
OUTCOMES = {"change": "ändert", "unchanged": "unverändert", "refused": "abgelehnt"}


async def roster_file(visit: Visit) -> Response:
    refusal = visit.typed_at(CHECK, {}) or visit.typed_at(TAKE_IN, {})
    return visit.page(
        "roster_file.html.j2",
        forms=FORMS,
        refusal=refusal,
        report=visit.report,
        outcomes=OUTCOMES,
        table=one(refusal.typed, "table") if refusal else visit.report.get("table", ""),
        key=refusal.key if refusal and refusal.key else uuid4().hex,
    )


async def take(visit: Visit, form: Form, typed: Typed) -> Done | Refusal | None:
    """None if the list was only checked: the page then shows what each row would change."""
    table, query = one(typed, "table"), {"conference": visit.conference, "dry_run": str(form == CHECK).lower()}
    try:
        others, content = visit.desk.others, as_csv(table)
    except Mistyped as fault:
        return Refusal(form, typed, 422, str(fault))
    key = one(typed, "key") or uuid4().hex
    try:
        report = await others.give_file(form.service, PATH, visit.token, query, content, key)
    except Silent:
        return Refusal(form, typed, 503, UNKNOWN, key=key)
    except Problem as no:
        visit.report = dict(no.told)
        return refused(form, typed, no)
    visit.report = {**report, "table": table}
    return None if form == CHECK else Done(form, "", {})


def as_csv(pasted: str) -> bytes:
    """Cells from a spreadsheet are separated by tabs; text with semicolons is a CSV file already.

    Raises ``Mistyped`` for a quotation mark that is not closed: it would take the rows below into its cell.
    """
    if "\t" not in pasted:
        return pasted.encode()
    written = io.StringIO()
    rows = csv.reader(io.StringIO(pasted), delimiter="\t", strict=True)
    try:
        csv.writer(written, delimiter=";", lineterminator="\n").writerows(rows)
    except csv.Error:
        raise Mistyped(UNREADABLE.format(line=rows.line_num)) from None
    return written.getvalue().encode()
