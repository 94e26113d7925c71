"""Reads topics by assignment, without a consumer group, so that no committed offsets move."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush, heapreplace
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.runtime.kafka import header_names
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.kafka.topics import BrokerRefuses, partitions_of

BATCH = 2000
POLL_MS = 500
PATIENCE = 30.0
NO_WAIT_MS = 5
"""Milliseconds. Existing records come at once. While a broker waits for more, the next partition has to wait, too."""


WINDOW = 1000

When = Callable[[KafkaRecord], float]
"""Seconds: the sort key of records."""


class KafkaUnreadable(Exception):
    """No broker answers, a topic is missing, or no records come although there should be more."""


NOT_NOW: tuple[type[Exception], ...] = (KafkaError, KafkaUnreadable)
"""The broker is away, starting, or reassigning a group's partitions: the same may succeed in a moment."""


async def readable(kafka: KafkaAccess, topics: Sequence[str]) -> list[str]:
    """The topics that exist for this user: a broker hides topics that the user may not read."""
    numbers = await _numbers(kafka, topics)
    return [topic for topic in topics if numbers.get(topic)]


async def read_to_end(
    kafka: KafkaAccess, topics: Sequence[str], since: datetime | None = None
) -> AsyncIterator[list[KafkaRecord]]:
    """Every record from the first (or from ``since`` on) to the end as it was at the beginning of the call.

    One partition after the other, each in order: a caller may forget its streams when the partition changes.
    """
    async with _consumer(kafka, topics, NO_WAIT_MS) as consumer:
        partitions = sorted(consumer.assignment())
        consumer.pause(*partitions)  # assigning each anew may hang aiokafka: its fetcher misses that it is cancelled
        if since is not None:
            await _seek(consumer, since)
        ends = await consumer.end_offsets(partitions)
        for partition in partitions:
            consumer.resume(partition)
            async for batch in _until(consumer, partition, ends[partition]):
                yield batch
            consumer.pause(partition)


async def _until(consumer: AIOKafkaConsumer, partition: TopicPartition, end: int) -> AsyncIterator[list[KafkaRecord]]:
    moved = time.monotonic()
    while (before := await consumer.position(partition)) < end:
        batch = [record for record in await _poll(consumer, [partition]) if record.offset < end]
        if batch:
            yield batch
        if await consumer.position(partition) > before:
            moved = time.monotonic()
        elif time.monotonic() - moved > PATIENCE:
            raise KafkaUnreadable(f"nothing more comes from {partition.topic}, though it should")


async def follow(
    kafka: KafkaAccess, topics: Sequence[str], since: datetime | None = None, when: When | None = None
) -> AsyncIterator[list[KafkaRecord]]:
    """Endless: records that arrive from now on, or that have arrived since a moment.

    With ``when``, earlier records come first, in that order across all partitions.
    """
    async with _consumer(kafka, topics, POLL_MS if when is None else NO_WAIT_MS) as consumer:
        await _seek(consumer, since or datetime.now(UTC) + timedelta(days=1))
        if when is not None and since is not None:
            async for batch in in_order(consumer, when):
                yield batch
        while True:
            if batch := await _poll(consumer, consumer.assignment()):
                yield batch


async def in_order(consumer: AIOKafkaConsumer, when: When) -> AsyncIterator[list[KafkaRecord]]:
    """Merges the partitions. It holds a few records of each, for any number of topics and days.

    If a partition's own records are out of order by more than ``WINDOW`` records, they stay so.
    """
    waiting: dict[TopicPartition, deque[KafkaRecord]] = {at: deque() for at in consumer.assignment()}
    ends = await consumer.end_offsets(list(waiting))
    window: list[tuple[float, int, KafkaRecord]] = []
    number = 0
    while True:
        await _fill(consumer, waiting, ends)
        heads = [(when(records[0]), at) for at, records in waiting.items() if records]
        if not heads:
            break
        heapify(heads)
        while heads:
            moment, at = heads[0]
            heappush(window, (moment, number, waiting[at].popleft()))
            number += 1
            if not waiting[at]:
                break
            heapreplace(heads, (when(waiting[at][0]), at))
        yield [heappop(window)[2] for _ in range(len(window) - WINDOW)]
    yield [heappop(window)[2] for _ in range(len(window))]


async def _fill(
    consumer: AIOKafkaConsumer,
    waiting: dict[TopicPartition, deque[KafkaRecord]],
    ends: Mapping[TopicPartition, int],
) -> None:
    """Until each partition has a record or has none left; finished partitions are forgotten."""
    moved = time.monotonic()
    while hungry := [at for at, records in waiting.items() if not records]:
        for at, records in (await consumer.getmany(*hungry, timeout_ms=NO_WAIT_MS, max_records=BATCH)).items():
            waiting[at].extend(records)
            moved = time.monotonic()
        for at in hungry:
            if not waiting[at] and await consumer.position(at) >= ends[at]:
                del waiting[at]
        if time.monotonic() - moved > PATIENCE:
            raise KafkaUnreadable(f"nothing more comes from {hungry[0].topic}, though it should")


@asynccontextmanager
async def _consumer(kafka: KafkaAccess, topics: Sequence[str], wait_ms: int) -> AsyncIterator[AIOKafkaConsumer]:
    header_names.read_any()
    partitions = await _partitions(kafka, topics)
    consumer = AIOKafkaConsumer(
        **kafka.options(),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_wait_ms=wait_ms,
    )
    try:
        await consumer.start()
        consumer.assign(partitions)
        yield consumer
    except KafkaError as error:
        raise KafkaUnreadable(f"kafka at {kafka} cannot be read: {type(error).__name__}") from None
    finally:
        await consumer.stop()


async def _partitions(kafka: KafkaAccess, topics: Sequence[str]) -> list[TopicPartition]:
    numbers = await _numbers(kafka, topics)
    if missing := [topic for topic in topics if not numbers.get(topic)]:
        raise KafkaUnreadable(f"there is no topic {', '.join(missing)}")
    return [TopicPartition(topic, number) for topic in topics for number in range(numbers[topic])]


async def _numbers(kafka: KafkaAccess, topics: Sequence[str]) -> dict[str, int]:
    try:
        return await partitions_of(kafka, topics)
    except BrokerRefuses as error:
        raise KafkaUnreadable(str(error)) from None


async def _seek(consumer: AIOKafkaConsumer, since: datetime) -> None:
    """To the first record of each partition that was appended at that time or later, else to its end."""
    partitions = list(consumer.assignment())
    found = await consumer.offsets_for_times(dict.fromkeys(partitions, int(since.timestamp() * 1000)))
    ends = await consumer.end_offsets(partitions)
    for partition in partitions:
        consumer.seek(partition, found[partition].offset if found.get(partition) else ends[partition])


async def _poll(consumer: AIOKafkaConsumer, partitions: Any) -> list[KafkaRecord]:
    got = await consumer.getmany(*partitions, timeout_ms=POLL_MS, max_records=BATCH)
    return [record for records in got.values() for record in records]
