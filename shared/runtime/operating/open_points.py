"""The open points of a service: listed for the office, counted for the alarm."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from fastapi import APIRouter, Response

from shared.declarations.open_points import PROJECTION
from shared.declarations.projection import Projection
from shared.kernel.rejections import Rejected
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.http.app import Items, Kept, items
from shared.runtime.http.requests import READERS, Conference, Reached, allowed, seen_by

FACT = re.compile(r"\{\w+\}")


class OpenPoint(Kept):
    """``reacted_to`` is the stream and number of the event from which ``command`` was to follow.

    ``rule``, of the stream ``about``, refused it. ``sentence`` is its German sentence, with a dash for each fact: facts
    are not kept. Null for a rule of another version.
    """

    point: str
    reaction: str
    reacted_to: str
    command: str
    about: str
    rule: str
    since: datetime
    sentence: str | None


def open_points_in(projections: Sequence[Projection]) -> Projection | None:
    """None: the service has no reactions."""
    return next((one for one in projections if one.name == PROJECTION), None)


def open_points_router(store: ProjectionStore, projection: Projection, reached: Reached) -> APIRouter:
    router = APIRouter(dependencies=[allowed(*READERS), seen_by(reached)])

    @router.get("/open-points", response_model=Items[OpenPoint])
    async def open_points(conference: Conference) -> Response:
        """The oldest first."""
        found = await store.find(projection, {"conference": conference, "state": "open"}, sort="since")
        rules = dict(_sentences(Rejected))
        return items([{**one, "sentence": rules.get(one["rule"])} for one in found])

    return router


def _sentences(rule: type[Rejected]) -> Iterator[tuple[str, str]]:
    """The sentences of all rules in this process, by name."""
    for one in rule.__subclasses__():
        yield one.__name__, FACT.sub("–", (one.__doc__ or "").strip())
        yield from _sentences(one)


async def number_of_open_points(store: ProjectionStore) -> int:
    """In all conferences."""
    projection = open_points_in(store.projections)
    return await store.count(projection, {"state": "open"}) if projection else 0
