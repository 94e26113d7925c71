"""The HTTP edge of notifications: the office may ask what became of each mail."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.notifications import queries
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.http.app import document, items
from shared.runtime.http.requests import READERS, Reached, allowed, seen_by


def questions(projections: ProjectionStore, reached: Reached) -> APIRouter:
    router = APIRouter(dependencies=[allowed(*READERS), seen_by(reached)])

    @router.get("/mails/summary")
    async def summary(conference: str) -> Response:
        return document(await queries.summary(projections, conference))

    @router.get("/mails")
    async def mails(conference: str, session: str | None = None, state: str | None = None) -> Response:
        return items(await queries.mails(projections, conference, session, state))

    return router
