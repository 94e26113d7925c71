"""Kafka Connect 4.3.1 with the MongoDB sink 2.0.1, with the best settings that we found for it.

Unordered bulk writes, 5,000 records a poll, as many bytes of a partition at once as the product fetches, the document's
id taken from the record's key. It writes once for each event, checks no sequence and parks nothing; with two tasks the
partition alone keeps the order. Its JVM is warm: it has sunk another topic first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from shared.contracts.members import SERVICE
from shared.contracts.topics import events_of
from shared.runtime.delivery.subscription import FETCHED_BYTES
from shared.runtime.kafka.topics import apply_topics
from shared.runtime.mongo.driver import Database
from tests.bench import books, data
from tests.bench.bare import POLLED, watched
from tests.bench.catching_up import PROJECTION, Load, NotCaughtUp, must_be_caught_up
from tests.bench.connect_jars import SINK, Jars, with_connector
from tests.bench.connect_worker import Connect
from tests.bench.measured import Figures
from tests.bench.servers import Servers, running, settled
from tests.bench.waiting import until

WARM = replace(events_of(SERVICE), name="bench.warm")
QUIET = 1.0

# The stock strategy for ids makes a new one for each event: it has to be told that the key is the document's id.
SINK_SETTINGS: Mapping[str, str] = {
    "connector.class": "com.mongodb.kafka.connect.MongoSinkConnector",
    "bulk.write.ordered": "false",
    "consumer.override.max.poll.records": str(POLLED),
    "consumer.override.max.partition.fetch.bytes": str(FETCHED_BYTES),
    "consumer.override.auto.offset.reset": "earliest",
    "transforms": "id",
    "transforms.id.type": "org.apache.kafka.connect.transforms.HoistField$Key",
    "transforms.id.field": "_id",
    "document.id.strategy": "com.mongodb.kafka.connect.sink.processor.id.strategy.ProvidedInKeyStrategy",
    "document.id.strategy.overwrite.existing": "true",
}


def jars() -> Jars:
    """Raises ``NotToBeHad``."""
    return with_connector(SINK)


def warming(load: Load) -> Load:
    """What a JVM sinks before it is measured: a quarter as much again."""
    streams = max(1, load.events // 400)
    return Load(streams * 100, streams)


async def fill_warm_topic(ours: Servers, load: Load) -> None:
    await apply_topics(ours.kafka.access, [WARM])
    await data.fill_topic(ours.bootstrap, warming(load).events, warming(load).streams, WARM.name)


async def catch_up(ours: Servers, load: Load, with_jars: Jars, name: str, tasks: int = 1) -> Figures:
    """From the moment at which its consumers have their partitions until the last document was written."""
    worker = Connect(ours.bootstrap, with_jars, ours.folder / name)
    async with running(worker):
        async with ours.database(f"{name}-warm") as database:
            await _sunk(ours, worker, WARM.name, warming(load), database, tasks)
            await database.client.drop_database(database.name)
        await settled(ours, worker)
        async with ours.database(name) as database:
            seconds = await _sunk(ours, worker, data.TOPIC, load, database, tasks)
    return {"events/s": load.events / seconds}


async def _sunk(ours: Servers, worker: Connect, topic: str, load: Load, database: Database, tasks: int) -> float:
    """Seconds. The connector is gone afterwards, its JVM stays."""
    name = database.name
    await worker.deploy(name, _config(ours, topic, name, tasks))
    async with watched(ours.bootstrap, f"connect-{name}") as group:
        await until(group.has_partitions, tick=0.005)
    began = books.now()
    ended = await _finished(database, load)
    await worker.remove(name)
    return (ended - began) / 1000


def _config(ours: Servers, topic: str, database: str, tasks: int) -> dict[str, str]:
    return {
        **SINK_SETTINGS,
        "topics": topic,
        "tasks.max": str(tasks),
        "connection.uri": f"{ours.uri}&w=majority&journal=true",
        "database": database,
        "collection": PROJECTION,
    }


async def _finished(database: Database, load: Load) -> float:
    """The moment of the last write. Documents are counted only while nothing is written: counting takes time too."""
    last: float | None = None

    async def rests_at_its_end() -> bool:
        nonlocal last
        before, last = last, await books.last_write(database, PROJECTION)
        return last is not None and last == before and await _is_caught_up(database, load)

    await until(rests_at_its_end, QUIET)
    assert last is not None
    return last


async def _is_caught_up(database: Database, load: Load) -> bool:
    try:
        await must_be_caught_up(database[PROJECTION], load)
    except NotCaughtUp:
        return False
    return True
