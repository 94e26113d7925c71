"""What the office calls things: short names stand in addresses, titles on pages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.office.projections import NAMES, OPAQUE
from shared.declarations.projection import Document
from shared.runtime.delivery.stores import ProjectionStore

KINDS = {
    "group": "seat-group",
    "working_group": "working-group",
    "focus_area": "focus-area",
    "pool": "guest-pool",
}
"""Fields of events that have another name than the kind of stream they refer to."""

EITHER = dict.fromkeys(("successor", "superseded"), ("recommendation", "paper"))
"""Fields that refer to one of several kinds."""

EACH = {"seats": "seat"}
"""Fields that refer to several things of a kind."""

WITHIN = {"organisation": "seat-group", "line": "grant"}


CALLED = {
    "conference": "Konferenz",
    "seat-group": "Sitzgruppe",
    "working-group": "Arbeitsgruppe",
    "person": "Person",
    "guest-pool": "Gästeliste",
    "session": "Sitzung",
    "recommendation": "Empfehlung",
    "paper": "Vorlage",
    "supersession": "Ersetzung",
    "committee-report": "Bericht an den Ausschuss",
    "focus-area": "Schwerpunkt",
    "grant": "Zuwendung",
    "receipt": "Beleg",
    "mail": "Schreiben",
    "address": "E-Mail-Adresse",
    "dispatch": "Versand",
    "reply": "Antwort aus einem Kalender",
    "open-point": "Punkt für die Geschäftsstelle",
}
"""The office's words for kinds of streams."""


@dataclass(frozen=True)
class Titles:
    """The titles of one conference, by kind and short name. A thing without a title is shown by its short name."""

    known: dict[tuple[str, str], Document]

    def of(self, kind: str, key: str | None) -> str:
        return str(self.known.get((kind, key or ""), {}).get("title") or key or "–")

    def stream(self, stream: str) -> str:
        """A stream, by the word for its kind and its title."""
        _, kind, key = stream.split("/")
        is_opaque = OPAQUE.fullmatch(key) and (kind, key) not in self.known
        return f"{CALLED.get(kind, kind)}: {key[:8] if is_opaque else self.of(kind, key)}"

    def seat(self, seat: str | None) -> str:
        """``hospitals-2`` is the hospitals' second seat, ``head-1`` the head's only one."""
        group, _, number = (seat or "").rpartition("-")
        found = self.known.get(("seat-group", group))
        if not found:
            return seat or "–"
        return f"{found['title']}, Sitz {number}" if found.get("seats", 1) > 1 else str(found["title"])

    def part(self, kind: str, key: str, part: str | None) -> str:
        """An organisation of a group, or a line of a grant."""
        return str(self.known.get((kind, key), {}).get("parts", {}).get(part) or part or "–")

    def parts(self, kind: str, key: str) -> list[tuple[str, str]]:
        return list(self.known.get((kind, key), {}).get("parts", {}).items())

    def each(self, kind: str) -> list[tuple[str, str]]:
        """For choosing, by title."""
        found = [(key, str(one["title"])) for (of, key), one in self.known.items() if of == kind]
        return sorted(found, key=lambda one: one[1])

    def said(self, field: str, value: Any, fields: dict[str, Any]) -> str | None:
        """The title of what an event's field refers to; empty if it refers to nothing with a title."""
        match value:
            case list() if field in EACH:
                return ", ".join(self.said(EACH[field], one, fields) or one for one in value)
            case str() if field != "person":
                return self._said(field, value, fields)
            case _:
                return None

    def _said(self, field: str, value: str, fields: dict[str, Any]) -> str | None:
        if field == "seat":
            return self.seat(value)
        if field == "department":
            return value.upper()
        if field in WITHIN:
            kind = WITHIN[field]
            whole = fields.get("group" if kind == "seat-group" else kind, "")
            return self.part(kind, whole, value)
        kinds = EITHER.get(field, (KINDS.get(field, field),))
        return next((self.of(kind, value) for kind in kinds if (kind, value) in self.known), None)


NO_TITLES = Titles({})


def titles_in(documents: Iterable[Document]) -> Titles:
    return Titles({(one["kind"], one["key"]): one for one in documents})


async def titles_of(projections: ProjectionStore, conference: str) -> Titles:
    return titles_in(await projections.find(NAMES, {"conference": conference}))


async def titles_of_each(projections: ProjectionStore, happened: Iterable[Document]) -> Mapping[str, Titles]:
    """By conference, for conferences with an event of it."""
    conferences = sorted({one["conference"] for one in happened})
    found = await asyncio.gather(*(titles_of(projections, one) for one in conferences))
    return dict(zip(conferences, found, strict=True))
