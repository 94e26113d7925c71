"""Obligations: something owed by a day, announced in stages before and after that day until it is done.

This is the only mechanism for all of them: pure functions over a projection with one document per stream. Its
deadline announces each stage once, also after a downtime. A new day opens only future stages. Of the stages that had
passed before the obligation was known, only the last is announced; so it is if something done is owed again after its
day, and that stage was not announced before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from shared.contracts.obligations import ObligationDue
from shared.declarations.projection import Document
from shared.kernel.time import LAST_DAY, iso, start_of

PROJECTION = "obligations"

USUAL_STAGES = (-30, -14, -3, 0, 7)
"""In days from the due day: the practice of comparable offices, where nothing else is laid down."""

Owed = Mapping[str, Document]
"""By name, those of one stream: ``event`` and ``told`` make what is said at a stage, ``to`` is who owes it.

``ahead`` are the moments and numbers of the stages that are to be said yet, none when it is done; ``left`` the numbers
of those that were not said by then.
"""


def name_of(event: type[ObligationDue], subject: str = "") -> str:
    return f"{event.__name__} {subject}".strip()


def owe(
    owed: Owed, event: type[ObligationDue], due_on: date, at: datetime, *, to: str, subject: str = "", **told: Any
) -> Owed:
    """As it is known from the moment ``at`` on. ``told`` is what the event says beside its day and stage.

    What is owed by the same day as before keeps its stages, and says what is known now. Behind the last day that can be
    said, nothing is owed.
    """
    if due_on > LAST_DAY:
        return owed
    name = name_of(event, subject)
    before = owed.get(name)
    if before and not before["done"] and before["due_on"] == due_on.isoformat():
        return {**owed, name: {**before, "told": told, "to": to}}
    item = {"event": event.__name__, "told": told, "to": to, "due_on": due_on.isoformat(), "done": False}
    late = USUAL_STAGES if before is None else _late(before, due_on)
    return {**owed, name: {**item, "ahead": _ahead(due_on, at, late)}}


def _late(before: Document, due_on: date) -> Sequence[int]:
    """The stages from the day on that nobody had to say: it was done then."""
    left = before.get("left", ()) if before["due_on"] == due_on.isoformat() else ()
    return [stage for stage in left if stage >= 0]


def _ahead(due_on: date, at: datetime, late: Sequence[int]) -> list[list[Any]]:
    """The last stage that has passed is said at once, if it is one of ``late``."""
    moments = [(start_of(due_on + timedelta(days=stage)), stage) for stage in USUAL_STAGES]
    to_come = [[iso(moment), stage] for moment, stage in moments if moment > at]
    passed = [[iso(at), stage] for moment, stage in moments if moment <= at]
    return [*(one for one in passed[-1:] if one[1] in late), *to_come]


def done(owed: Owed, name: str) -> Owed:
    return {**owed, name: _finished(owed[name])} if name in owed else owed


def is_done(owed: Owed, name: str) -> bool:
    return name in owed and bool(owed[name]["done"])


def all_done(owed: Owed) -> Owed:
    return {name: _finished(item) for name, item in owed.items()}


def _finished(item: Document) -> Document:
    return item if item["done"] else {**item, "ahead": [], "left": [stage for _, stage in item["ahead"]], "done": True}


def said(owed: Owed, event: ObligationDue, subject: str = "") -> Owed:
    """Of a day that it was moved from since, nothing changes. It may have been done when this was on its way."""
    name = name_of(type(event), subject)
    if name not in owed or owed[name]["due_on"] != event.due_on.isoformat():
        return owed
    ahead = [[moment, stage] for moment, stage in owed[name]["ahead"] if stage > event.stage]
    left = [stage for stage in owed[name].get("left", ()) if stage > event.stage]
    return {**owed, name: {**owed[name], "ahead": ahead, "left": left, "said": event.stage}}


def with_due(document: Document, owed: Owed) -> Document:
    """The document with them, and the moment of the next stage of any."""
    moments = [item["ahead"][0][0] for item in owed.values() if item["ahead"]]
    return {**document, "owed": dict(owed), "due": min(moments, default=None)}


def due_in(document: Document, events: Sequence[type[ObligationDue]]) -> tuple[Any, ...]:
    """What is to be said at the document's ``due`` moment, of all that fall on it."""
    classes = {event.__name__: event for event in events}
    return tuple(
        classes[item["event"]](due_on=date.fromisoformat(item["due_on"]), stage=item["ahead"][0][1], **item["told"])
        for item in document["owed"].values()
        if item["ahead"] and item["ahead"][0][0] == document["due"]
    )


def still_owed(documents: Iterable[Document]) -> list[Document]:
    """Of several streams, what is not done, the earliest day first; ``said`` is the last stage that was."""
    found = [
        {
            "obligation": item["event"],
            "about": document["stream"],
            "to": item["to"],
            "due_on": item["due_on"],
            "said": item.get("said"),
            "told": item["told"],
        }
        for document in documents
        for item in document["owed"].values()
        if not item["done"]
    ]
    return sorted(found, key=lambda one: (one["due_on"], one["about"], one["obligation"]))
