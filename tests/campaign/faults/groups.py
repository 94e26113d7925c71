"""R: consumers come and go, and each service runs twice."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack

from tests.campaign.evidence import SERVICES
from tests.campaign.fault import Fault, Site

STORM_SECONDS, EVERY = 60.0, 2.0
TWINS_SECONDS = 40.0


async def storm(site: Site) -> None:
    """A second member of the group comes and goes for a minute; progress never stops."""
    ends = time.monotonic() + STORM_SECONDS
    while time.monotonic() < ends:
        for name in ("meetings", "notifications"):
            async with site.second(name):
                await site.last(EVERY)
            await site.accepted(1)


async def twins(site: Site) -> None:
    """Each service has two processes, both are spoken to, and one after the other of them is killed."""
    async with AsyncExitStack() as both:
        for name in SERVICES:
            await both.enter_async_context(site.second(name))
        ends = time.monotonic() + TWINS_SECONDS
        while time.monotonic() < ends:
            name = site.random.choice([*SERVICES, *site.seconds])
            await site.accepted(20)
            await site.kill(name)
            await site.last(EVERY)
            await site.start(name)


FAULTS = (
    Fault("R1", "a second process of two services comes and goes for a minute", "groups", storm),
    Fault("R4", "two processes of each service share its work; some are killed", "groups", twins),
)
