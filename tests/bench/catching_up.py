"""Catching up: a full topic, an empty database, and the seconds until every document stands at its stream's end.

Shared by the rows that differ only in their data and in the number of workers.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from deploy.embedded.program import Program
from deploy.embedded.service import Service, ServiceDescription
from shared.runtime.mongo.driver import Collection, connect
from tests.bench import bare, books, data
from tests.bench.child import run_side
from tests.bench.machine import cpu_seconds
from tests.bench.measured import Figures
from tests.bench.servers import Servers, running
from tests.bench.service import GROUPS
from tests.bench.waiting import until

PROJECTION = f"view_{GROUPS.name}"
SELDOM = 0.5


@dataclass(frozen=True, slots=True)
class Load:
    """So many events over so many streams; each stream has equally many."""

    events: int
    streams: int

    @property
    def last(self) -> str:
        return data.organisation(self.events // self.streams)


class NotCaughtUp(Exception):
    """A side did not bring every document to its stream's end: its time means nothing."""


async def product(ours: Servers, load: Load, name: str, workers: int = 1) -> Figures:
    """One or several worker processes of the bench service, started together.

    The clock runs from the assignment of partitions until all offsets are committed, seen from outside.
    """
    services = [worker(ours, name, number) for number in range(workers)]
    async with AsyncExitStack() as stack:
        await asyncio.gather(*(stack.enter_async_context(running(service)) for service in services))
        before = _cpu(ours.kafka, ours.mongod, *services)
        seconds = await _caught_up(ours.bootstrap, name, load.events)
        used = _used(before, _cpu(ours.kafka, ours.mongod, *services))
    async with ours.database(name) as database:
        await must_be_caught_up(database[PROJECTION], load)
        if parked := await database["parked"].count_documents({}):
            raise NotCaughtUp(f"{parked} records are parked")
    return {"events/s": load.events / seconds, **used}


async def _caught_up(bootstrap: str, group: str, events: int) -> float:
    """Seconds. Asked seldom, so that asking costs nothing; the end is what the broker wrote down of the last commit."""
    async with bare.watched(bootstrap, group) as watched:

        async def all_committed() -> bool:
            return await watched.committed() >= events

        await until(watched.has_partitions, tick=0.005)
        began = books.now()
        await until(all_committed, tick=SELDOM)
    return (await books.committed_at(bootstrap, group) - began) / 1000


async def bare_loop(ours: Servers, load: Load, name: str) -> Figures:
    return await _loop(f"{__name__}:bare_side", ours, load, name)


async def plain_loop(ours: Servers, load: Load, name: str) -> Figures:
    return await _loop("tests.bench.plain:consume", ours, load, name)


async def _loop(side: str, ours: Servers, load: Load, name: str) -> Figures:
    given = {"bootstrap": ours.bootstrap, "uri": ours.uri, "name": name, "events": load.events}
    before = _cpu(ours.kafka, ours.mongod)
    seconds = await run_side(side, ours.folder / f"{name}.log", **given)
    used = _used(before, _cpu(ours.kafka, ours.mongod))
    async with ours.database(name) as database:
        await must_be_caught_up(database[PROJECTION], load)
    return {"events/s": load.events / seconds, **used}


async def bare_side(bootstrap: str, uri: str, name: str, events: int) -> float:
    session = connect(uri, name)
    try:
        return (await bare.consume(bootstrap, name, data.TOPIC, events, session.database[PROJECTION])).seconds
    finally:
        await session.close()


async def must_be_caught_up(collection: Collection, load: Load) -> None:
    """Every document, at its last event: on whatever side, or it has not done the work."""
    documents = await collection.count_documents({})
    finished = await collection.count_documents({"organisation": load.last})
    if (documents, finished) != (load.streams, load.streams):
        raise NotCaughtUp(f"{finished} of {documents} documents are at their end, {load.streams} should be")


def worker(ours: Servers, name: str, number: int = 0) -> Service:
    """``name`` is its database and its consumer group."""
    command = [sys.executable, "-m", "tests.bench.service", "worker"]
    settings = {**ours.settings, "KPK_MONGO_DATABASE": name, "KPK_GROUP": name}
    return Service(ServiceDescription(name, command), settings, ours.folder / f"{name}-{number}.log")


def _cpu(*programs: Program) -> dict[str, float]:
    """Core seconds so far; whatever is not a server is a worker."""
    used = {"kafka": 0.0, "mongod": 0.0}
    for program in programs:
        name = program.name if program.name in used else "workers"
        used[name] = used.get(name, 0.0) + cpu_seconds(program.identity)
    return used


def _used(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    return {f"{name} core seconds": seconds - before[name] for name, seconds in after.items()}
