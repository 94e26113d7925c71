"""A seat group: how many seats it has, who may send somebody for them, and whom they propose."""

from __future__ import annotations

from starlette.responses import Response

from services.office.desk.forms.form import Field, Form, named_by, short_name
from services.office.desk.forms.placed import Placed, of
from services.office.desk.visit import Visit, together
from shared.runtime.http.problems import Refused

ABOUT = ("group",)
NAME, NUMBER = Field("name", "Name der Gruppe"), Field("number", "Nummer in der Vorlage", "number")
ORGANISATION, REASON = Field("organisation", "Entsendende Stelle", "choice"), Field("reason", "Grund")
PERSON = Field("person", "Person", "fixed")

OPEN = Form(
    "members",
    "OpenSeatGroup",
    "Gruppe eröffnen",
    "Gruppe eröffnen",
    "Die Gruppe ist eröffnet.",
    (
        NAME,
        NUMBER,
        Field(
            "kind",
            "Besetzung",
            "choice",
            choices=(("delegated", "durch Vorschlag einer Stelle"), ("ex_officio", "kraft Amtes")),
        ),
        Field("seats", "Zahl der Sitze", "number"),
        short_name("group", "dem Namen"),
    ),
    at={"SeatGroupOpenedDifferently": "name"},
    read=named_by("group", "name"),
)
CORRECT = Form(
    "members",
    "CorrectSeatGroup",
    "Name oder Nummer berichtigen",
    "Berichtigen",
    "Die Gruppe ist berichtigt.",
    (NAME, NUMBER, REASON),
    ABOUT,
)
ENTITLE = Form(
    "members",
    "ChangeEntitlement",
    "Zahl der Sitze ändern",
    "Zahl ändern",
    "Die Zahl der Sitze ist geändert.",
    (Field("seats", "Zahl der Sitze", "number"), Field("since", "Ab", "day")),
    ABOUT,
    at={"EntitlementBelowFilledSeats": "seats", "NoSeatNamesLeft": "seats", "EntitlementRunsBackwards": "since"},
)
REGISTER = Form(
    "members",
    "RegisterOrganisation",
    "Entsendende Stelle aufnehmen",
    "Stelle aufnehmen",
    "Die Stelle ist aufgenommen.",
    (Field("name", "Name der Stelle"), short_name("organisation", "dem Namen")),
    ABOUT,
    at={"OrganisationRegisteredDifferently": "name"},
    read=named_by("organisation", "name"),
)
RENAME = Form(
    "members",
    "CorrectOrganisation",
    "Name einer Stelle berichtigen",
    "Berichtigen",
    "Der Name der Stelle ist berichtigt.",
    (ORGANISATION, Field("name", "Richtiger Name"), REASON),
    ABOUT,
    at={"OrganisationUnknown": "organisation"},
)
RETURN = Form(
    "members",
    "ReturnNomination",
    "Vorschlag zurückgeben",
    "Zurückgeben",
    "Der Vorschlag ist zurückgegeben.",
    (
        PERSON,
        Field(
            "reason",
            "Grund",
            "choice",
            choices=(
                ("not_entitled", "nicht vorschlagsberechtigt"),
                ("form_missing", "Unterlagen fehlen"),
                ("seat_filled", "Sitz vergeben"),
                ("withdrawn", "zurückgezogen"),
                ("other", "anderer Grund"),
            ),
        ),
    ),
    ABOUT,
)
FORMS = (CORRECT, ENTITLE, REGISTER, RENAME, RETURN)


async def group(visit: Visit) -> Response:
    name = visit.named["group"]
    lines, nominations = await together(
        visit.items("members", "/roster", on=visit.today.isoformat()), visit.items("members", "/nominations")
    )
    seats = [line for line in lines if line["group"] == name]
    if not seats:
        raise Refused(404, "NotFound", "Diese Gruppe gibt es heute nicht.")
    organisations = visit.titles.parts("seat-group", name)
    proposed = [one for one in nominations if one["group"] == name]
    return visit.page(
        "group.html.j2",
        seats=seats,
        organisations=organisations,
        proposed=[(one, Placed(RETURN, fixed={"person": one["person"]}, about=one["person_name"])) for one in proposed],
        placed=[
            Placed(REGISTER),
            Placed(ENTITLE, {"seats": len(seats)}, replaces={"seats": len(seats)}),
            Placed(
                RENAME,
                choices={"organisation": organisations},
                replaces={key: {"name": called} for key, called in organisations},
            ),
            Placed(CORRECT, seats[0], replaces=of(seats[0], "number", "name")),
        ],
    )
