"""The whole room on one page: what people answer, who is there, and whether that is enough."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from starlette.responses import Response

from services.office.desk.forms.form import Body, Field, Form, Typed, one
from services.office.desk.forms.reading import Mistyped, clock, day, moment_of
from services.office.desk.forms.seen import WAS
from services.office.desk.meetings.guest_pools import everybody
from services.office.desk.members.roster import called
from services.office.desk.visit import Visit
from shared.declarations.projection import Document
from shared.kernel.time import local_day

ABOUT = ("session",)
ANSWERS = [("", "–"), ("accept", "Zusage"), ("decline", "Absage"), ("deputy", "Vertretung")]
GUEST = "Gast"
PREFIX = "is."
"""Prefixes of a person's fields: ``is.<person>``, ``from.<person>``, ``until.<person>``."""


def _people(typed: Typed) -> list[str]:
    return [name.removeprefix(PREFIX) for name in typed if name.startswith(PREFIX) and one(typed, name)]


def _answers(typed: Typed) -> Body:
    """Each with the answer that the page showed."""
    told = [(who, one(typed, PREFIX + who), one(typed, WAS + who)) for who in _people(typed)]
    changed = [
        {"person": who, "answer": answer, "replaces": {"answer": was or None}}
        for who, answer, was in told
        if answer != was
    ]
    if not changed:
        raise Mistyped("Es ist keine Antwort neu eingetragen.")
    return {"answers": changed}


def chosen(typed: Typed, who: str, now: str) -> str:
    """The chosen answer, not recorded yet; the present one for a line that was not changed."""
    told, was = one(typed, PREFIX + who), one(typed, WAS + who)
    return now if told == was else told


def _sheet(typed: Typed) -> Body:
    """Only ticked people. An empty time is the beginning of the session, or means that nobody left early."""
    lines = [_line(typed, who) for who in _people(typed)]
    if not lines:
        raise Mistyped("Bitte mindestens eine Person ankreuzen.")
    return {"sheet": lines}


def _line(typed: Typed, who: str) -> Body:
    arrived = _at(typed, one(typed, f"from.{who}")) or _at(typed, one(typed, "begins"))
    left = _at(typed, one(typed, f"until.{who}"))
    return {"person": who, "arrived_at": arrived, **({"left_at": left} if left else {})}


def _at(typed: Typed, text: str) -> str | None:
    return moment_of(day(one(typed, "day")), clock(text)) if text else None


RECORD_ANSWERS = Form(
    "meetings",
    "RecordAnswers",
    "Antworten eintragen",
    "Antworten speichern",
    "Die Antworten sind gespeichert.",
    (),
    ABOUT,
    read=_answers,
    of_people=True,
)
RECORD_SHEET = Form(
    "meetings",
    "RecordAttendance",
    "Anwesenheit eintragen",
    "Anwesenheit speichern",
    "Die Anwesenheit ist gespeichert.",
    (),
    ABOUT,
    read=_sheet,
    of_people=True,
)
LEAVES = Form(
    "meetings",
    "RecordDeparture",
    "Jemand geht",
    "Weggang festhalten",
    "Der Weggang ist festgehalten.",
    (Field("person", "Person", "choice"), Field("left_at", "Seit", "moment", "Leer: jetzt", required=False)),
    ABOUT,
    at={"NotOnItsDay": "left_at", "NotYet": "left_at", "LeavesBeforeArrival": "left_at"},
)
CORRECT = Form(
    "meetings",
    "CorrectAttendance",
    "Zeiten berichtigen",
    "Berichtigen",
    "Die Zeiten sind berichtigt.",
    (
        Field("person", "Person", "choice"),
        Field("arrived_at", "Gekommen", "moment"),
        Field("left_at", "Gegangen", "moment", "Leer: bis zum Ende", required=False),
        Field("reason", "Grund"),
    ),
    ABOUT,
    at={"NotOnItsDay": "arrived_at", "NotYet": "arrived_at", "LeavesBeforeArrival": "left_at"},
    seen_by=("person",),
)
WITHDRAW = Form(
    "meetings",
    "WithdrawAttendance",
    "War nicht da",
    "Anwesenheit zurücknehmen",
    "Die Anwesenheit ist zurückgenommen.",
    (Field("person", "Person", "choice"), Field("reason", "Grund")),
    ABOUT,
)
DISMISS = Form(
    "notifications",
    "DismissReply",
    "Vorschlag verwerfen",
    "Verwerfen",
    "Der Vorschlag ist verworfen.",
    (Field("reply", "Vorschlag", "fixed"),),
    ABOUT,
)
ANSWER_FORMS = (RECORD_ANSWERS, DISMISS)
FORMS = (RECORD_SHEET, LEAVES, CORRECT, WITHDRAW)


async def answers(visit: Visit) -> Response:
    held, known = await _held(visit)
    said, lines = said_in(held), _lines(visit, held, known)
    replies = await visit.some("notifications", f"/sessions/{held['session']}/replies")
    return visit.page(
        "answers.html.j2",
        held=held,
        lines=lines,
        said=said,
        proposed=list(proposed(lines, said, replies)) if held["state"] == "planned" else [],
        choices=ANSWERS,
        chosen=chosen,
        form=RECORD_ANSWERS,
        dismiss=DISMISS,
    )


def proposed(lines: list[Document], said: dict[str, str], replies: list[Document]) -> Iterator[Document]:
    """A calendar's reply of an invited person, if it is not recorded already."""
    by_person = {one["person"]: one for one in replies}
    for line in lines:
        reply = by_person.get(line["person"])
        if reply and reply["answer"] != said.get(line["person"]):
            yield {**reply, "name": line["name"]}


def number_proposed(held: Document, replies: list[Document]) -> int:
    """The number of calendars' replies that are not recorded."""
    people = [{"person": one, "name": ""} for one in dict.fromkeys(one["person"] for one in held["recipients"])]
    return len([*proposed(people, said_in(held), replies)]) if held["state"] == "planned" else 0


async def attendance(visit: Visit) -> Response:
    held, known = await _held(visit)
    there = {each["person"]: each for each in held["attendance"]}
    said = said_in(held)
    lines = _lines(visit, held, known)
    present = [(each["person"], each["name"]) for each in lines if each["person"] in there]
    return visit.page(
        "attendance.html.j2",
        held=held,
        lines=lines,
        there=there,
        said=said,
        day=local_day(datetime.fromisoformat(held["starts"])),
        present=present,
        stays={who: {"arrived_at": there[who]["arrived"], "left_at": there[who]["left"]} for who, _ in present},
        still=[(who, name) for who, name in present if there[who]["left"] is None],
        sheet=RECORD_SHEET,
        leaves=LEAVES,
        correct=CORRECT,
        withdraw=WITHDRAW,
    )


async def _held(visit: Visit) -> tuple[Document, dict[str, str]]:
    held = await visit.ask("meetings", f"/sessions/{visit.named['session']}")
    known = await everybody(visit, local_day(datetime.fromisoformat(held["starts"])).isoformat())
    return held, await called(visit, (one["person"] for one in held["recipients"]), known)


def said_in(held: Document) -> dict[str, str]:
    """Answers to the present appointment."""
    return {each["person"]: each["answer"] for each in held["answers"] if each["counts"]}


def _lines(visit: Visit, held: Document, called: dict[str, str]) -> list[Document]:
    """Everybody invited once, by name; a person with two seats appears with both."""
    seats: dict[str, list[str]] = {}
    for place in held["recipients"]:
        seats.setdefault(place["person"], []).append(visit.titles.seat(place["seat"]) if place["seat"] else GUEST)
    lines = [
        {"person": who, "places": "; ".join(places), "name": called.get(who) or f"Person {who[:8]}"}
        for who, places in seats.items()
    ]
    return sorted(lines, key=lambda each: (each["places"] == GUEST, each["name"]))
