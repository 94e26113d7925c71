"""The HTTP edge of notifications: the office may ask what became of each mail."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.notifications import queries
from services.notifications.answers import Mail, Summary
from shared.kernel.identifiers import Slug
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.http.app import Items, document, items
from shared.runtime.http.requests import READERS, Conference, Reached, allowed, seen_by


def questions(projections: ProjectionStore, reached: Reached) -> APIRouter:
    router = APIRouter(dependencies=[allowed(*READERS), seen_by(reached)])

    @router.get("/mails/summary", response_model=Summary)
    async def summary(conference: Conference) -> Response:
        return document(await queries.summary(projections, conference))

    @router.get("/mails", response_model=Items[Mail])
    async def mails(conference: Conference, session: Slug | None = None, state: Slug | None = None) -> Response:
        return items(await queries.mails(projections, conference, session, state))

    return router
