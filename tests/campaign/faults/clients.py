"""N7: callers who hang up in the middle, and come back with the same key."""

from __future__ import annotations

from tests.campaign.fault import Fault, Site

CALLS = 40


async def hang_up(site: Site) -> None:
    for _ in range(CALLS):
        await site.load.hang_up(part=site.random.choice([0.3, 0.6, 0.95, 1.0]))
    await site.accepted(10)


FAULTS = (Fault("N7", "callers hang up before the answer and ask again", "clients", hang_up, short=True),)
