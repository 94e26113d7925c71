"""What notifications listens to, and the loop that sends what is due."""

from __future__ import annotations

import asyncio

import structlog
from faststream.kafka import KafkaRouter

from services.notifications import queries
from services.notifications.projections import MAILS
from services.notifications.projections.dispatches import DISPATCHES
from services.notifications.sending import Sending
from services.notifications.service import SERVICE
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.delivery.subscription import AT_LEAST_ONCE, Deliver, Records
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.clock import Clock, until_due

log = structlog.get_logger()

POLL_SECONDS, SOON_SECONDS = 10.0, 1.0
DUE_AT_ONCE = 200
MOST_WAITING = 1_000
"""So many can do nothing yet that no others are asked for: during a pause nobody could do more."""

FINISH_SECONDS = 5.0


def subscribers(deliver: Deliver) -> KafkaRouter:
    router = KafkaRouter()

    @router.subscriber(*SERVICE.topics, group_id=SERVICE.name, title="notifications hears", **AT_LEAST_ONCE)
    async def hear(records: Records) -> None:
        """Whoever fills a seat is welcomed; whoever is invited, reminded or told of a change gets one mail.

        Its own events tell what becomes of each mail, names of the conference and its groups are remembered for them,
        and the topic of people says how to write to somebody.
        """
        await deliver(records)

    return router


async def send_what_is_due(projections: ProjectionStore, clock: Clock, sending: Sending, changed: Nudge) -> None:
    """``changed`` is given when there may be something new to send, or somebody new to send it to."""
    try:
        while True:
            try:
                await _send(projections, clock, sending, changed)
            except MongoUnavailable as error:
                log.warning("sending waits", error=type(error).__name__)
                await asyncio.sleep(SOON_SECONDS)
    finally:
        await sending.finish(FINISH_SECONDS)


async def _send(projections: ProjectionStore, clock: Clock, sending: Sending, changed: Nudge) -> None:
    """Begins with what is due, or waits for more; what is due and cannot be sent yet is looked at again soon."""
    if len(waiting := sending.waiting) >= MOST_WAITING:
        return await asyncio.sleep(SOON_SECONDS)
    now = clock.now()  # once, so that no moment lies between what is due and what is waited for
    stopped = [one["conference"] for one in await projections.find(DISPATCHES, {"is_stopped": True})]
    without = {"mail": waiting, "conference": stopped, "person": sending.full}
    due = await queries.due(projections, now, DUE_AT_ONCE, without)
    if await sending.start(due):
        return None
    later = await projections.first_after(MAILS, "not_before", now)
    return await until_due(clock, later, changed, SOON_SECONDS if due or waiting else POLL_SECONDS)
