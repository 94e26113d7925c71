"""Bare loops over the same drivers: the least that the work costs without any of our promises.

Nothing in production calls these. `make bench` runs them beside the product, in the same minute on the same servers.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    NotCoordinatorForGroupError,
)
from aiosmtplib import SMTP

from shared.runtime.delivery.subscription import FETCHED_BYTES
from shared.runtime.mongo.driver import Collection, Document, ReplaceOne, inserts_into
from shared.runtime.publishing.publisher import BATCH_BYTES
from shared.runtime.publishing.relay import Outgoing

POLLED = 5000
WINDOW = 5000
ASSIGNED_TICK = 0.005


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when by the machine's monotonic clock, which all its processes share. Seconds."""

    began: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.began


async def consume(bootstrap: str, group: str, topic: str, events: int, collection: Collection) -> Span:
    """``events`` records, polled in batches; of each key the newest value, in one bulk write; then the commit.

    The clock runs from the assignment of partitions to the last commit's answer.
    """
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCHED_BYTES,
    )
    await consumer.start()
    try:
        while not consumer.assignment():
            await asyncio.sleep(ASSIGNED_TICK)
        began, seen = time.monotonic(), 0
        while seen < events:
            polled = await consumer.getmany(timeout_ms=100, max_records=POLLED)
            records = [record for partition in polled.values() for record in partition]
            if records:
                await collection.bulk_write(_newest(records), ordered=False)
                await consumer.commit()
                seen += len(records)
        return Span(began, time.monotonic())
    finally:
        await consumer.stop()


def _newest(records: Sequence[Any]) -> list[ReplaceOne[Document]]:
    documents = {record.key: orjson.loads(record.value) for record in records}
    return [ReplaceOne({"_id": key.decode()}, document, upsert=True) for key, document in documents.items()]


async def produce(bootstrap: str, records: Sequence[Outgoing]) -> Span:
    """An idempotent producer, at most ``WINDOW`` records under way. The clock ends with the last acknowledgement."""
    async with _producer(bootstrap) as producer:
        began = time.monotonic()
        under_way: deque[asyncio.Future[Any]] = deque()
        for record in records:
            if len(under_way) >= WINDOW:
                await under_way.popleft()
            under_way.append(
                await producer.send(record.topic, record.value, key=record.key, headers=list(record.headers))
            )
        await asyncio.gather(*under_way)
        return Span(began, time.monotonic())


async def insert(collection: Collection, documents: Sequence[Document], pause: float = 0.0) -> list[float]:
    """One after the other, each majority-durable before the next; the seconds that each took."""
    took = []
    for document in documents:
        began = time.perf_counter()
        await collection.insert_one(document)
        took.append(time.perf_counter() - began)
        if pause:
            await asyncio.sleep(pause)
    return took


async def round_trips(bootstrap: str, records: Sequence[Outgoing], pause: float) -> list[float]:
    """Seconds from handing a record to the producer to having it from a consumer, with a pause after each."""
    consumer = AIOKafkaConsumer(records[0].topic, bootstrap_servers=bootstrap, auto_offset_reset="latest")
    await consumer.start()
    try:
        await consumer.seek_to_end()
        async with _producer(bootstrap) as producer:
            return [await _round_trip(producer, consumer, record, pause) for record in records]
    finally:
        await consumer.stop()


async def _round_trip(producer: AIOKafkaProducer, consumer: AIOKafkaConsumer, record: Outgoing, pause: float) -> float:
    began = time.perf_counter()
    sent = await producer.send(record.topic, record.value, key=record.key, headers=list(record.headers))
    await consumer.getone()
    took = time.perf_counter() - began
    await sent
    await asyncio.sleep(pause)
    return took


async def send_mails(host: str, port: int, connections: int, sender: str, mails: Sequence[tuple[str, bytes]]) -> Span:
    """Recipient and content of each mail, prepared; over connections that stay open."""
    async with connected(host, port, connections) as clients:
        waiting = deque(mails)
        began = time.monotonic()
        await asyncio.gather(*(_send_all(client, sender, waiting) for client in clients))
        return Span(began, time.monotonic())


@asynccontextmanager
async def connected(host: str, port: int, connections: int) -> AsyncIterator[Sequence[SMTP]]:
    clients = [SMTP(hostname=host, port=port, start_tls=False) for _ in range(connections)]
    await asyncio.gather(*(client.connect() for client in clients))
    yield clients
    await asyncio.gather(*(client.quit() for client in clients))


async def _send_all(client: SMTP, sender: str, waiting: deque[tuple[str, bytes]]) -> None:
    while waiting:
        recipient, content = waiting.popleft()
        await client.sendmail(sender, recipient, content)


@asynccontextmanager
async def watched(bootstrap: str, group: str) -> AsyncIterator[Group]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        yield Group(admin, group)
    finally:
        await admin.close()


BOOKS_NOT_OPEN = (GroupCoordinatorNotAvailableError, GroupLoadInProgressError, NotCoordinatorForGroupError)
"""What a new broker answers: it makes its books of groups when the first one comes."""


class Group:
    """A consumer group as anybody can see it from outside."""

    def __init__(self, admin: AIOKafkaAdminClient, name: str) -> None:
        self._admin = admin
        self._name = name

    async def has_partitions(self) -> bool:
        """Whether its members have been told what to read."""
        try:
            told = await self._admin.describe_consumer_groups([self._name])
        except BOOKS_NOT_OPEN:
            return False
        return str(told[0].groups[0][2]) == "Stable"

    async def members(self) -> int:
        """How many have been let in."""
        try:
            [told] = await self._admin.describe_consumer_groups([self._name])
        except BOOKS_NOT_OPEN:
            return 0
        return len(told.groups[0][5])

    async def committed(self) -> int:
        """How many records of partitions that begin at 0 are done for the group, for good."""
        try:
            told = await self._admin.list_consumer_group_offsets(self._name)
        except BOOKS_NOT_OPEN:
            return 0
        return sum(max(0, int(at.offset)) for at in told.values())


def _producer(bootstrap: str) -> AIOKafkaProducer:
    """With batches as large as the product's: the driver's own of 16 KB would make it slow where it is compared."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", linger_ms=5, max_batch_size=BATCH_BYTES
    )


Observe = Callable[[Document], None]


async def watch_inserts(collection: Collection, ready: asyncio.Event, observe: Observe) -> None:
    """Tells of every document the moment the driver hears of it, until cancelled."""
    async with inserts_into(collection) as inserts:
        ready.set()
        async for document in inserts:
            observe(document)
