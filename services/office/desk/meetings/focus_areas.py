"""What the conference works on above all: set, said anew and ended on the page of its working groups."""

from __future__ import annotations

from services.office.desk.forms.form import Field, Form, named_by, short_name
from services.office.desk.forms.placed import Placed, of
from services.office.desk.paper import typed_day
from services.office.desk.visit import Visit
from shared.declarations.projection import Document

AREA = Field("focus_area", "Schwerpunkt", "fixed")
CALLED = (
    Field("title", "Woran gearbeitet wird"),
    Field("since", "Ab", "day"),
    Field("until", "Bis", "day", required=False),
    Field("working_group", "Arbeitsgruppe", "choice", required=False),
)
TOO_EARLY = {"FocusAreaEndsTooEarly": "until", "WorkingGroupUnknown": "working_group"}
SET = Form(
    "meetings",
    "SetFocusArea",
    "Schwerpunkt setzen",
    "Schwerpunkt setzen",
    "Der Schwerpunkt ist gesetzt.",
    (
        *CALLED,
        Field("reason", "Grundlage", hint="Zum Beispiel GRDrs 905/2023.", required=False),
        short_name("focus_area", "dem Titel"),
    ),
    at={"FocusAreaSetDifferently": "title", "FocusAreaIsEnded": "title", **TOO_EARLY},
    read=named_by("focus_area", "title"),
)
CHANGE = Form(
    "meetings",
    "ChangeFocusArea",
    "Schwerpunkt ändern",
    "Ändern",
    "Der Schwerpunkt ist geändert.",
    (AREA, *CALLED, Field("reason", "Grund")),
    at=TOO_EARLY,
)
END = Form(
    "meetings",
    "EndFocusArea",
    "Schwerpunkt beenden",
    "Beenden",
    "Der Schwerpunkt ist beendet.",
    (AREA, Field("on", "Letzter Tag", "day"), Field("reason", "Grund")),
    at={"FocusAreaEndsTooEarly": "on"},
)
FORMS = (SET, CHANGE, END)


async def focus_areas(visit: Visit) -> list[Document]:
    """Each with its possible actions, current ones first."""
    today = visit.today.isoformat()
    shown = [_shown(visit, one, today) for one in await visit.some("meetings", "/focus-areas")]
    return sorted(shown, key=lambda one: bool(one["is_over"]))


def setting(visit: Visit) -> Placed:
    return Placed(SET, choices=_groups(visit))


def _shown(visit: Visit, area: Document, today: str) -> Document:
    ending = Placed(END, {}, {"focus_area": area["focus_area"]}, about=area["title"])
    return {
        **area,
        "is_over": area["last"] is not None and area["last"] < today,
        "group": visit.titles.of("working-group", area["working_group"]) if area["working_group"] else None,
        "placed": [] if area["ended"] else [_changing(visit, area), ending],
    }


def _changing(visit: Visit, area: Document) -> Placed:
    values = {"title": area["title"], "working_group": area["working_group"] or ""}
    values |= {name: typed_day(area[name]) for name in ("since", "until")}
    seen = of(area, "title", "since", "until", "working_group")
    return Placed(CHANGE, values, {"focus_area": area["focus_area"]}, _groups(visit), seen, area["title"])


def _groups(visit: Visit) -> dict[str, list[tuple[str, str]]]:
    return {"working_group": visit.titles.each("working-group")}
