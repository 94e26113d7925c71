"""N and M6, M7: the lines to broker and database are bad, or an answer is lost or untrue, while everybody works."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import partial

from tests.campaign.fault import Fault, Site
from tests.campaign.faults.signs import nothing_is_published, relays_keep_up
from tests.campaign.world.fail_points import (
    SHUTDOWN_IN_PROGRESS,
    WRITE_CONCERN_FAILED,
    concern_not_met,
    connection_closed,
    failing,
)
from tests.campaign.world.mongo_line import INSERT_INTO_JOURNAL
from tests.campaign.world.proxy import Direction, Proxy
from tests.campaign.world.worlds import BadLines

SECONDS = 15.0
"""Longer than a consumer's session and than the database driver's patience, both ten."""
ALL_ANSWERS = 1_000_000
BOTH: tuple[Direction, ...] = ("up", "down")
SMALLEST, LARGEST = 200, 20_000
"""Bytes after which a line is torn: in a header, in a record, between two."""


def world_of(site: Site) -> BadLines:
    assert isinstance(site.world, BadLines)
    return site.world


def line_to(site: Site, server: str) -> Proxy:
    return world_of(site).lines[server]


async def kafka_cut(site: Site) -> None:
    line_to(site, "kafka").cut()
    await stands_still(site)
    line_to(site, "kafka").heal()
    await relays_keep_up(site)


async def kafka_in_a_hole(site: Site) -> None:
    """What was on its way arrives late."""
    line_to(site, "kafka").hold("up", "down")
    await stands_still(site)
    line_to(site, "kafka").heal()
    await relays_keep_up(site)


async def kafka_unheard(site: Site) -> None:
    """What it acknowledged never arrives, so it is told again what it has already."""
    line_to(site, "kafka").hold("down")
    await stands_still(site)
    line_to(site, "kafka").reset()
    line_to(site, "kafka").heal()
    await relays_keep_up(site)


async def stands_still(site: Site) -> None:
    await site.last(2)  # what was acknowledged before is marked by then
    await nothing_is_published(site, SECONDS)


async def mongod_cut(site: Site) -> None:
    """No command can be accepted; each that was begun is known by its key afterwards."""
    line_to(site, "mongod").cut()
    await site.last(SECONDS)
    await mongod_healed(site)


async def mongod_in_a_hole(site: Site) -> None:
    line_to(site, "mongod").hold("up", "down")
    await site.last(SECONDS)
    await mongod_healed(site)


async def mongod_unheard(site: Site) -> None:
    """Everything is carried out, and nobody ever knows."""
    line_to(site, "mongod").hold("down")
    await site.last(SECONDS)
    line_to(site, "mongod").reset()
    await mongod_healed(site)


async def mongod_healed(site: Site) -> None:
    line_to(site, "mongod").heal()
    await site.accepted(20)
    await relays_keep_up(site)


async def slow_and_reset(site: Site, *, server: str) -> None:
    line, ends = line_to(site, server), time.monotonic() + SECONDS
    line.delay = 0.15
    while time.monotonic() < ends:
        await site.last(site.random.uniform(1, 3))
        line.reset()
    await site.accepted(5)
    line.heal()
    await relays_keep_up(site)


async def torn(site: Site, *, server: str, times: int = 10) -> None:
    line = line_to(site, server)
    for _ in range(times):
        for way in BOTH:
            line.torn_after[way] = site.random.randint(SMALLEST, LARGEST)
        await site.until(lambda: not line.torn_after, f"the line to {server} is torn both ways")
    await site.accepted(20)
    await relays_keep_up(site)


async def answers_lost(site: Site, *, number: int) -> None:
    """The commit is there; who asked is not told. The driver asks once more, and beyond that the key does."""
    line = line_to(site, "mongod")
    line.unanswered, line.times = INSERT_INTO_JOURNAL, number
    await site.last(SECONDS)
    assert line.times < number, "no answer was lost"
    line.heal()
    await site.accepted(20)


async def concern_untold(site: Site, *, code: int) -> None:
    """Applied, and then called uncertain: the outcome is unknown, and so is not called a failure."""
    async with failing(world_of(site).mongod.address, times=20, **concern_not_met(code)) as hits:
        await site.accepted(40)
    assert hits.number, "no insert was called uncertain"
    await relays_keep_up(site)


async def inserts_refused(site: Site) -> None:
    async with failing(world_of(site).mongod.address, times=40, **connection_closed()) as hits:
        await site.accepted(40)
    assert hits.number, "no insert was broken off"
    await relays_keep_up(site)


def over_lines(name: str, sentence: str, inject: Callable[[Site], Awaitable[None]]) -> Fault:
    """Whatever becomes of it, the next fault finds good lines."""

    async def healed(site: Site) -> None:
        try:
            await inject(site)
        finally:
            for line in world_of(site).lines.values():
                line.heal()

    return Fault(name, sentence, "network", healed, world=BadLines)


FAULTS = (
    over_lines(
        "N1-kafka",
        "the line to Kafka is cut for 15 s: commands are accepted, nothing is marked as published",
        kafka_cut,
    ),
    over_lines("N1-kafka-hole", "packets to and from Kafka are dropped for 15 s without an error", kafka_in_a_hole),
    over_lines("N2-kafka", "Kafka receives requests, but its answers are lost for 15 s", kafka_unheard),
    over_lines(
        "N3-kafka",
        "the line to Kafka is slow (0.3 s there and back) and is reset every two seconds",
        partial(slow_and_reset, server="kafka"),
    ),
    over_lines(
        "N4-kafka",
        "the line to Kafka breaks in the middle of a message, ten times each way",
        partial(torn, server="kafka"),
    ),
    over_lines("N1-mongod", "the line to mongod is cut for 15 s", mongod_cut),
    over_lines("N1-mongod-hole", "packets to and from mongod are dropped for 15 s without an error", mongod_in_a_hole),
    over_lines("N2-mongod", "mongod receives requests, but its answers are lost for 15 s", mongod_unheard),
    over_lines(
        "N3-mongod",
        "the line to mongod is slow (0.3 s there and back) and is reset every two seconds",
        partial(slow_and_reset, server="mongod"),
    ),
    over_lines(
        "N4-mongod",
        "the line to mongod breaks in the middle of a message, ten times each way",
        partial(torn, server="mongod"),
    ),
    over_lines("M6", "twenty commits are carried out and their answers are lost", partial(answers_lost, number=20)),
    over_lines(
        "M6-long",
        "for 15 s every commit's answer is lost: longer than the driver asks again",
        partial(answers_lost, number=ALL_ANSWERS),
    ),
    over_lines("M6-not-done", "forty commits are interrupted before they are carried out", inserts_refused),
    over_lines(
        "M7",
        "commits are applied, but the answer is an error (write concern failed, 64)",
        partial(concern_untold, code=WRITE_CONCERN_FAILED),
    ),
    over_lines(
        "M7-shutdown",
        "commits are applied, but the answer is an error (shutdown in progress, 91)",
        partial(concern_untold, code=SHUTDOWN_IN_PROGRESS),
    ),
)
