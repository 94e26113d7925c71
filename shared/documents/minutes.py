"""Minutes as a page and as a document."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from shared.contracts.meetings import MinutesItem, Protocol
from shared.documents.typeset import paragraphs, rendered, typeset
from shared.kernel.time import german_day, german_moment

OUTCOMES = {"consensus": "im Konsens beschlossen", "carried": "angenommen", "rejected": "abgelehnt"}


def as_page(protocol: Protocol, document: str, status: str) -> str:
    """``document`` is what the minutes are called, ``status`` what they are: a draft, an edition, approved."""
    return rendered("minutes.html.j2", {"minutes": told(protocol, document, status)})


@lru_cache(maxsize=8)
def as_pdf(protocol: Protocol, document: str, status: str) -> bytes:
    return typeset("minutes.typ", {"minutes": told(protocol, document, status)})


def status_of(edition: int | None, objections_until: date | None, *, is_approved: bool) -> str:
    """``edition`` None: it was not sent yet."""
    if edition is None:
        return "Entwurf"
    if is_approved:
        return f"Fassung {edition}, genehmigt"
    until = f", Einwendungen bis zum {german_day(objections_until)}" if objections_until else ""
    return f"Fassung {edition}, noch nicht genehmigt{until}"


def told(protocol: Protocol, document: str, status: str) -> dict[str, Any]:
    return {
        "title": document,
        "about": protocol.appointment.title,
        "facts": _facts(protocol, status),
        "items": [_item(one) for one in protocol.items],
    }


def _facts(protocol: Protocol, status: str) -> list[tuple[str, str]]:
    when, present = protocol.appointment, f"{protocol.seats_present} von {protocol.voting_seats} Sitzen"
    needed = f"; für Beschlüsse nötig: {protocol.quorum}" if protocol.quorum else ""
    return [
        *([("Konferenz", protocol.conference_name)] if protocol.conference_name else []),
        ("Beginn", german_moment(when.starts)),
        ("Ende", german_moment(when.ends)),
        ("Ort", when.place),
        ("Anwesend", f"{present}{needed}"),
        ("Stand", status),
    ]


def _item(one: MinutesItem) -> dict[str, Any]:
    return {
        "heading": f"{one.item.number}. {one.item.title}{'' if one.item.public else ' (nicht öffentlich)'}",
        "paragraphs": paragraphs(one.text),
        "decision": _decision(one),
    }


def _decision(one: MinutesItem) -> str | None:
    if one.outcome is None:
        return None
    votes = dict(zip(("Ja", "Nein", "Enthaltungen"), one.votes, strict=False))
    counted = ", ".join(f"{word}: {number}" for word, number in votes.items())
    return f"Beschluss: {OUTCOMES[one.outcome]}{f' ({counted})' if counted else ''}."
