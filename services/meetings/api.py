"""The HTTP edge of meetings: which commands callers may give, and what they may ask."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.meetings import queries
from services.meetings.domain.paper import (
    PAPER,
    CoSign,
    DraftPaper,
    IssuePaper,
    RecordCommitteeDecision,
    RefuseCoSignature,
    RequestCoSignature,
)
from services.meetings.domain.recommendation import (
    RECOMMENDATION,
    AdoptRecommendation,
    DraftRecommendation,
    ReportRecommendation,
    SubmitRecommendation,
)
from services.meetings.domain.session import SESSION
from services.meetings.domain.session_day import (
    CloseSession,
    OpenSession,
    RecordArrival,
    RecordConsensus,
    RecordDeparture,
    RecordVote,
)
from services.meetings.domain.session_invitation import (
    AdmitGuest,
    AnnounceReminder,
    AnswerInvitation,
    IssueInvitation,
    Roster,
)
from services.meetings.domain.session_minutes import ApproveMinutes, DraftMinutes, SendMinutes
from services.meetings.domain.session_planning import (
    CancelSession,
    ChangeAgenda,
    RescheduleSession,
    ScheduleSession,
)
from shared.runtime.commands import CommandRoute, Supplies
from shared.runtime.execute import Deciders
from shared.runtime.http import READERS, allowed, commands_router, document, items, seen_by
from shared.runtime.parts import Parts

COMMANDS = (
    CommandRoute(ScheduleSession, SESSION),
    CommandRoute(ChangeAgenda, SESSION),
    CommandRoute(RescheduleSession, SESSION),
    CommandRoute(CancelSession, SESSION),
    CommandRoute(AdmitGuest, SESSION),
    CommandRoute(IssueInvitation, SESSION),
    CommandRoute(AnswerInvitation, SESSION),
    CommandRoute(RecordArrival, SESSION),
    CommandRoute(RecordDeparture, SESSION),
    CommandRoute(OpenSession, SESSION),
    CommandRoute(RecordConsensus, SESSION),
    CommandRoute(RecordVote, SESSION),
    CommandRoute(CloseSession, SESSION),
    CommandRoute(DraftMinutes, SESSION),
    CommandRoute(SendMinutes, SESSION),
    CommandRoute(ApproveMinutes, SESSION),
    CommandRoute(DraftRecommendation, RECOMMENDATION),
    CommandRoute(SubmitRecommendation, RECOMMENDATION),
    CommandRoute(ReportRecommendation, RECOMMENDATION),
    CommandRoute(DraftPaper, PAPER),
    CommandRoute(RequestCoSignature, PAPER),
    CommandRoute(CoSign, PAPER),
    CommandRoute(RefuseCoSignature, PAPER),
    CommandRoute(IssuePaper, PAPER),
    CommandRoute(RecordCommitteeDecision, PAPER),
)
DECIDERS: Deciders = {
    **{route.command: route.decider for route in COMMANDS},
    AnnounceReminder: SESSION,
    AdoptRecommendation: RECOMMENDATION,
}
"""The last two follow from a deadline and from a decision of the plenary; nobody gives them."""


def routes(parts: Parts) -> APIRouter:
    router = APIRouter()
    router.include_router(commands_router(COMMANDS, _supplies(parts), parts.executor, parts.clock, parts.counters))
    router.include_router(_questions(parts))
    return router


def _supplies(parts: Parts) -> Supplies:
    async def roster(body: IssueInvitation) -> Roster:
        return await queries.roster_for(parts.store, body)

    return {IssueInvitation: {"roster": roster}}


def _questions(parts: Parts) -> APIRouter:
    router = APIRouter(dependencies=[allowed(*READERS), seen_by(parts.store.positions)])

    @router.get("/sessions")
    async def sessions(conference: str) -> Response:
        return items(await queries.sessions(parts.store, conference))

    @router.get("/sessions/{slug}")
    async def session(slug: str, conference: str) -> Response:
        return document(await queries.session(parts.store, conference, slug))

    @router.get("/roster")
    async def roster(conference: str) -> Response:
        return items(await queries.roster(parts.store, conference))

    @router.get("/working-groups")
    async def working_groups(conference: str) -> Response:
        return items(await queries.working_groups(parts.store, conference))

    @router.get("/recommendations")
    async def recommendations(conference: str) -> Response:
        return items(await queries.recommendations(parts.store, conference))

    @router.get("/papers")
    async def papers(conference: str) -> Response:
        return items(await queries.papers(parts.store, conference))

    return router
