"""Debezium's MongoDB connector 3.3.1 with its outbox router, in the same Kafka Connect, with the best settings found.

The router wants one document for each event, with key, topic and payload in fields of their own: it cannot read a
journal of commits. So the same events stand in an outbox of that layout; the records that come out have the product's
key, value and headers (and one header more, the router's own). One task: the connector has no more for one replica set.
Its JVM is warm, and its clock runs from the first record that it has delivered to the last one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from shared.contracts.members import SERVICE
from shared.runtime.mongo.driver import Collection, Document
from shared.runtime.publishing.publisher import BATCH_BYTES
from shared.runtime.publishing.relay import Outgoing, records_of
from tests.bench import books, data
from tests.bench.books import Offsets
from tests.bench.connect_jars import DEBEZIUM, Jars, with_connector
from tests.bench.connect_worker import Connect
from tests.bench.row import Size
from tests.bench.servers import Servers, running, settled
from tests.bench.waiting import until

OUTBOX = "outbox"
FAR = 10_000_000
PROBES = 1_000
TICK = 0.5

SETTINGS: Mapping[str, str] = {
    "connector.class": "io.debezium.connector.mongodb.MongoDbConnector",
    "tasks.max": "1",
    "snapshot.mode": "no_data",
    "capture.mode": "change_streams",
    "tombstones.on.delete": "false",
    "max.batch.size": "8192",
    "max.queue.size": "32768",
    "poll.interval.ms": "50",
    "value.converter": "org.apache.kafka.connect.storage.StringConverter",
    "producer.override.batch.size": str(BATCH_BYTES),
    "producer.override.linger.ms": "5",
    "transforms": "outbox",
    "transforms.outbox.type": "io.debezium.connector.mongodb.transforms.outbox.MongoEventRouter",
    "transforms.outbox.collection.field.event.key": "key",
    "transforms.outbox.collection.field.event.payload": "value",
    "transforms.outbox.route.by.field": "topic",
    "transforms.outbox.route.topic.replacement": "${routedByValue}",
}


class NotDelivered(Exception):
    """Fewer or more records came than stand in the outbox."""


def jars() -> Jars:
    """Raises ``NotToBeHad``."""
    return with_connector(DEBEZIUM)


async def delivered(ours: Servers, size: Size, with_jars: Jars, name: str) -> float:
    """Seconds for an outbox that was filled while the connector stood still."""
    worker = Connect(ours.bootstrap, with_jars, ours.folder / name)
    async with running(worker), ours.database(name) as database:
        outbox = database[OUTBOX]
        await worker.deploy(name, _config(ours, name))
        await _warm_up(ours, worker, outbox, size.events // 4)
        await worker.halt(name)
        await _fill(outbox, size.events, size.streams)
        await settled(ours, worker)
        before = await books.ends(ours.kafka.access, data.TOPIC)
        await worker.resume(name)
        after = await _arrived(ours, worker, name, before, size.events)
        await worker.remove(name)
        await database.client.drop_database(name)
    return await _seconds(ours, before, after)


async def _warm_up(ours: Servers, worker: Connect, outbox: Collection, events: int) -> None:
    """It sees only what is written after it has begun to look: so it is given a few documents until one has come."""
    before, probes = await books.ends(ours.kafka.access, data.TOPIC), iter(range(PROBES))

    async def looks() -> bool:
        await _fill(outbox, 1, 1, FAR + next(probes))
        return await worker.has_tasks(outbox.database.name) and await _new(ours, before) > 0

    await until(looks, TICK)
    await _fill(outbox, events, events // 100, FAR + PROBES)
    await _arrived(ours, worker, outbox.database.name, before, events)
    await _rests(ours)


async def _rests(ours: Servers) -> None:
    """Until the probes have come too."""
    last: Offsets = {}

    async def same() -> bool:
        nonlocal last
        before, last = last, await books.ends(ours.kafka.access, data.TOPIC)
        return before == last

    await until(same, 2 * TICK)


async def _arrived(ours: Servers, worker: Connect, name: str, before: Offsets, number: int) -> Offsets:
    async def all_there() -> bool:
        await worker.has_tasks(name)
        return await _new(ours, before) >= number

    await until(all_there, TICK)
    return await books.ends(ours.kafka.access, data.TOPIC)


async def _new(ours: Servers, before: Offsets) -> int:
    return _between(before, await books.ends(ours.kafka.access, data.TOPIC))


def _between(before: Offsets, after: Offsets) -> int:
    return sum(after[at] - offset for at, offset in before.items())


async def _seconds(ours: Servers, before: Offsets, after: Offsets) -> float:
    told = [at for at in after if after[at] > before[at]]
    first = await books.appended_at(ours.kafka.access, {at: before[at] for at in told})
    last = await books.appended_at(ours.kafka.access, {at: after[at] - 1 for at in told})
    return (max(last) - min(first)) / 1000


async def _fill(outbox: Collection, events: int, streams: int, first: int = 0) -> None:
    coming = (
        document_of(record) for commit in data.commits(events, streams, first) for record in records_of(commit, SERVICE)
    )
    while batch := list(islice(coming, data.AT_ONCE)):
        await outbox.insert_many(batch, ordered=True)


def document_of(record: Outgoing) -> Document:
    headers = {name: (value or b"").decode() for name, value in record.headers}
    told = {"topic": record.topic, "key": record.key.decode(), "value": (record.value or b"").decode()}
    return {"_id": headers["ce_id"], **told, **headers}


def _config(ours: Servers, name: str) -> dict[str, str]:
    return {
        **SETTINGS,
        "mongodb.connection.string": ours.uri,
        "topic.prefix": name,
        "collection.include.list": f"{name}.{OUTBOX}",
        "transforms.outbox.collection.fields.additional.placement": ",".join(_headers()),
    }


def _headers() -> Iterator[str]:
    record = next(data.records(1, 1))
    return (f"{name}:header" for name, _ in record.headers)
