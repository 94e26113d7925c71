"""K: one broker goes away, freezes, or forgets how far its readers have come."""

from __future__ import annotations

import asyncio
from functools import partial

from tests.campaign.evidence import SERVICES
from tests.campaign.fault import Fault, Site
from tests.campaign.kafka_dump import admin
from tests.kit.confluent import At

ANSWER_SECONDS = 20.0


async def restarted(site: Site) -> None:
    await site.restart("kafka")
    await site.accepted(20)


async def killed(site: Site, *, away: float = 0.0) -> None:
    """Commands are accepted all the while: the journal needs no broker."""
    await site.kill("kafka")
    await site.accepted(30)
    await site.last(away)
    await site.start("kafka")


async def frozen(site: Site) -> None:
    site.pause("kafka")
    await site.accepted(30)
    await site.last(15)
    site.resume("kafka")


async def forgets_offsets(site: Site) -> None:
    """Each service reads everything again from the first record, and does nothing of it a second time."""
    for name in SERVICES:
        await site.program(name).stop()
    await site.until(lambda: asyncio.to_thread(_delete_groups, site.world.at), "the groups are empty", 30)
    for name in SERVICES:
        await site.start(name)


def _delete_groups(at: At) -> bool:
    """Raises while a member is still expected back."""
    asked = admin(at)
    there = {group.group_id for group in asked.list_consumer_groups().result(ANSWER_SECONDS).valid}
    gone = asked.delete_consumer_groups(sorted(there & {*SERVICES}), request_timeout=ANSWER_SECONDS)
    for answer in gone.values():
        answer.result(ANSWER_SECONDS)
    return True


FAULTS = (
    Fault("K0", "the broker is stopped cleanly and restarted", "kafka", restarted),
    Fault("K1", "the broker is killed (SIGKILL) and comes back", "kafka", killed, short=True),
    Fault("K1-long", "the broker is killed and is down for half a minute", "kafka", partial(killed, away=30.0)),
    Fault("K4", "the broker freezes (SIGSTOP) for 15 s", "kafka", frozen),
    Fault("K7", "the groups' offsets are deleted: everything is read again", "kafka", forgets_offsets),
)
