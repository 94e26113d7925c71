"""D: the disk under the broker or under mongod is full to the last byte, and is freed again."""

from __future__ import annotations

from tests.campaign.fault import Fault, Site
from tests.campaign.faults.signs import nothing_is_published, relays_keep_up
from tests.campaign.world.small_disk import SmallDisk
from tests.campaign.world.worlds import SmallDisks

DIES_WITHIN = 30.0


def disk_of(site: Site, server: str) -> SmallDisk:
    assert isinstance(site.world, SmallDisks)
    return site.world.disks[server]


async def kafka_full(site: Site) -> None:
    """The broker gives its only disk up and ends. What it acknowledged is there when it comes back."""
    disk = disk_of(site, "kafka")
    disk.fill()
    try:
        await site.until(lambda: not site.program("kafka").is_running, "the broker gives up", DIES_WITHIN)
        await nothing_is_published(site, seconds=10)
    finally:
        disk.free()
    await site.start("kafka")
    await relays_keep_up(site)


async def mongod_full(site: Site) -> None:
    """mongod ends itself rather than acknowledge what it cannot keep."""
    disk = disk_of(site, "mongod")
    disk.fill()
    try:
        await site.until(lambda: not site.program("mongod").is_running, "mongod gives up", DIES_WITHIN)
        await site.last(1)  # an answer that it made possible may still be on its way
        before = site.load.accepted
        await site.last(10)
        assert site.load.accepted == before, "a command was accepted without a database"
    finally:
        disk.free()
    await site.start("mongod")
    await site.accepted(20)
    await relays_keep_up(site)


FAULTS = (
    Fault("D1", "the broker's disk is full", "disk", kafka_full, world=SmallDisks, alone=True),
    Fault("D2", "mongod's disk is full", "disk", mongod_full, world=SmallDisks, alone=True),
)
