"""The consumer side of Kafka: FastStream in batch mode, raw records, explicit commits, nothing acknowledged too early.

Offsets are committed after everything that they cover is majority-durable: after each batch, or after several full
ones while a service catches up. After a failure everything since the last commit is sought back and comes again after
a pause. Before partitions are taken away, the running batch may finish and commit.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage

from shared.runtime.arrivals import runs
from shared.runtime.crashpoints import crashpoint
from shared.runtime.parked import RawRecord

log = structlog.get_logger()

BATCH = 5000
MOST_UNSETTLED = 20_000
"""Records that are taken again after a crash, at most; between them a stream's position is written once."""

FETCHED_BYTES = 3 * 2**20
"""Of one partition, at most: so a batch holds many events of few streams, and each document is written less often."""

QUIET_SECONDS = 0.25
LEAVE_SECONDS = 5.0
STOP_SECONDS = 6.0
FIRST_RETRY, LAST_RETRY = 0.2, 5.0
METADATA_MS = 5_000
"""Topics that vanished and are back are found within this time; aiokafka's own five minutes are a long outage."""


Forget = Callable[[Sequence[str]], Awaitable[None]]
"""Forgets how far these topics were taken."""


class Deliverer(Protocol):
    """What is settled may be committed. Whatever is raised, nothing since the last settling may be."""

    async def process(self, records: Sequence[RawRecord], settle: bool) -> None: ...

    async def settle(self) -> None: ...

    async def forget(self) -> None: ...


class Consumer:
    """One service's consumer group member."""

    def __init__(self, bootstrap: str, group: str, topics: Sequence[str], delivery: Deliverer) -> None:
        self.topics = tuple(topics)
        self._delivery = delivery
        self._turn = asyncio.Lock()
        self._unsettled = _Unsettled()
        self._idle = asyncio.Event()
        self._idle.set()
        self._wait = FIRST_RETRY
        self.connected = False
        self.failing_since: float | None = None
        self.broker = KafkaBroker(
            bootstrap.split(","),  # FastStream takes a string for one address, commas and all
            apply_types=False,
            allow_auto_create_topics=False,
            logger=None,
            consumer_only=True,
            graceful_timeout=STOP_SECONDS - 1,
            metadata_max_age_ms=METADATA_MS,
        )
        self.subscriber = self.broker.subscriber(
            *topics,
            group_id=group,
            batch=True,
            max_records=BATCH,
            max_partition_fetch_bytes=FETCHED_BYTES,
            batch_timeout_ms=10,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            ack_policy=AckPolicy.MANUAL,
            no_reply=True,
            parser=self._as_it_is,
            decoder=_undecoded,
            listener=_Leave(self._give_up_partitions),
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
        while True:
            await asyncio.sleep(QUIET_SECONDS)
            if self._idle.is_set():
                await self._settle()

    async def stop(self) -> None:
        """The batch in hand may finish and commit, for a while."""
        consumer: Any = self.subscriber.consumer
        with suppress(KafkaError, TimeoutError):
            await asyncio.wait_for(self.broker.stop(), STOP_SECONDS)
        if consumer is not None:
            with suppress(KafkaError, TimeoutError):
                await asyncio.wait_for(consumer._client.close(), 1)
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

    async def from_the_beginning(self, topics: Sequence[str], forget: Forget) -> None:
        """Reads the own partitions of these topics again, also if the process ends meanwhile.

        Between two batches: neither may commit an offset beside a mark that is just being forgotten.
        """
        async with self._turn:
            await self._settle_what_is_open()
            consumer = self.subscriber.consumer
            places = [place for place in consumer.assignment() if place.topic in topics] if consumer else []
            if consumer is not None and places:
                await consumer.seek_to_beginning(*places)
                await consumer.commit(dict.fromkeys(places, 0))
            await forget(topics)

    async def _as_it_is(self, records: tuple[RawRecord, ...]) -> KafkaAckableMessage:
        return KafkaAckableMessage(raw_message=records, body=records, consumer=self.subscriber.consumer)

    async def _handle(self, message: Any) -> None:
        records = message.raw_message
        message.raw_message = message.body = ()  # it refers to itself: what it holds would stay until it is swept up
        self._idle.clear()
        try:
            async with self._turn:
                await self._take(records)
        finally:
            self._idle.set()

    async def _take(self, records: Sequence[RawRecord]) -> None:
        self._unsettled.add(records)
        if await self._was_sought_back():
            await self._seek_back()
            return
        settle = len(records) < BATCH or self._unsettled.records >= MOST_UNSETTLED
        try:
            await self._delivery.process(records, settle)
        except Exception as error:
            await self._again(error)
        else:
            self.failing_since, self._wait = None, FIRST_RETRY
            if settle:
                await self._commit()

    async def _settle(self) -> None:
        """What was left open because more seemed to come."""
        async with self._turn:
            await self._settle_what_is_open()

    async def _settle_what_is_open(self) -> None:
        if self._unsettled.records:
            try:
                await self._delivery.settle()
            except Exception as error:
                await self._again(error)
            else:
                await self._commit()

    async def _give_up_partitions(self) -> None:
        """Lets the running batch finish, settles, and forgets: another member reads on.

        Where that takes too long, what is remembered stays, and misses its guard when it is written.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_SECONDS):
                await self._idle.wait()
                await self._settle()
                await self._delivery.forget()
        self._unsettled.clear()

    async def _again(self, error: Exception) -> None:
        """Seeks back first and sleeps afterwards, so that nothing can be committed past what failed."""
        self.failing_since = self.failing_since or time.monotonic()
        log.error("batch failed and comes again", error=type(error).__name__, records=self._unsettled.records)
        await self._delivery.forget()
        await self._seek_back()
        await asyncio.sleep(self._wait)
        self._wait = min(self._wait * 2, LAST_RETRY)

    async def _was_sought_back(self) -> bool:
        """While this batch was in hand, something before it failed, or its partitions were taken away: it comes again.

        Else its offsets would be committed past what failed.
        """
        consumer = self.subscriber.consumer
        try:
            for place, offset in self._unsettled.next.items():
                if consumer is not None and await consumer.position(place) < offset:
                    return True
        except IllegalStateError:
            return True
        return False

    async def _seek_back(self) -> None:
        """To where nothing is settled; never forward, if somebody has sought further back meanwhile."""
        consumer = self.subscriber.consumer
        for place, offset in self._unsettled.first.items():
            with suppress(IllegalStateError):
                if consumer is not None and offset < await consumer.position(place):
                    consumer.seek(place, offset)
        self._unsettled.clear()

    async def _commit(self) -> None:
        consumer = self.subscriber.consumer
        mine = consumer.assignment() if consumer else set()
        covered = {place: offset for place, offset in self._unsettled.next.items() if place in mine}
        self._unsettled.clear()
        try:
            if consumer is not None and covered:
                await consumer.commit(covered)
        except (KafkaError, IllegalStateError) as error:
            log.warning("offsets not committed, the batch may come again", error=type(error).__name__)
        crashpoint("delivery.committed")


class _Unsettled:
    """What was taken and not committed: of each partition the first offset, and the one behind the last."""

    def __init__(self) -> None:
        self.first: dict[TopicPartition, int] = {}
        self.next: dict[TopicPartition, int] = {}
        self.records = 0

    def add(self, records: Sequence[RawRecord]) -> None:
        self.records += len(records)
        for topic, partition, first, behind in runs(records):
            place = TopicPartition(topic, partition)
            self.first.setdefault(place, first)
            self.next[place] = behind

    def clear(self) -> None:
        self.first.clear()
        self.next.clear()
        self.records = 0


class _Leave(ConsumerRebalanceListener):  # type: ignore[misc]
    """Before partitions go to another member."""

    def __init__(self, leave: Callable[[], Awaitable[None]]) -> None:
        self._leave = leave

    async def on_partitions_revoked(self, _: object) -> None:
        await self._leave()

    async def on_partitions_assigned(self, _: object) -> None:
        return


async def _undecoded(message: Any) -> Any:
    return message
