"""The HTTP edge of funding: which commands callers may give, and what they may ask."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.funding import queries
from services.funding.domain.commitments import RegisterCommitment
from services.funding.domain.drawdowns import RecordPayout, RequestDrawdown
from services.funding.domain.expenses import ApproveExpense, BookExpense, CorrectExpense
from services.funding.domain.grant import GRANT, FreezeProofOfUse, SubmitProofOfUse
from services.funding.domain.notice import ApplyForGrant, RecordAward, RecordRefusal
from services.funding.domain.own_contribution import RecordStaffHours
from shared.runtime.commands import CommandRoute
from shared.runtime.execute import Deciders
from shared.runtime.http import READERS, allowed, commands_router, document, items, seen_by
from shared.runtime.parts import Parts

COMMANDS = (
    CommandRoute(ApplyForGrant, GRANT),
    CommandRoute(RecordAward, GRANT),
    CommandRoute(RecordRefusal, GRANT),
    CommandRoute(RegisterCommitment, GRANT),
    CommandRoute(BookExpense, GRANT),
    CommandRoute(ApproveExpense, GRANT, role="approver"),
    CommandRoute(CorrectExpense, GRANT),
    CommandRoute(RecordStaffHours, GRANT),
    CommandRoute(RequestDrawdown, GRANT),
    CommandRoute(RecordPayout, GRANT),
    CommandRoute(FreezeProofOfUse, GRANT),
    CommandRoute(SubmitProofOfUse, GRANT),
)
DECIDERS: Deciders = {route.command: route.decider for route in COMMANDS}


def routes(parts: Parts) -> APIRouter:
    router = APIRouter()
    router.include_router(commands_router(COMMANDS, {}, parts.executor, parts.clock, parts.counters))
    router.include_router(_questions(parts))
    return router


def _questions(parts: Parts) -> APIRouter:
    router = APIRouter(dependencies=[allowed(*READERS), seen_by(parts.store.positions)])

    @router.get("/grants")
    async def grants(conference: str) -> Response:
        return items(await queries.grants(parts.store, conference))

    @router.get("/budget/{grant}")
    async def budget(grant: str, conference: str) -> Response:
        return document(await queries.budget(parts.store, conference, grant))

    @router.get("/expenses/{grant}")
    async def expenses(grant: str, conference: str) -> Response:
        return items(await queries.expenses(parts.store, conference, grant))

    return router
