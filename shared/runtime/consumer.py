"""The consumer side of Kafka: FastStream in batch mode, raw records, explicit commits, nothing acknowledged too early.

A batch's offsets are committed after everything it led to is majority-durable. A batch that fails is sought back and
comes again after a pause. Before partitions are taken away, the running batch may finish and commit.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage

from shared.runtime.crashpoints import crashpoint
from shared.runtime.parked import RawRecord

log = structlog.get_logger()

BATCH = 1000
FIRST_RETRY, LAST_RETRY = 0.2, 5.0
METADATA_MS = 5_000
"""Topics that vanished and are back are found within this time; aiokafka's own five minutes are a long outage."""

Process = Callable[[Sequence[RawRecord]], Awaitable[None]]


class Consumer:
    """One service's consumer group member. ``process`` raises when nothing may be committed."""

    def __init__(self, bootstrap: str, group: str, topics: Sequence[str], process: Process) -> None:
        self.topics = tuple(topics)
        self._process = process
        self._idle = asyncio.Event()
        self._idle.set()
        self._wait = FIRST_RETRY
        self.connected = False
        self.failing_since: float | None = None
        self.broker = KafkaBroker(
            bootstrap,
            apply_types=False,
            allow_auto_create_topics=False,
            logger=None,
            consumer_only=True,
            graceful_timeout=10,
            metadata_max_age_ms=METADATA_MS,
        )
        self.subscriber = self.broker.subscriber(
            *topics,
            group_id=group,
            batch=True,
            max_records=BATCH,
            batch_timeout_ms=10,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            ack_policy=AckPolicy.MANUAL,
            no_reply=True,
            parser=self._as_it_is,
            decoder=_undecoded,
            listener=_Drain(self._idle),
            session_timeout_ms=10_000,
            heartbeat_interval_ms=1_000,
            rebalance_timeout_ms=15_000,
        )
        self.subscriber(self._handle)

    async def run(self) -> None:
        """Connects as soon as Kafka is there, and stays until cancelled."""
        wait = FIRST_RETRY
        while not self.connected:
            try:
                await asyncio.wait_for(self.broker.start(), 20)
                self.connected = True
            except (KafkaError, TimeoutError):
                log.warning("kafka is unreachable for the consumer", retry_seconds=wait)
                await self.broker.stop()
                await asyncio.sleep(wait)
                wait = min(wait * 2, LAST_RETRY)
        await asyncio.Event().wait()

    async def stop(self) -> None:
        consumer: Any = self.subscriber.consumer
        with suppress(KafkaError, TimeoutError):
            await asyncio.wait_for(self.broker.stop(), 12)
        if consumer is not None:
            with suppress(KafkaError, TimeoutError):
                await asyncio.wait_for(consumer._client.close(), 2)
        self.connected = False

    async def lag(self) -> dict[str, int]:
        """Records of each topic that are known to this member and not yet processed."""
        consumer = self.subscriber.consumer
        behind = dict.fromkeys(self.topics, 0)
        if consumer is None:
            return behind
        for partition in consumer.assignment():
            end = consumer.highwater(partition)
            if end is not None:
                behind[partition.topic] += max(0, end - await consumer.position(partition))
        return behind

    async def reads_alone(self, within: float = 15.0) -> bool:
        """Whether no other member of the group has a partition of these topics; a member just started is waited for."""
        ends = time.monotonic() + within
        while not (alone := self._owns_everything()) and time.monotonic() < ends:
            await asyncio.sleep(0.1)
        return alone

    def _owns_everything(self) -> bool:
        consumer = self.subscriber.consumer
        if consumer is None:
            return False
        mine = {partition.topic for partition in consumer.assignment()}
        known = [consumer.partitions_for_topic(topic) or set() for topic in self.topics]
        return mine == set(self.topics) and sum(map(len, known)) == len(consumer.assignment())

    async def from_the_beginning(self, topics: Sequence[str]) -> None:
        """Reads the own partitions of these topics again, also if the process ends meanwhile."""
        consumer = self.subscriber.consumer
        places = [place for place in consumer.assignment() if place.topic in topics] if consumer else []
        if consumer is not None and places:
            await consumer.seek_to_beginning(*places)
            await consumer.commit(dict.fromkeys(places, 0))

    async def _as_it_is(self, records: tuple[RawRecord, ...]) -> KafkaAckableMessage:
        return KafkaAckableMessage(raw_message=records, body=records, consumer=self.subscriber.consumer)

    async def _handle(self, message: Any) -> None:
        self._idle.clear()
        try:
            await self._process(message.raw_message)
        except Exception as error:
            await self._again(message, error)
        else:
            await self._commit(message)
        finally:
            self._idle.set()

    async def _again(self, message: Any, error: Exception) -> None:
        """Seeks back first and sleeps afterwards, so that nothing can be committed past the batch."""
        self.failing_since = self.failing_since or time.monotonic()
        log.error("batch failed and comes again", error=type(error).__name__, records=len(message.raw_message))
        await self._seek_back(message.raw_message)
        await asyncio.sleep(self._wait)
        self._wait = min(self._wait * 2, LAST_RETRY)

    async def _seek_back(self, records: Sequence[RawRecord]) -> None:
        """To the batch's first records; never forward, if somebody has sought further back meanwhile."""
        consumer = self.subscriber.consumer
        firsts: dict[TopicPartition, int] = {}
        for record in records:
            firsts.setdefault(TopicPartition(record.topic, record.partition), record.offset)
        for place, offset in firsts.items():
            with suppress(IllegalStateError):
                if consumer is not None and offset < await consumer.position(place):
                    consumer.seek(place, offset)

    async def _commit(self, message: Any) -> None:
        self.failing_since, self._wait = None, FIRST_RETRY
        covered = {TopicPartition(record.topic, record.partition): record.offset + 1 for record in message.raw_message}
        try:
            await message.consumer.commit(covered)
            crashpoint("delivery.committed")
        except (KafkaError, IllegalStateError) as error:
            log.warning("offsets not committed, the batch may come again", error=type(error).__name__)


class _Drain(ConsumerRebalanceListener):  # type: ignore[misc]
    """Lets the running batch finish before its partitions go to another member."""

    def __init__(self, idle: asyncio.Event) -> None:
        self._idle = idle

    async def on_partitions_revoked(self, _: object) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), 5)

    async def on_partitions_assigned(self, _: object) -> None:
        return


async def _undecoded(message: Any) -> Any:
    return message
