"""Who sits where on any day, and one seat: its history, and how it is filled and vacated."""

from __future__ import annotations

from datetime import date

from starlette.responses import Response

from services.office.desk.forms import Body, Field, Form, Mistyped, Typed, day, one
from services.office.desk.visit import Visit, together
from shared.declarations.projection import Document
from shared.kernel.identifiers import derived_id
from shared.runtime.http.problems import Refused

GROUP, SEAT = Field("group", "Gruppe", "fixed"), Field("seat", "Sitz", "fixed")
SINCE = Field("since", "Ab", "day")
PERSON = Field("person", "Person", "choice")


def _new_person(typed: Typed) -> Body:
    """A form that is sent twice records one person."""
    return {"person": derived_id("desk-person", one(typed, "key"))}


RECORD = Form(
    "members",
    "RecordPerson",
    "1. Person erfassen",
    "Person erfassen",
    "Die Person ist erfasst. Sie kann nun vorgeschlagen werden.",
    (
        Field("details.name", "Vor- und Nachname"),
        Field("details.salutation", "Anrede im Brief", hint="Die ganze Zeile, zum Beispiel: Guten Tag Frau Muster"),
        Field("details.email", "E-Mail-Adresse", "email", required=False),
        Field(
            "details.postal_address",
            "Postanschrift",
            "area",
            "Ohne E-Mail-Adresse gehen Schreiben dorthin.",
            required=False,
        ),
    ),
    read=_new_person,
    carries=("person",),
)
NOMINATE = Form(
    "members",
    "NominateDelegate",
    "2. Vorschlag aufnehmen",
    "Vorschlag aufnehmen",
    "Der Vorschlag ist aufgenommen.",
    (
        GROUP,
        Field("person", "Person", "fixed"),
        Field("organisation", "Entsendende Stelle", hint="Kurzname der Stelle"),
    ),
)
CONFIRM = Form(
    "members",
    "ConfirmNomination",
    "Vorschlag bestätigen",
    "Bestätigen",
    "Der Vorschlag ist bestätigt.",
    (GROUP, Field("person", "Person", "fixed")),
)
APPOINT = Form(
    "members",
    "AppointDelegate",
    "3. Berufen",
    "Berufen",
    "Der Sitz ist besetzt.",
    (GROUP, SEAT, PERSON, SINCE, Field("until", "Bis", "day", "Leer: bis auf Weiteres", required=False)),
)
CHANGE_HOLDER = Form(
    "members",
    "ChangePostHolder",
    "Amt neu besetzen",
    "Amt besetzen",
    "Das Amt ist besetzt.",
    (GROUP, SEAT, Field("person", "Person", "fixed"), SINCE),
)
END = Form(
    "members",
    "EndMandate",
    "Mandat beenden",
    "Mandat beenden",
    "Das Mandat ist beendet.",
    (GROUP, SEAT, Field("until", "Letzter Tag", "day"), Field("reason", "Grund", "choice")),
)
FORMS = (RECORD, NOMINATE, CONFIRM, APPOINT, CHANGE_HOLDER, END)
REASONS = [
    ("resigned", "zurückgetreten"),
    ("recalled", "abberufen"),
    ("deceased", "verstorben"),
    ("other", "anderer Grund"),
]


async def seats(visit: Visit) -> Response:
    on = _day(visit)
    return visit.page("seats.html.j2", on=on, seats=await visit.items("members", "/roster", on=on.isoformat()))


async def seat(visit: Visit) -> Response:
    name = visit.named["seat"]
    lines, times, nominations = await together(
        visit.items("members", "/roster", on=visit.today.isoformat()),
        visit.items("members", f"/seats/{name}/history"),
        visit.items("members", "/nominations"),
    )
    line = next((one for one in lines if one["seat"] == name), None)
    if line is None:
        raise Refused(404, "NotFound", "Diesen Sitz gibt es heute nicht.")
    proposed = [one for one in nominations if one["group"] == line["group"]]
    confirmed = [(one["person"], one["person_name"]) for one in proposed if one["confirmed"]]
    return visit.page(
        "seat.html.j2",
        line=line,
        times=times[::-1],
        proposed=proposed,
        confirmed=confirmed,
        recorded=visit.query.get("person"),
        reasons=REASONS,
        forms={form.command: form for form in FORMS},
    )


def _day(visit: Visit) -> date:
    asked = visit.query.get("on")
    try:
        return day(asked.strip()) if asked else visit.today
    except Mistyped as fault:
        raise Refused(422, "FieldsInvalid", str(fault)) from None


async def names(visit: Visit, on: str) -> dict[str, str]:
    """By person as they are called on that day. Asked for each page, kept nowhere."""
    lines: list[Document] = await visit.some("members", "/roster", on=on)
    people = [*lines, *(one["deputy"] for one in lines if one["deputy"])]
    return {one["person"]: one["person_name"] for one in people if one["person"]}
