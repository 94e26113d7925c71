"""The producer side of Kafka: idempotent, batched by partition, with its own deadlines.

If a send does not return, the publisher waits for the same future and never sends the records again meanwhile: that
could reorder them. A refusal by the broker makes aiokafka's idempotent producer unusable for that partition; then the
whole producer is replaced.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import structlog
from aiokafka.errors import KafkaConnectionError, KafkaError

from shared.contracts.topics import TOPICS
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.partitioner import number_of
from shared.runtime.kafka.producer import Producer
from shared.runtime.kafka.record import Partition
from shared.runtime.observing.crashpoints import crashpoint
from shared.runtime.publishing.relay import Outgoing

log = structlog.get_logger()

PATIENCE = 3.0
BATCH_BYTES = 256 * 1024

DECLARED = {topic.name: topic.partitions for topic in TOPICS}


class KafkaPublisher:
    """One producer at a time: it is over at the first refusal, and when a line of it breaks.

    Then everything is refused until somebody connects it again, who makes sure to whom (``Gate``).
    ``unreachable_since`` is None while sends come back.
    """

    def __init__(self, kafka: KafkaAccess) -> None:
        self._kafka = kafka
        self._producer: Producer | None = None
        self.unreachable_since: float | None = None

    @property
    def connected(self) -> bool:
        return self._producer is not None and not self._producer.dropped.done()

    async def connect(self) -> None:
        """With a new producer, when the last one is over. Raises ``KafkaError`` or ``TimeoutError``: nobody answers."""
        if self.connected:
            return
        await self.close()
        producer = Producer(
            **self._kafka.options(),
            enable_idempotence=True,
            acks="all",
            max_batch_size=BATCH_BYTES,
            linger_ms=0,
        )
        try:
            async with asyncio.timeout(20):
                await producer.start()
            self._producer, self.unreachable_since = producer, None
        except (KafkaError, TimeoutError):
            self._unreachable("kafka is unreachable for the relay")
            raise
        finally:
            if self._producer is not producer:
                await producer.end()

    async def publish(self, records: Sequence[Outgoing]) -> list[bool]:
        """For each record whether it is acknowledged by all replicas. What is not is not sent any more."""
        acknowledged, producer = [False] * len(records), self._producer
        if producer is None:
            return acknowledged
        try:
            async with asyncio.timeout(20):
                partitions = await self._partitions(producer, records)
        except (KafkaError, TimeoutError) as error:
            log.error("a topic is not there", error=type(error).__name__)
            producer.drop()
            return acknowledged
        outcomes = await asyncio.gather(
            *(
                self._publish_in_order(producer, partition, records, indexes, acknowledged)
                for partition, indexes in partitions.items()
            )
        )
        if not all(outcomes):
            producer.drop()
        return acknowledged

    async def close(self) -> None:
        """What was handed over before and is not acknowledged yet is not sent any more."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.end()

    async def _publish_in_order(
        self,
        producer: Producer,
        partition: Partition,
        records: Sequence[Outgoing],
        indexes: Sequence[int],
        acknowledged: list[bool],
    ) -> bool:
        """Stops at the first refusal, so that nothing behind it is published before it."""
        waiting = list(indexes)
        while waiting and not producer.dropped.done():
            batch = producer.create_batch()
            taken = _fill(batch, records, waiting)
            try:
                await self._outcome(producer, await producer.send_batch(batch, partition[0], partition=partition[1]))
            except KafkaError as refusal:
                log.error(
                    "kafka refused a batch", topic=partition[0], partition=partition[1], error=type(refusal).__name__
                )
                return False
            crashpoint("relay.sent")
            for index in waiting[:taken]:
                acknowledged[index] = True
            del waiting[:taken]
        return not waiting

    async def _outcome(self, producer: Producer, sent: asyncio.Future[Any]) -> None:
        """Waits for the one future, as long as its producer lives, and says so meanwhile."""
        either = {sent, producer.dropped}
        while not (await asyncio.wait(either, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED))[0]:
            self._unreachable("kafka does not answer a send")
        if not sent.done():
            raise KafkaConnectionError
        self.unreachable_since = None
        await sent

    async def _partitions(self, producer: Producer, records: Sequence[Outgoing]) -> dict[Partition, list[int]]:
        """For each partition the indexes of its records, in order.

        A partition that somebody added to a topic stays empty: a stream would go on in it and be torn.
        """
        partitions: dict[Partition, list[int]] = {}
        there = {topic: sorted(await producer.partitions_for(topic)) for topic in {one.topic for one in records}}
        ours = {topic: tuple(numbers[: DECLARED.get(topic)]) for topic, numbers in there.items()}
        for index, record in enumerate(records):
            partition = record.topic, number_of(record.key, ours[record.topic])
            partitions.setdefault(partition, []).append(index)
        return partitions

    def _unreachable(self, text: str) -> None:
        if self.unreachable_since is None:
            self.unreachable_since = time.monotonic()
            log.warning(text, bootstrap=str(self._kafka))


def _fill(batch: Any, records: Sequence[Outgoing], waiting: Sequence[int]) -> int:
    taken = 0
    for index in waiting:
        record = records[index]
        fits = batch.append(key=record.key, value=record.value, timestamp=None, headers=list(record.headers))
        if fits is None:
            break
        taken += 1
    batch.close()
    return taken
