"""K and M on clusters: a leader, two of three, or a primary without its majority is lost under load."""

from __future__ import annotations

import asyncio
from pathlib import Path

from deploy.embedded.mongod import Mongod
from tests.campaign.fault import Fault, Site
from tests.campaign.faults.signs import nothing_is_published, relays_keep_up
from tests.campaign.world.kafka_cluster import KafkaCluster
from tests.campaign.world.mongo_set import MongoSet
from tests.campaign.world.worlds import ThreeBrokers, ThreeMongods
from tests.kit.eventually import eventually

TOPIC, PARTITION = "kpk.notifications.v1", 0
WHOLE_WITHIN = 90.0
TAKEN_OVER_WITHIN = 40.0
ALONE_SECONDS = 1.5
"""A primary notices after two that nobody follows it any more."""


def cluster_of(site: Site) -> KafkaCluster:
    assert isinstance(site.world, ThreeBrokers)
    return site.world.cluster


def set_of(site: Site) -> MongoSet:
    assert isinstance(site.world, ThreeMongods)
    return site.world.set


async def leader_of(site: Site) -> str:
    leader = await eventually(lambda: cluster_of(site).leader(TOPIC, PARTITION), "the partition has a leader", 30)
    assert leader
    return leader


async def leaders_killed(site: Site, times: int = 3) -> None:
    for _ in range(times):
        leader = await leader_of(site)
        site.note("K2", "killed", node=leader)
        await site.kill(leader)
        await site.accepted(30)
        await relays_keep_up(site, TAKEN_OVER_WITHIN)
        await site.start(leader)
        await whole_again(site)


async def leader_frozen(site: Site) -> None:
    leader = await leader_of(site)
    site.pause(leader)
    await site.accepted(30)
    await site.last(20)
    site.resume(leader)
    await whole_again(site)


async def two_of_three_killed(site: Site) -> None:
    """The one that is left acknowledges nothing, so nothing may be marked; commands need no broker."""
    leader = await leader_of(site)
    others = [name for name in cluster_of(site).nodes if name != leader]
    await asyncio.gather(*(site.kill(name) for name in others))
    await site.last(2)  # what the cluster acknowledged before is marked by then
    await nothing_is_published(site, seconds=10)
    await asyncio.gather(*(site.start(name) for name in others))
    await whole_again(site)


async def followers_frozen(site: Site) -> None:
    """The quorum and every topic are without a majority, though nobody has died."""
    leader = await leader_of(site)
    others = [name for name in cluster_of(site).nodes if name != leader]
    for name in others:
        site.pause(name)
    await site.accepted(30)
    await site.last(15)
    for name in others:
        site.resume(name)
    await whole_again(site)


async def all_killed(site: Site) -> None:
    await asyncio.gather(*(site.kill(name) for name in cluster_of(site).nodes))
    await site.accepted(30)
    await cluster_of(site).start()
    await whole_again(site)


async def whole_again(site: Site) -> None:
    await site.until(cluster_of(site).is_whole, "every partition has all its replicas", WHOLE_WITHIN)
    await relays_keep_up(site)


async def primary_of(site: Site) -> str:
    primary = await eventually(set_of(site).primary, "one mongod is primary", 30)
    assert primary
    return primary


async def primaries_killed(site: Site, times: int = 3) -> None:
    for _ in range(times):
        primary = await primary_of(site)
        await site.accepted(10)
        site.note("M2", "killed", node=primary)
        await site.kill(primary)
        await site.accepted(20)
        await site.start(primary)
    await relays_keep_up(site)


async def primary_frozen(site: Site) -> None:
    """It wakes and believes itself primary, for a moment."""
    primary = await primary_of(site)
    site.pause(primary)
    await site.accepted(20)
    site.resume(primary)
    await relays_keep_up(site)


async def secondary_frozen(site: Site) -> None:
    primary = await primary_of(site)
    lagging = next(name for name in set_of(site).members if name != primary)
    site.pause(lagging)
    await site.accepted(60)
    site.resume(lagging)


async def primary_without_majority(site: Site) -> None:
    """What it wrote alone was acknowledged to nobody and read by no relay: it is taken back without a loss."""
    primary = await primary_of(site)
    others = [name for name in set_of(site).members if name != primary]
    await asyncio.gather(*(site.kill(name) for name in others))
    await site.last(ALONE_SECONDS)
    await site.kill(primary)
    await asyncio.gather(*(site.start(name) for name in others))
    await site.accepted(20)
    await site.start(primary)
    await site.until(lambda: taken_back(set_of(site).members[primary]), "its own writes are taken back")
    await relays_keep_up(site)


def taken_back(member: Mongod) -> list[Path]:
    """mongod keeps what it takes back."""
    return list(member.folder.glob("data/rollback/**/*.bson"))


FAULTS = (
    Fault(
        "K2",
        "the leader among three brokers is killed three times; another takes over",
        "clusters",
        leaders_killed,
        world=ThreeBrokers,
    ),
    Fault(
        "K3",
        "two of three brokers are killed: nothing is marked as published, commands are accepted",
        "clusters",
        two_of_three_killed,
        world=ThreeBrokers,
    ),
    Fault(
        "K3-frozen",
        "two of three brokers freeze (SIGSTOP) for 15 s: the leader has no majority",
        "clusters",
        followers_frozen,
        world=ThreeBrokers,
    ),
    Fault(
        "K4-leader",
        "the leader among three brokers freezes (SIGSTOP) for 20 s",
        "clusters",
        leader_frozen,
        world=ThreeBrokers,
    ),
    Fault("K5", "three brokers are killed at once, with their controllers", "clusters", all_killed, world=ThreeBrokers),
    Fault(
        "M2",
        "the primary among three mongods is killed three times under load",
        "clusters",
        primaries_killed,
        world=ThreeMongods,
    ),
    Fault(
        "M3",
        "the primary loses its majority, continues to write, and its writes are rolled back",
        "clusters",
        primary_without_majority,
        world=ThreeMongods,
    ),
    Fault(
        "M5-primary",
        "the primary among three mongods freezes (SIGSTOP); another takes over",
        "clusters",
        primary_frozen,
        world=ThreeMongods,
    ),
    Fault(
        "M8", "a secondary freezes (SIGSTOP): two of three are enough", "clusters", secondary_frozen, world=ThreeMongods
    ),
)
