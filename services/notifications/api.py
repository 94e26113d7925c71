"""The HTTP edge of notifications: the office may suppress a mail and ask what became of each."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.notifications import queries
from services.notifications.domain.mail import (
    MAIL,
    DuePrintLetter,
    QueueNotification,
    RecordAttempt,
    RecordDeferral,
    RecordFailure,
    RecordSent,
    SuppressNotification,
)
from shared.runtime.commands import CommandRoute
from shared.runtime.execute import Deciders
from shared.runtime.http import READERS, allowed, commands_router, document, items, seen_by
from shared.runtime.parts import Parts

COMMANDS = (CommandRoute(SuppressNotification, MAIL),)
OWN_COMMANDS = (QueueNotification, RecordAttempt, RecordDeferral, RecordFailure, RecordSent, DuePrintLetter)
"""Given by reactions and by the sender only."""

DECIDERS: Deciders = {SuppressNotification: MAIL, **dict.fromkeys(OWN_COMMANDS, MAIL)}


def routes(parts: Parts) -> APIRouter:
    router = APIRouter()
    router.include_router(commands_router(COMMANDS, {}, parts.executor, parts.clock, parts.counters))
    router.include_router(_questions(parts))
    return router


def _questions(parts: Parts) -> APIRouter:
    router = APIRouter(dependencies=[allowed(*READERS), seen_by(parts.store.positions)])

    @router.get("/mails/summary")
    async def summary(conference: str) -> Response:
        return document(await queries.summary(parts.store, conference))

    @router.get("/mails")
    async def mails(conference: str, session: str | None = None, state: str | None = None) -> Response:
        return items(await queries.mails(parts.store, conference, session, state))

    return router
