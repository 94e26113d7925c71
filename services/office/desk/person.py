"""One person: replace what is known, or erase it. Nothing that is typed here is kept by the desk."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from services.office.desk.forms import Field, Form
from services.office.desk.roster import DETAILS
from services.office.desk.visit import Visit

ABOUT = ("person",)
CORRECT = Form(
    "members",
    "RecordPerson",
    "Angaben ersetzen",
    "Angaben ersetzen",
    "Die Angaben sind ersetzt.",
    DETAILS,
    ABOUT,
)
ERASE = Form(
    "members",
    "ErasePerson",
    "Alles zu dieser Person löschen",
    "Unwiderruflich löschen",
    "Die Angaben sind gelöscht. Was noch aussteht, zeigt der Verlauf.",
    (
        Field(
            "ground",
            "Grund",
            "choice",
            "Art. 17 Abs. 1 DSGVO",
            choices=(
                ("no_longer_necessary", "nicht mehr nötig (a)"),
                ("consent_withdrawn", "Einwilligung widerrufen (b)"),
                ("objection", "Widerspruch (c)"),
                ("unlawful", "unrechtmäßig verarbeitet (d)"),
                ("legal_obligation", "Rechtspflicht (e)"),
            ),
        ),
    ),
    ABOUT,
    "admin",
)
FORMS = (CORRECT, ERASE)


async def person(visit: Visit) -> Response:
    who = visit.named["person"]
    lines: list[dict[str, Any]] = await visit.items("members", "/roster", on=visit.today.isoformat())
    seats = [("Mitglied", one) for one in lines if one["person"] == who]
    seats += [("Vertretung", one) for one in lines if one["deputy"] and one["deputy"]["person"] == who]
    name = next((one["person_name"] if role == "Mitglied" else one["deputy"]["person_name"] for role, one in seats), "")
    return visit.page("person.html.j2", name=name or f"Person {who[:8]}", seats=seats, correct=CORRECT, erase=ERASE)
