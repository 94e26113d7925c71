"""Reading topics as they lie there: by plain assignment, without a consumer group, so that nobody's offsets move."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

from shared.runtime.parked import RawRecord

BATCH = 2000
POLL_MS = 500
PATIENCE = 30.0


class KafkaUnreadable(Exception):
    """No broker answers, a topic is not there, or nothing comes though there should be more."""


async def read_to_end(
    bootstrap: str, topics: Sequence[str], since: datetime | None = None
) -> AsyncIterator[list[RawRecord]]:
    """Every record from the first (or from ``since`` on) to what was the end when it began, in order per partition."""
    async with _consumer(bootstrap, topics) as consumer:
        if since is not None:
            await _seek(consumer, since)
        ends = await consumer.end_offsets(list(consumer.assignment()))
        moved, before = time.monotonic(), -1
        while open_ := await _before(consumer, ends):
            batch = await _poll(consumer, open_)
            if inside := [record for record in batch if record.offset < ends[_place(consumer, record)]]:
                yield inside
            if (left := sum(open_.values())) != before:
                moved, before = time.monotonic(), left
            elif time.monotonic() - moved > PATIENCE:
                raise KafkaUnreadable(f"nothing more comes from {', '.join(topics)}, though it should")


async def follow(
    bootstrap: str, topics: Sequence[str], since: datetime | None = None
) -> AsyncIterator[list[RawRecord]]:
    """Endlessly: what arrives from now on, or what has arrived since a moment."""
    async with _consumer(bootstrap, topics) as consumer:
        if since is None:
            await consumer.seek_to_end(*consumer.assignment())
        else:
            await _seek(consumer, since)
        while True:
            if batch := await _poll(consumer, consumer.assignment()):
                yield batch


@asynccontextmanager
async def _consumer(bootstrap: str, topics: Sequence[str]) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=bootstrap,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_wait_ms=POLL_MS,
    )
    try:
        await consumer.start()
        if missing := set(topics) - {place.topic for place in consumer.assignment()}:
            raise KafkaUnreadable(f"there is no topic {', '.join(sorted(missing))}")
        yield consumer
    except UnknownTopicOrPartitionError:
        raise KafkaUnreadable(f"there is no topic {' or '.join(topics)}") from None
    except KafkaError as error:
        raise KafkaUnreadable(f"kafka at {bootstrap} can not be read: {type(error).__name__}") from None
    finally:
        await consumer.stop()


async def _seek(consumer: AIOKafkaConsumer, since: datetime) -> None:
    """To the first record of each partition that was appended at the moment or later."""
    moment = int(since.timestamp() * 1000)
    found = await consumer.offsets_for_times(dict.fromkeys(consumer.assignment(), moment))
    for place, at in found.items():
        if at is None:
            await consumer.seek_to_end(place)
        else:
            consumer.seek(place, at.offset)


async def _before(consumer: AIOKafkaConsumer, ends: dict[Any, int]) -> dict[Any, int]:
    """The partitions whose end is not reached yet, and how far it is."""
    left = {place: end - await consumer.position(place) for place, end in ends.items() if end}
    return {place: number for place, number in left.items() if number > 0}


async def _poll(consumer: AIOKafkaConsumer, places: Any) -> list[RawRecord]:
    got = await consumer.getmany(*places, timeout_ms=POLL_MS, max_records=BATCH)
    return [record for records in got.values() for record in records]


def _place(consumer: AIOKafkaConsumer, record: RawRecord) -> Any:
    return next(
        place
        for place in consumer.assignment()
        if place.topic == record.topic and place.partition == record.partition
    )
