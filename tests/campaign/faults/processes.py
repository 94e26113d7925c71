"""P: our own processes die, freeze, are asked to go, and come up in an unlucky order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from functools import partial

from deploy.embedded.program import StartFailed
from tests.campaign.evidence import SERVICES
from tests.campaign.fault import Fault, Site

# Our own deadline for an orderly end, whatever is down around the process.
ENDS_WITHIN = 10.0
LONGER_THAN_A_SESSION = 12.0
"""Seconds; the consumers' session times out after ten."""


async def killed_in_turn(site: Site) -> None:
    for name in SERVICES:
        await site.accepted(5)
        await site.kill(name)
        await site.start(name)


async def killed_thrice(site: Site) -> None:
    """All of them, each in its own time."""
    await asyncio.gather(*(_killed_thrice(site, name) for name in SERVICES))


async def _killed_thrice(site: Site, name: str) -> None:
    for _ in range(3):
        await site.last(site.random.uniform(1, 5))
        await site.kill(name)
        await site.last(1)
        await site.start(name)


async def killed_by_chance(site: Site, *, seconds: float = 60.0, mean: float = 3.0) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        await site.last(site.random.expovariate(1 / mean))
        name = site.random.choice(SERVICES)
        await site.kill(name)
        await site.start(name)


async def frozen_together(site: Site) -> None:
    await _frozen(site, SERVICES)


async def frozen_in_turn(site: Site) -> None:
    for name in SERVICES:
        await _frozen(site, [name])


async def _frozen(site: Site, names: Sequence[str]) -> None:
    for name in names:
        site.pause(name)
    await site.last(LONGER_THAN_A_SESSION)
    for name in names:
        site.resume(name)
    await site.accepted(20)


async def asked_to_go(site: Site) -> None:
    for name in SERVICES:
        await site.accepted(10)
        await _leave(site, name)
        await site.start(name)


async def asked_to_go_without_kafka(site: Site) -> None:
    await site.kill("kafka")
    await site.accepted(20)
    await asyncio.gather(*(_leave(site, name) for name in SERVICES))
    await site.start("kafka")
    await asyncio.gather(*(site.start(name) for name in SERVICES))


async def _leave(site: Site, name: str) -> None:
    took = await site.terminate(name, ENDS_WITHIN)
    code = site.program(name).exit_code
    site.note(f"SIGTERM {name}", "ended", seconds=round(took, 1), code=code)
    assert code == 0, f"{name} ended with {code} after SIGTERM"


async def services_first(site: Site) -> None:
    """They wait for broker and database instead of giving up."""
    for name in (*SERVICES, "kafka", "mongod"):
        await site.program(name).stop()
    starting = [asyncio.create_task(site.start(name)) for name in SERVICES]
    await site.last(5)
    await site.start("mongod")
    await asyncio.gather(*starting)
    await site.accepted(20)
    await site.start("kafka")


async def wrongly_told(site: Site) -> None:
    """A setting that cannot be right ends the process at once, with the setting's name and not its value."""
    secret = "no-number-but-a-secret"
    program = site.program("funding")
    await program.stop()
    with site.told("funding", KPK_SMTP_PORT="1", KPK_LOG_LEVEL=secret):
        try:
            await program.start()
        except StartFailed:
            assert program.exit_code not in (0, None), f"it ended with {program.exit_code}"
        else:
            raise AssertionError("a process runs with a setting that cannot be right")
    assert secret not in program.log.read_text(), "the log repeats the value of a setting"
    await program.start()


by_signals = partial(Fault, group="processes")

FAULTS = (
    by_signals("P8", "each service is killed once (SIGKILL), one after the other", inject=killed_in_turn, short=True),
    by_signals("P8-thrice", "each service is killed three times, all at their own time", inject=killed_thrice),
    by_signals("P8-random", "a minute of SIGKILL by chance, every three seconds on average", inject=killed_by_chance),
    by_signals(
        "P10",
        "all services freeze (SIGSTOP) for longer than a consumer's session",
        inject=frozen_together,
        short=True,
    ),
    by_signals("P10-each", "each service freezes (SIGSTOP) for 12 s, one after the other", inject=frozen_in_turn),
    by_signals("P11", "each service is asked to go (SIGTERM) under load: it ends within 10 s", inject=asked_to_go),
    by_signals("P12", "all are asked to go (SIGTERM) while Kafka is down: they end", inject=asked_to_go_without_kafka),
    by_signals("P13-cold", "services start before MongoDB, and MongoDB before Kafka", inject=services_first),
    by_signals("P14", "a setting that cannot be right: the process ends and tells no value", inject=wrongly_told),
)
