"""The HTTP edge of meetings: what callers may ask, and which facts a command is supplied with."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.meetings import queries
from services.meetings.domain.session_invitation import IssueInvitation, Roster
from services.meetings.projections import PAPERS, RECOMMENDATIONS, SESSIONS, WORKING_GROUPS
from shared.runtime.commands.routes import Supplies
from shared.runtime.delivery.stores import Positions, ProjectionStore
from shared.runtime.http.app import document, items
from shared.runtime.http.requests import READERS, allowed, seen_by


def supplies(projections: ProjectionStore) -> Supplies:
    async def roster(body: IssueInvitation) -> Roster:
        return await queries.roster_for(projections, body)

    return {IssueInvitation: {"roster": roster}}


def questions(projections: ProjectionStore, positions: Positions) -> APIRouter:
    router = APIRouter(dependencies=[allowed(*READERS), seen_by(positions.reached)])

    @router.get("/sessions")
    async def sessions(conference: str) -> Response:
        return items(await projections.find(SESSIONS, {"conference": conference}))

    @router.get("/sessions/{slug}")
    async def session(slug: str, conference: str) -> Response:
        return document(await queries.session(projections, conference, slug))

    @router.get("/roster")
    async def roster(conference: str) -> Response:
        return items(await queries.roster(projections, conference))

    @router.get("/working-groups")
    async def working_groups(conference: str) -> Response:
        return items(await projections.find(WORKING_GROUPS, {"conference": conference}))

    @router.get("/recommendations")
    async def recommendations(conference: str) -> Response:
        return items(await projections.find(RECOMMENDATIONS, {"conference": conference}))

    @router.get("/papers")
    async def papers(conference: str) -> Response:
        return items(await projections.find(PAPERS, {"conference": conference}))

    return router
