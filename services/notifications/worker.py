"""What notifications listens to, and the loop that sends what is due."""

from __future__ import annotations

import asyncio

import structlog

from services.notifications import queries
from services.notifications.reactions import REACTIONS
from services.notifications.sending import Sending
from services.notifications.views import VIEWS
from shared.contracts.topics import PEOPLE, events_of
from shared.runtime.execute import Deciders
from shared.runtime.mongo import MongoUnavailable
from shared.runtime.parts import Declaration, Parts

log = structlog.get_logger()

SERVICE = "notifications"
SUBSCRIBES = (events_of("members").name, events_of("meetings").name, events_of(SERVICE).name, PEOPLE.name)
POLL_SECONDS = 0.2
DUE_AT_ONCE = 200
FINISH_SECONDS = 5.0


def declaration(deciders: Deciders) -> Declaration:
    return Declaration(SERVICE, deciders, SUBSCRIBES, VIEWS, REACTIONS)


async def send_what_is_due(parts: Parts, sending: Sending) -> None:
    try:
        while True:
            if not await _send_once(parts, sending):
                await asyncio.sleep(POLL_SECONDS)
    finally:
        await sending.finish(FINISH_SECONDS)


async def _send_once(parts: Parts, sending: Sending) -> int:
    try:
        return await sending.start(await queries.due(parts.store, parts.clock.now(), DUE_AT_ONCE))
    except MongoUnavailable as error:
        log.warning("sending waits", error=type(error).__name__)
        return 0
