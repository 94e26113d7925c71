"""Reads: who sits where on a day, which seats are vacant, who has to be erased."""

from __future__ import annotations

from datetime import date

from services.members.people import People
from services.members.projections import ERASED, SEATS, occupant_on
from shared.declarations.projection import Document
from shared.runtime.delivery.stores import ProjectionStore


async def roster(projections: ProjectionStore, people: People, conference: str, on: date) -> list[Document]:
    """Every seat in the paper's order with who sat there on that day; an erased person is a former member."""
    seats = await projections.find(SEATS, {"conference": conference}, sort="number")
    sitting = {seat["_id"]: occupant_on(seat, on.isoformat()) for seat in seats}
    names = await people.details(conference, [sits["person"] for sits in sitting.values() if sits])
    return [_line(seat, sitting[seat["_id"]], names) for seat in seats]


async def vacancies(projections: ProjectionStore, conference: str) -> list[Document]:
    seats = await projections.find(SEATS, {"conference": conference, "occupied": False}, sort="number")
    return [_about(seat) for seat in seats]


async def to_be_erased(projections: ProjectionStore, people: People) -> list[Document]:
    """Everybody whose erasure was announced and who is not erased yet, be it that nothing was recorded so far."""
    announced = await projections.find(ERASED, {}, limit=0)
    done = await people.not_to_be_erased([(gone["_id"], gone["conference"]) for gone in announced])
    return [gone for gone in announced if gone["_id"] not in done]


def _about(seat: Document) -> Document:
    name = seat["_id"].partition("/")[2]
    return {"seat": name, **{key: seat[key] for key in ("group", "number", "name", "kind")}}


def _line(seat: Document, sits: Document | None, names: dict[str, Document | None]) -> Document:
    if sits is None:
        return {**_about(seat), "person": None}
    details = names.get(sits["person"])
    return {**_about(seat), **sits, "person_name": details["name"] if details else "ehemaliges Mitglied"}
