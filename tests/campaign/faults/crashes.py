"""P1-P7: the process dies at a named place in its code, at the first, second and fifth passing."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from deploy.embedded.program import StartFailed
from shared.runtime.observing.crashpoints import CRASH_POINTS, CrashPoint
from tests.campaign.fault import Fault, Site

PASSINGS = (1, 2, 5)
DIES_WITHIN = 60.0

WHERE: dict[str, tuple[str, ...]] = {
    "command": ("members", "meetings", "funding"),
    "relay": ("meetings", "funding", "notifications"),
    "delivery": ("notifications", "meetings", "members"),
    "mail": ("notifications",),
}
"""Which services pass there, by the first word of the place's name; each passing dies in another of them."""

AT_ONCE: dict[str, CrashPoint] = {
    "members": "command.committed",
    "meetings": "delivery.positioned",
    "funding": "relay.acknowledged",
    "notifications": "mail.answered",
}


async def die_at(site: Site, *, point: CrashPoint) -> None:
    """In several services at once where several pass there."""
    services = WHERE[point.partition(".")[0]]
    passings = {name: PASSINGS[place :: len(services)] for place, name in enumerate(services)}
    await asyncio.gather(*(_die_one_by_one(site, name, point, some) for name, some in passings.items()))


async def _die_one_by_one(site: Site, service: str, point: CrashPoint, passings: Sequence[int]) -> None:
    for passing in passings:
        await die_once(site, service, f"{point}:{passing}")


async def die_once(site: Site, service: str, where: str) -> None:
    program = site.program(service)
    await program.kill()
    with site.told(service, KPK_CRASH_AT=where):
        with suppress(StartFailed):  # it may die before it has said that it is ready
            await program.start()
        await site.until(lambda: not program.is_running, f"{service} dies at {where}", DIES_WITHIN)
    assert program.exit_code == -signal.SIGKILL, f"{service} ended with {program.exit_code} instead of dying at {where}"
    await program.start()


async def die_at_once(site: Site) -> None:
    await asyncio.gather(*(die_once(site, service, f"{point}:1") for service, point in AT_ONCE.items()))


FAULTS = (
    Fault("crash", "each service dies at another place in its code", "crashes", die_at_once, short=True),
    *(
        Fault(
            f"crash {point}",
            f"three processes die at {point}, at the first, second and fifth passing",
            "crashes",
            partial(die_at, point=point),
        )
        for point in CRASH_POINTS
    ),
)
