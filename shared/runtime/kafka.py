"""The producer side of Kafka: idempotent, batched by partition, with its own deadlines.

A send that does not come back is waited for on the same future and never sent again meanwhile, which would reorder. A
refusal by the broker poisons aiokafka's idempotent producer for that partition: it is replaced as a whole.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner

from shared.contracts.topics import TOPICS
from shared.runtime.crashpoints import crashpoint
from shared.runtime.relay import Record

log = structlog.get_logger()

PATIENCE = 3.0
FIRST_RETRY, LAST_RETRY = 0.2, 5.0
BATCH_BYTES = 256 * 1024

DECLARED = {topic.name: topic.partitions for topic in TOPICS}

Place = tuple[str, int]
"""Topic and partition."""


@lru_cache(maxsize=16_384)
def _partition(key: bytes, partitions: tuple[int, ...]) -> int:
    """As every Kafka client finds it. Remembered: in Python it takes longer than all else that is done for a record."""
    return int(DefaultPartitioner()(key, list(partitions), list(partitions)))


class KafkaPublisher:
    """One producer at a time; ``unreachable_since`` is None while sends come back."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._producer: AIOKafkaProducer | None = None
        self._closed = 0
        self.unreachable_since: float | None = None

    async def publish(self, records: Sequence[Record]) -> list[bool]:
        """For each record whether it is acknowledged by all replicas. Returns only when every outcome is known."""
        acknowledged, closed = [False] * len(records), self._closed
        producer = await self._connected()
        try:
            places = await self._places(producer, records)
        except KafkaError as error:
            log.error("a topic is not there", error=type(error).__name__)
            await self._replace(producer)
            return acknowledged
        if closed != self._closed:
            return acknowledged
        outcomes = await asyncio.gather(
            *(
                self._publish_in_order(producer, place, records, indexes, acknowledged)
                for place, indexes in places.items()
            )
        )
        if not all(outcomes):
            await self._replace(producer)
        return acknowledged

    async def close(self) -> None:
        """What was handed over before and is not acknowledged yet is not sent any more."""
        self._closed += 1
        if self._producer is not None:
            await close_forcibly(self._producer)
            self._producer = None

    async def _publish_in_order(
        self,
        producer: AIOKafkaProducer,
        place: Place,
        records: Sequence[Record],
        indexes: Sequence[int],
        acknowledged: list[bool],
    ) -> bool:
        """Stops at the first refusal, so that nothing behind it is published before it."""
        waiting = list(indexes)
        while waiting:
            batch = producer.create_batch()
            taken = _fill(batch, records, waiting)
            try:
                await self._outcome(await producer.send_batch(batch, place[0], partition=place[1]))
            except KafkaError as refusal:
                log.error("kafka refused a batch", topic=place[0], partition=place[1], error=type(refusal).__name__)
                return False
            crashpoint("relay.sent")
            for index in waiting[:taken]:
                acknowledged[index] = True
            del waiting[:taken]
        return True

    async def _outcome(self, sent: asyncio.Future[Any]) -> None:
        """Waits for the one future, however long it takes, and says so meanwhile."""
        while not (await asyncio.wait({sent}, timeout=PATIENCE))[0]:
            self._unreachable("kafka does not answer a send")
        self.unreachable_since = None
        await sent

    async def _places(self, producer: AIOKafkaProducer, records: Sequence[Record]) -> dict[Place, list[int]]:
        """For each partition the indexes of its records, in order.

        A partition that somebody added to a topic stays empty: a stream would go on in it and be torn.
        """
        places: dict[Place, list[int]] = {}
        there = {topic: sorted(await producer.partitions_for(topic)) for topic in {one.topic for one in records}}
        ours = {topic: tuple(partitions[: DECLARED.get(topic)]) for topic, partitions in there.items()}
        for index, record in enumerate(records):
            place = record.topic, _partition(record.key, ours[record.topic])
            places.setdefault(place, []).append(index)
        return places

    async def _connected(self) -> AIOKafkaProducer:
        wait = FIRST_RETRY
        while self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                enable_idempotence=True,
                acks="all",
                max_batch_size=BATCH_BYTES,
                linger_ms=0,
            )
            try:
                await asyncio.wait_for(producer.start(), 20)
            except (KafkaError, TimeoutError):
                await close_forcibly(producer)
                self._unreachable("kafka is unreachable for the relay")
                await asyncio.sleep(wait)
                wait = min(wait * 2, LAST_RETRY)
            else:
                self._producer = producer
        return self._producer

    async def _replace(self, producer: AIOKafkaProducer) -> None:
        self._producer = None
        await close_forcibly(producer)

    def _unreachable(self, text: str) -> None:
        if self.unreachable_since is None:
            self.unreachable_since = time.monotonic()
            log.warning(text, bootstrap=self._bootstrap)


def _fill(batch: Any, records: Sequence[Record], waiting: Sequence[int]) -> int:
    taken = 0
    for index in waiting:
        record = records[index]
        fits = batch.append(key=record.key, value=record.value, timestamp=None, headers=list(record.headers))
        if fits is None:
            break
        taken += 1
    batch.close()
    return taken


async def close_forcibly(producer: AIOKafkaProducer) -> None:
    """aiokafka's ``stop`` hangs while records are pending and the broker is down; this ends within four seconds.

    What is dropped here is still unpublished in the journal. Uses aiokafka's private names: the version is pinned and
    a test stops a relay while Kafka is down.
    """
    try:
        await asyncio.wait_for(producer.stop(), 2)
    except (TimeoutError, KafkaError):
        sender = producer._sender.sender_task
        if sender is not None:
            sender.cancel()
            await asyncio.wait({sender}, timeout=1)
        producer._message_accumulator.fail_all(KafkaError("dropped at shutdown"))
        with suppress(KafkaError, TimeoutError):
            await asyncio.wait_for(producer.client.close(), 1)
    producer._closed = True
