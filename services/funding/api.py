"""The HTTP edge of funding: what callers may ask."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.funding.projections import BUDGET, EXPENSES, GRANTS
from shared.kernel.identifiers import stream_name
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.http.app import document, items
from shared.runtime.http.requests import READERS, Reached, allowed, seen_by


def questions(projections: ProjectionStore, reached: Reached) -> APIRouter:
    router = APIRouter(dependencies=[allowed(*READERS), seen_by(reached)])

    @router.get("/grants")
    async def grants(conference: str) -> Response:
        return items(await projections.find(GRANTS, {"conference": conference}))

    @router.get("/budget/{grant}")
    async def budget(grant: str, conference: str) -> Response:
        return document(await projections.get(BUDGET, stream_name(conference, "grant", grant)))

    @router.get("/expenses/{grant}")
    async def expenses(grant: str, conference: str) -> Response:
        stream = stream_name(conference, "grant", grant)
        return items(await projections.find(EXPENSES, {"stream": stream}, limit=5000))

    return router
