"""The minutes of a session: the draft, every edition as it was sent, and what became of objections."""

from __future__ import annotations

from typing import assert_never

from shared.contracts.envelope import Envelope
from shared.contracts.meetings import (
    MinutesApproved,
    MinutesCorrected,
    MinutesDrafted,
    MinutesObjected,
    MinutesSent,
    ObjectionRejected,
)
from shared.declarations.projection import Document, projection
from shared.kernel.time import iso

MinutesEvent = MinutesDrafted | MinutesSent | MinutesCorrected | MinutesObjected | ObjectionRejected | MinutesApproved


def fold_minutes(document: Document | None, event: MinutesEvent, envelope: Envelope) -> Document:
    before = document or {"session": event.session, "document": None, "draft": None, "editions": [], "objections": []}
    return {**before, **_minutes(before, event, iso(envelope.time))}


def _minutes(before: Document, event: MinutesEvent, at: str) -> Document:
    match event:
        case MinutesDrafted():
            told = event.model_dump(mode="json")
            return {"state": "drafted", "document": event.document, "draft": told.get("protocol")}
        case MinutesSent():
            return {"state": "sent", "editions": [_edition(event, 1, None, at)]}
        case MinutesCorrected():
            return _corrected(before, event, at)
        case MinutesObjected():
            told = event.model_dump(mode="json", exclude={"session"})
            return {"objections": [*before["objections"], {**told, "at": at, "answer": None, "reason": None}]}
        case ObjectionRejected():
            answer = {"answer": "rejected", "reason": event.reason}
            meant = (event.person, event.item)
            answered = [_answered(one, (one["person"], one["item"]) == meant, answer) for one in before["objections"]]
            return {"objections": answered}
        case MinutesApproved():
            return {"state": "approved"}
        case _:
            assert_never(event)


def _edition(event: MinutesSent | MinutesCorrected, number: int, reason: str | None, at: str) -> Document:
    told = event.model_dump(mode="json")
    kept = {name: told.get(name) for name in ("protocol", "objections_until")}
    return {"edition": number, "at": at, "reason": reason, **kept}


def _corrected(before: Document, event: MinutesCorrected, at: str) -> Document:
    """A new text for an item answers the objections to it."""
    edition = _edition(event, event.edition, event.reason, at)
    known = before["editions"][-1]["protocol"]["items"]
    changed = {one["item"]["number"] for one in edition["protocol"]["items"] if one not in known}
    answer = {"answer": "corrected", "reason": event.reason}
    answered = [_answered(one, one["item"] in changed, answer) for one in before["objections"]]
    return {"editions": [*before["editions"], edition], "objections": answered}


def _answered(objection: Document, is_meant: bool, answer: Document) -> Document:
    return {**objection, **answer} if is_meant and objection["answer"] is None else objection


MINUTES = projection("minutes", fold_minutes)
