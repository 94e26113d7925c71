"""Who sits where on any day, and one seat: its history, and how it is filled and vacated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from starlette.responses import Response

from services.office.desk.forms.form import Body, Field, Form, Typed, one
from services.office.desk.forms.placed import Placed, of
from services.office.desk.members import groups
from services.office.desk.paper import typed_day
from services.office.desk.visit import Visit, together
from shared.declarations.projection import Document
from shared.kernel.identifiers import derived_id
from shared.runtime.http.problems import Refused

GROUP, SEAT = Field("group", "Gruppe", "fixed"), Field("seat", "Sitz", "fixed")
SINCE = Field("since", "Ab", "day")
PERSON, WHO = Field("person", "Person", "choice"), Field("person", "Person", "fixed")
UNTIL = Field("until", "Bis", "day", "Leer: bis auf Weiteres", required=False)
ROLE = Field("role", "Als", "fixed")
MANDATE = (GROUP, SEAT, ROLE, WHO, Field("since", "Seit", "fixed"))
WHY = Field("reason", "Grund")
CORRECTION = Field("correction", "Begründung", hint="Nötig, wenn der Tag vergangen ist.", required=False)
REASONS = (
    ("resigned", "zurückgetreten"),
    ("recalled", "abberufen"),
    ("deceased", "verstorben"),
    ("other", "anderer Grund"),
)


def _new_person(typed: Typed) -> Body:
    """A form that is sent twice records one person."""
    return {"person": derived_id("desk-person", one(typed, "key"))}


DETAILS = (
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
)
RECORD = Form(
    "members",
    "RecordPerson",
    "Person erfassen",
    "Person erfassen",
    "Die Person ist erfasst. Sie kann nun vorgeschlagen oder benannt werden.",
    DETAILS,
    read=_new_person,
    carries=("person",),
)
NOMINATE = Form(
    "members",
    "NominateDelegate",
    "Vorschlag aufnehmen",
    "Vorschlag aufnehmen",
    "Der Vorschlag ist aufgenommen.",
    (GROUP, WHO, Field("organisation", "Entsendende Stelle", "choice")),
    at={"OrganisationUnknown": "organisation"},
)
CONFIRM = Form(
    "members",
    "ConfirmNomination",
    "Vorschlag bestätigen",
    "Bestätigen",
    "Der Vorschlag ist bestätigt.",
    (GROUP, WHO),
)
APPOINT = Form(
    "members",
    "AppointDelegate",
    "Berufen",
    "Berufen",
    "Der Sitz ist besetzt.",
    (GROUP, SEAT, PERSON, SINCE, UNTIL),
    at={"SeatAlreadyFilled": "since", "NotNominated": "person", "SitsAlready": "person", "EndsBeforeItBegins": "until"},
)
CHANGE_HOLDER = Form(
    "members",
    "ChangePostHolder",
    "Amt neu besetzen",
    "Amt besetzen",
    "Das Amt ist besetzt.",
    (GROUP, SEAT, WHO, SINCE, UNTIL, replace(CORRECTION, name="reason")),
    at={"PastIsRecorded": "reason"},
)
END = Form(
    "members",
    "EndMandate",
    "Mandat beenden",
    "Mandat beenden",
    "Das Mandat ist beendet.",
    (GROUP, SEAT, ROLE, WHO, Field("until", "Letzter Tag", "day"), Field("reason", "Grund", "choice", choices=REASONS)),
    at={
        "MandateEndsBeforeItBegan": "until",
        "DeathLiesAhead": "until",
        "MandateIsOver": "until",
        "SeatDoesNotExistThen": "until",
        "SeatAlreadyFilled": "until",
        "SitsAlready": "until",
        "HolderAndDeputyAtOnce": "until",
    },
)
END_DEPUTY = replace(
    END, title="Ständige Vertretung beenden", button="Vertretung beenden", done="Die Vertretung ist beendet."
)
DEPUTY = Form(
    "members",
    "AppointDeputy",
    "Ständige Vertretung benennen",
    "Vertretung benennen",
    "Die Vertretung ist benannt.",
    (GROUP, SEAT, WHO, SINCE, UNTIL),
    at={"HolderAndDeputyAtOnce": "since", "EndsBeforeItBegins": "until", "SeatAlreadyFilled": "since"},
)
CORRECT = Form(
    "members",
    "CorrectMandate",
    "Tage berichtigen",
    "Berichtigen",
    "Die Tage sind berichtigt.",
    (*MANDATE, Field("correct_since", "Richtig: seit", "day"), replace(UNTIL, name="correct_until"), WHY),
    at={"EndsBeforeItBegins": "correct_until", "SeatAlreadyFilled": "correct_since"},
)
WITHDRAW = Form(
    "members",
    "WithdrawMandate",
    "War nie so: zurücknehmen",
    "Zurücknehmen",
    "Das Mandat ist zurückgenommen.",
    (*MANDATE, WHY),
)
VACATE = Form(
    "members",
    "VacatePost",
    "Amt ist unbesetzt",
    "Festhalten",
    "Festgehalten ist, dass das Amt unbesetzt ist.",
    (
        GROUP,
        SEAT,
        SINCE,
        Field(
            "reason",
            "Grund",
            "choice",
            choices=(("post_ended", "Amt beendet"), ("not_filled", "nicht besetzt"), ("other", "anderer Grund")),
        ),
        CORRECTION,
    ),
    at={"PastIsRecorded": "correction"},
)
MOST_ASKED = 200
"""The most names in one question to members."""

FORMS = (RECORD, NOMINATE, CONFIRM, APPOINT, CHANGE_HOLDER, END, DEPUTY, CORRECT, WITHDRAW, VACATE)


async def seats(visit: Visit) -> Response:
    on = visit.asked_day or visit.today
    lines = await visit.items("members", "/roster", on=on.isoformat())
    return visit.page("seats.html.j2", on=on, seats=lines, opening=groups.OPEN)


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
    about = {"group": line["group"], "seat": name}
    return visit.page(
        "seat.html.j2",
        line=line,
        times=[(one, corrections(about, one)) for one in times[::-1]],
        proposed=[(one, Placed(CONFIRM, fixed={"group": line["group"], "person": one["person"]})) for one in proposed],
        placed=list(next_steps(visit, line, about, proposed)),
    )


def next_steps(visit: Visit, line: Document, about: dict[str, str], proposed: list[Document]) -> Iterator[Placed]:
    """First a person is recorded. The other forms are about the person recorded last, or proposed."""
    recorded, delegated = visit.query.get("person"), line["kind"] == "delegated"
    yield Placed(RECORD)
    if recorded:
        who = {**about, "person": recorded}
        organisations = visit.titles.parts("seat-group", line["group"])
        nominated = {"group": line["group"], "person": recorded}
        yield (
            Placed(NOMINATE, {}, nominated, {"organisation": organisations})
            if delegated
            else Placed(CHANGE_HOLDER, fixed=who)
        )
        yield Placed(DEPUTY, fixed=who)
    if delegated:
        confirmed = [(one["person"], one["person_name"]) for one in proposed]
        yield Placed(APPOINT, {}, about, {"person": confirmed})
    else:
        yield Placed(VACATE, fixed=about)
    sitting = {"principal": line, "deputy": line["deputy"] or {"person": None}}
    for role, who_sits in sitting.items():
        if who_sits["person"]:
            yield Placed(
                END if role == "principal" else END_DEPUTY, fixed={**about, "role": role, "person": who_sits["person"]}
            )


def corrections(about: dict[str, str], time: Document) -> list[Placed]:
    if not time["person"]:
        return []
    fixed = {**about, "role": time["role"], "person": time["person"], "since": time["since"]}
    values = {"correct_since": typed_day(time["since"]), "correct_until": typed_day(time["until"])}
    whose = f"{time['person_name']}, seit {typed_day(time['since'])}"
    return [
        Placed(CORRECT, values, fixed, replaces=of(time, "until"), about=whose),
        Placed(WITHDRAW, fixed=fixed, about=whose),
    ]


async def sitting(visit: Visit, on: str) -> list[tuple[str, str]]:
    """For choosing: everybody with a seat on that day, as ``person|seat``."""
    lines = await visit.some("members", "/roster", on=on)
    return [
        (f"{one['person']}|{one['seat']}", f"{one['person_name']} ({visit.titles.seat(one['seat'])})")
        for one in lines
        if one["person"]
    ]


async def called(visit: Visit, people: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """``known``, and the names of ``people`` who are not in it: guests and former members."""
    others = sorted(set(people) - known.keys())
    parts = [others[first : first + MOST_ASKED] for first in range(0, len(others), MOST_ASKED)]
    found = await together(*(visit.some("members", "/people", person=part) for part in parts))
    return {**known, **{one["person"]: one["person_name"] for part in found for one in part}}


async def names(visit: Visit, on: str) -> dict[str, str]:
    """Names by person on that day. Each page asks for them; they are not stored."""
    lines: list[Document] = await visit.some("members", "/roster", on=on)
    people = [*lines, *(one["deputy"] for one in lines if one["deputy"])]
    return {one["person"]: one["person_name"] for one in people if one["person"]}
