"""The HTTP edge of funding: what callers may ask."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.funding import queries
from shared.runtime.delivery.positions import Positions
from shared.runtime.delivery.projections import ProjectionStore
from shared.runtime.http.app import document, items
from shared.runtime.http.requests import READERS, allowed, seen_by


def questions(projections: ProjectionStore, positions: Positions) -> APIRouter:
    router = APIRouter(dependencies=[allowed(*READERS), seen_by(positions.reached)])

    @router.get("/grants")
    async def grants(conference: str) -> Response:
        return items(await queries.grants(projections, conference))

    @router.get("/budget/{grant}")
    async def budget(grant: str, conference: str) -> Response:
        return document(await queries.budget(projections, conference, grant))

    @router.get("/expenses/{grant}")
    async def expenses(grant: str, conference: str) -> Response:
        return items(await queries.expenses(projections, conference, grant))

    return router
