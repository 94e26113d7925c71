"""M: the one database goes away or freezes. What was acknowledged is there again."""

from __future__ import annotations

from tests.campaign.fault import Fault, Site
from tests.campaign.faults.planting import Planted, Stranger, stream_of

LONGER_THAN_THE_DRIVER_LOOKS = 7.0
"""Seconds: a call that finds no database ends after five, and what it was for has failed."""


async def restarted(site: Site) -> None:
    await site.restart("mongod")
    await site.accepted(20)


async def killed(site: Site) -> None:
    """Records arrive that nobody can take without a database: they are taken afterwards."""
    await site.accepted(10)
    await site.kill("mongod")
    stranger, stream = Stranger(site), stream_of(site, "without-mongod")
    for sequence in (1, 2, 3):
        await stranger.plant(Planted(stream, sequence))
    await site.last(LONGER_THAN_THE_DRIVER_LOOKS)
    await site.start("mongod")
    await site.accepted(20)


async def killed_thrice(site: Site) -> None:
    for _ in range(3):
        await site.accepted(10)
        await site.kill("mongod")
        await site.last(1)
        await site.start("mongod")
    await site.accepted(20)


async def frozen(site: Site) -> None:
    site.pause("mongod")
    await site.last(30)
    site.resume("mongod")
    await site.accepted(20)


async def killed_with_kafka(site: Site) -> None:
    await site.kill("mongod")
    await site.kill("kafka")
    await site.last(3)
    await site.start("mongod")
    await site.accepted(20)
    await site.start("kafka")


FAULTS = (
    Fault("M0", "mongod is stopped cleanly and restarted", "mongodb", restarted),
    Fault("M1", "mongod is killed (SIGKILL) and comes back; records arrive meanwhile", "mongodb", killed, short=True),
    Fault("M1-thrice", "mongod is killed three times", "mongodb", killed_thrice),
    Fault("M5", "mongod freezes (SIGSTOP) for 30 s", "mongodb", frozen),
    Fault("M1-K1", "mongod and the broker are killed together", "mongodb", killed_with_kafka),
)
