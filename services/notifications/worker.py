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
from services.notifications.share import Share
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.delivery.subscription import AT_LEAST_ONCE, Deliver, Records
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.clock import Clock, until_due

log = structlog.get_logger()

POLL_SECONDS, SOON_SECONDS = 10.0, 1.0
DUE_AT_ONCE = 200
MOST_WAITING = 1_000
"""If this many can do nothing yet, no others are asked for: in a pause none could be sent."""

FINISH_SECONDS = 5.0


def subscribers(deliver: Deliver) -> KafkaRouter:
    router = KafkaRouter()

    @router.subscriber(*SERVICE.topics, group_id=SERVICE.name, title="notifications hears", **AT_LEAST_ONCE)
    async def hear(records: Records) -> None:
        """New members are welcomed; invited people get one mail for each invitation, reminder or change.

        Its own events tell what becomes of each mail. It keeps the names of the conference and its groups for mails,
        and reads addresses from the topic of people.
        """
        await deliver(records)

    return router


async def send_what_is_due(
    projections: ProjectionStore, clock: Clock, sending: Sending, share: Share, changed: Nudge
) -> None:
    """``changed`` is given when a new mail, or a new address, may have arrived."""
    try:
        while True:
            try:
                await _send(projections, clock, sending, share, changed)
            except MongoUnavailable as error:
                log.warning("sending waits", error=type(error).__name__)
                await asyncio.sleep(SOON_SECONDS)
    finally:
        await sending.finish(FINISH_SECONDS)


async def _send(projections: ProjectionStore, clock: Clock, sending: Sending, share: Share, changed: Nudge) -> None:
    """Begins with due mails, or waits for more; due mails that cannot be sent yet are looked at again soon, and those
    of other processes too, whose work is no reason to look at once.
    """
    if len(waiting := sending.waiting) >= MOST_WAITING:
        return await asyncio.sleep(SOON_SECONDS)
    now = clock.now()  # one reading, so that no time lies between what is due and what is waited for
    stopped = [one["conference"] for one in await projections.find(DISPATCHES, {"is_stopped": True})]
    without = {"mail": waiting, "conference": stopped, "person": sending.full}
    due = await queries.due(projections, now, DUE_AT_ONCE, without)
    ours = share.of(due)
    if await sending.start(ours):
        return None
    if due and not ours:
        return await asyncio.sleep(SOON_SECONDS)
    later = await projections.first_after(MAILS, "not_before", now)
    return await until_due(clock, later, changed, SOON_SECONDS if due or waiting else POLL_SECONDS)
