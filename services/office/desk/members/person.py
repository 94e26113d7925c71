"""One person: replace what is known, or erase it. Nothing that is shown or typed here is kept by the desk."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from services.office.desk.forms.form import Field, Form
from services.office.desk.forms.placed import Placed, of
from services.office.desk.meetings.guest_pools import pools_called
from services.office.desk.members.roster import DETAILS, called
from services.office.desk.others import Problem
from services.office.desk.visit import Visit, together
from shared.declarations.projection import Document

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
    lines, pools, names, recorded, known = await together(
        visit.items("members", "/roster", on=visit.today.isoformat()),
        visit.items("members", "/guest-pools"),
        pools_called(visit),
        _recorded(visit, who),
        called(visit, [who], {}),
    )
    seats = [("Mitglied", one) for one in lines if one["person"] == who]
    seats += [("Vertretung", one) for one in lines if one["deputy"] and one["deputy"]["person"] == who]
    listed = [pool["pool"] for pool in pools if who in (one["person"] for one in pool["people"])]
    return visit.page(
        "person.html.j2",
        name=known.get(who, f"Person {who[:8]}"),
        seats=seats,
        pools=[names.get(pool, pool) for pool in listed],
        details=recorded.get("details"),
        correct=_correcting(recorded),
        erase=ERASE,
    )


async def _recorded(visit: Visit, who: str) -> Document:
    """Nothing for accounts that may not correct it, and for people who are not recorded or erased."""
    if not visit.may(CORRECT):
        return {}
    try:
        return await visit.one("members", f"/people/{who}")
    except Problem as no:
        if no.status != HTTPStatus.NOT_FOUND:
            raise
        return {}


def _correcting(recorded: Document) -> Placed:
    """Filled with the known values: a correction of one field keeps the others."""
    if not recorded:
        return Placed(CORRECT)
    values = {f"details.{name}": value or "" for name, value in recorded["details"].items()}
    return Placed(CORRECT, values, replaces=of(recorded, "version"))
