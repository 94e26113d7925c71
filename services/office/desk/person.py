"""One person: replace what is known, or erase it. Nothing that is typed here is kept by the desk."""

from __future__ import annotations

from starlette.responses import Response

from services.office.desk.forms import Field, Form
from services.office.desk.guest_pools import pools_called
from services.office.desk.roster import DETAILS
from services.office.desk.visit import Visit, together

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
    lines, pools, called = await together(
        visit.items("members", "/roster", on=visit.today.isoformat()),
        visit.items("members", "/guest-pools"),
        pools_called(visit),
    )
    seats = [("Mitglied", one) for one in lines if one["person"] == who]
    seats += [("Vertretung", one) for one in lines if one["deputy"] and one["deputy"]["person"] == who]
    names = [one["person_name"] if role == "Mitglied" else one["deputy"]["person_name"] for role, one in seats]
    listed = [(pool["pool"], one["person_name"]) for pool in pools for one in pool["people"] if one["person"] == who]
    return visit.page(
        "person.html.j2",
        name=next(iter([*names, *(name for _, name in listed)]), f"Person {who[:8]}"),
        seats=seats,
        pools=[called.get(pool, pool) for pool, _ in listed],
        correct=CORRECT,
        erase=ERASE,
    )
