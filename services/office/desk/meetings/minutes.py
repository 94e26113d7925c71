"""The minutes of a session: their text item by item, their editions, and what is objected to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from starlette.responses import Response

from services.office.desk.forms.form import Body, Field, Form, Typed, as_sent, one
from services.office.desk.forms.placed import Placed
from services.office.desk.forms.reading import NUMBER, Mistyped
from services.office.desk.forms.seen import WAS
from services.office.desk.meetings.session_steps import ABOUT, ITEM, numbered
from services.office.desk.members.roster import called, names
from services.office.desk.visit import Visit, together
from shared.declarations.projection import Document
from shared.kernel.time import local_day

TEXT = "text."
"""Prefixes of an item's fields: ``text.<number>`` and ``was.<number>``."""


def _texts(typed: Typed) -> Body:
    items = [item for item in _written(typed) if item["text"]]
    return {"items": items, "known": _known_texts(typed)} if items else {}


ATTENDED = "attended"
"""A hidden field, set if the present seats differ from the newest edition: the same text is sent again then."""


def _changed(typed: Typed) -> Body:
    before = {} if ATTENDED in typed else _was(typed)
    items = [item for item in _written(typed) if item["text"] not in ("", before.get(item["number"]))]
    if not items:
        raise Mistyped("Kein Text ist geändert.")
    return {"items": items, "known": _known_texts(typed)}


def _known_texts(typed: Typed) -> list[Body]:
    return [{"number": number, "text": text or None} for number, text in _was(typed).items()]


def _was(typed: Typed) -> dict[int, str]:
    """By item, with the blanks around it that another system may have written: the service compares."""
    return {number: as_sent(typed, f"{WAS}{number}") for number in _numbers(typed, WAS)}


def _written(typed: Typed) -> Iterator[Body]:
    """An item is as it was where nothing but blanks around it is missing, which nobody sees in a form."""
    was = _was(typed)
    for number in _numbers(typed, TEXT):
        text, before = one(typed, f"{TEXT}{number}"), was.get(number, "")
        yield {"number": number, "text": before if text == before.strip() else text}


def _numbers(typed: Typed, prefix: str) -> list[int]:
    numbers = [name.removeprefix(prefix) for name in typed if name.startswith(prefix)]
    return [int(number) for number in numbers if NUMBER.fullmatch(number)]


WRITE = Form(
    "meetings",
    "DraftMinutes",
    "Niederschrift schreiben",
    "Entwurf speichern",
    "Der Entwurf ist gespeichert.",
    (Field("document", "Dokument", hint="Bezeichnung oder Aktenzeichen der Niederschrift."),),
    ABOUT,
    read=_texts,
)
CORRECT = Form(
    "meetings",
    "CorrectMinutes",
    "Neue Fassung",
    "Neue Fassung versenden",
    "Die neue Fassung ist versandt.",
    (Field("reason", "Grund der Änderung"),),
    ABOUT,
    read=_changed,
)
OBJECT = Form(
    "meetings",
    "ObjectToMinutes",
    "Einwendung erfassen",
    "Einwendung erfassen",
    "Die Einwendung ist erfasst.",
    (Field("person", "Person", "choice"), ITEM, Field("text", "Einwendung")),
    ABOUT,
    at={"ObjectionsAreOver": "text", "TooManyObjections": "text", "AgendaItemUnknown": "item"},
    read=numbered,
)
WHY_NOT = Field("reason", "Grund", hint="Gilt für alles, was die Person zu diesem Punkt noch offen einwendet.")
REJECT = Form(
    "meetings",
    "RejectObjection",
    "Einwendung zurückweisen",
    "Zurückweisen",
    "Die Einwendung ist zurückgewiesen.",
    (Field("person", "Person", "fixed"), Field("item", "Tagesordnungspunkt", "fixed"), WHY_NOT),
    ABOUT,
    read=numbered,
)
FORMS = (WRITE, CORRECT, OBJECT, REJECT)


async def minutes(visit: Visit) -> Response:
    at = f"/sessions/{visit.named['session']}"
    held = await visit.ask("meetings", at)
    told, seated = await together(
        _known(visit, f"{at}/minutes", held),
        names(visit, local_day(datetime.fromisoformat(held["starts"])).isoformat()),
    )
    known = await called(visit, (one["person"] for one in held["recipients"]), seated)
    invited = {
        place["person"]: known.get(place["person"], f"Person {place['person'][:8]}") for place in held["recipients"]
    }
    items = [(str(one["number"]), f"{one['number']}. {one['title']}") for one in held["agenda"]]
    return visit.page(
        "minutes.html.j2",
        held=held,
        told=told,
        texts=texts_of(told),
        writing=writing(held, told),
        stale=attended_otherwise(held, told),
        called=known,
        placed=[Placed(OBJECT, choices={"person": sorted(invited.items(), key=lambda one: one[1]), "item": items})]
        if told.get("state") == "sent"
        else [],
        objections=[
            (
                one,
                Placed(
                    REJECT, fixed={"person": one["person"], "item": str(one["item"])}, about=f"{number}. Einwendung"
                ),
            )
            for number, one in enumerate(told.get("objections", ()), 1)
        ],
    )


async def _known(visit: Visit, path: str, held: Document) -> Document:
    return await visit.ask("meetings", path) if held["minutes"] else {}


def writing(held: Document, told: Document) -> Form | None:
    """The form for the present text; None if it cannot be changed now."""
    if held["state"] != "closed" or told.get("state") == "approved":
        return None
    return CORRECT if told.get("state") == "sent" else WRITE


def attended_otherwise(held: Document, told: Document) -> tuple[int, int] | None:
    """The number of present seats as known now and as told, if they differ."""
    protocol = _newest(told)
    if told.get("state") != "sent" or protocol is None:
        return None
    seats = len({stay["seat"] for stay in held["attendance"] if stay["seat"]})
    return None if seats == protocol["seats_present"] else (seats, protocol["seats_present"])


def texts_of(told: Document) -> dict[int, str]:
    """From the draft, else from the newest edition, by item."""
    protocol = _newest(told) or told.get("draft") or {"items": []}
    return {one["item"]["number"]: one["text"] or "" for one in protocol["items"]}


def _newest(told: Document) -> Document | None:
    """The newest edition's text."""
    texts: list[Document] = [edition["protocol"] for edition in told.get("editions", ()) if edition["protocol"]]
    return texts[-1] if texts else None
