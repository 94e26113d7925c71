"""The open points of a service: listed for the office, counted for whoever watches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter, Response

from shared.declarations.open_points import PROJECTION
from shared.declarations.projection import Projection
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.http.app import Items, Kept, items
from shared.runtime.http.requests import READERS, Conference, Reached, allowed, seen_by


class OpenPoint(Kept):
    """``reacted_to`` is the stream and number of the event that ``command`` was to follow from.

    ``rule``, of the stream ``about``, said no.
    """

    point: str
    reaction: str
    reacted_to: str
    command: str
    about: str
    rule: str
    since: datetime


def open_points_in(projections: Sequence[Projection]) -> Projection | None:
    """None: the service does nothing by itself."""
    return next((one for one in projections if one.name == PROJECTION), None)


def open_points_router(store: ProjectionStore, projection: Projection, reached: Reached) -> APIRouter:
    router = APIRouter(dependencies=[allowed(*READERS), seen_by(reached)])

    @router.get("/open-points", response_model=Items[OpenPoint])
    async def open_points(conference: Conference) -> Response:
        """The longest open first."""
        return items(await store.find(projection, {"conference": conference, "state": "open"}, sort="since"))

    return router


async def number_of_open_points(store: ProjectionStore) -> int:
    """Of all conferences."""
    projection = open_points_in(store.projections)
    return await store.count(projection, {"state": "open"}) if projection else 0
