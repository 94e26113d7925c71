"""The consumer side of Kafka: FastStream in batches, explicit commits, nothing acknowledged too early.

Offsets are committed after all effects of their records are majority-durable: after each batch, or after several full
batches while a service catches up. After a failure the consumer seeks back to the last commit, and the records come
again after a pause. Before partitions are revoked, the running batch may finish and commit.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError
from faststream.kafka import KafkaBroker

from shared.kernel.rejections import Busy, Rejected
from shared.runtime.delivery.bookmarks import BookmarksLost, Trust
from shared.runtime.delivery.delivery import Delivery
from shared.runtime.delivery.subscription import (
    BATCH,
    Partitions,
    Records,
    SettleOrSeekBack,
    Subscribers,
    be_patient,
    connection_of,
)
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.leaving import left_within
from shared.runtime.observing.crashpoints import crashpoint

log = structlog.get_logger()

MOST_UNSETTLED = 20_000
"""The most records that come again after a crash. A stream's position is written once for them."""

QUIET_SECONDS, LEAVE_SECONDS, STOP_SECONDS = 0.25, 5.0, 6.0
FIRST_RETRY, LAST_RETRY = 0.2, 5.0
METADATA_MS = 5_000
"""Seconds until a topic that vanished and is back is found; aiokafka's own five minutes are too long."""


class NotTheOnlyWorker(Rejected):
    """Das geht nur, wenn genau ein Arbeitsprozess des Dienstes läuft."""


class NotListening(Rejected):
    """Der Arbeitsprozess des Dienstes hört noch nicht zu."""


async def _without_a_condition(*_: Records) -> None:
    return


class Listener:
    """One service's member of its consumer group.

    ``admit`` is called after each assignment of partitions, ``before`` before each batch. If one raises, the batch
    comes again.
    """

    def __init__(
        self,
        kafka: KafkaAccess,
        topics: Sequence[str],
        subscribers: Subscribers,
        delivery: Delivery,
        gate: Trust,
        admit: Callable[[], Awaitable[None]] = _without_a_condition,
        before: Callable[[Records], Awaitable[None]] = _without_a_condition,
    ) -> None:
        self.topics = tuple(topics)
        self._delivery = delivery
        self._progress = delivery.progress
        self._gate, self._admit, self._before = gate, admit, before
        self._joined, self._admitted = 0, -1
        self._idle, self._taken = asyncio.Event(), asyncio.Event()
        self._idle.set()
        self._wait = FIRST_RETRY
        self.connected = False
        self.failing_since: float | None = None
        self.broker = KafkaBroker(
            **connection_of(kafka),
            apply_types=False,
            allow_auto_create_topics=False,
            logger=None,
            consumer_only=True,
            middlewares=[self._settling],
            graceful_timeout=STOP_SECONDS - 1,
            metadata_max_age_ms=METADATA_MS,
        )
        self.broker.include_router(subscribers(delivery.process))
        [self._subscriber] = self.broker.subscribers
        self._subscriber._listener = Partitions(self._give_up_partitions, self._has_joined)  # type: ignore[attr-defined]

    @property
    def consumer(self) -> Any:
        """aiokafka's consumer, while there is one."""
        return self._subscriber.consumer  # type: ignore[attr-defined]

    async def run(self) -> None:
        """Connects as soon as Kafka is available, and runs until cancelled."""
        wait = FIRST_RETRY
        while not self.connected:
            try:
                async with asyncio.timeout(20):
                    await self.broker.start()
                be_patient(self.consumer)
                self.connected = True
            except (KafkaError, TimeoutError):
                log.warning("kafka is unreachable for the consumer", retry_seconds=wait)
                await self.broker.stop()
                await asyncio.sleep(wait)
                wait = min(wait * 2, LAST_RETRY)
        while True:
            await self._taken.wait()
            await asyncio.sleep(QUIET_SECONDS)
            if self._idle.is_set() and self._progress.is_open:
                await self._settle_what_is_open()
            elif self._idle.is_set():
                self._taken.clear()

    async def stop(self) -> None:
        """The present batch may finish and commit, for a limited time."""
        consumer = self.consumer
        await left_within(STOP_SECONDS, self.broker.stop)
        if consumer is not None:
            await left_within(1, consumer._client.close)
        self.connected = False

    async def lag(self) -> dict[str, int]:
        """Records of each topic that this member knows and has not processed."""
        behind, consumer = dict.fromkeys(self.topics, 0), self.consumer
        if consumer is None:
            return behind
        for partition in consumer.assignment():
            end = consumer.highwater(partition)
            if end is not None:
                behind[partition.topic] += max(0, end - await consumer.position(partition))
        return behind

    async def require_admitted(self) -> None:
        """The member has joined and was admitted since. Raises ``NotListening``, or what ``admit`` raises."""
        if not self.connected:
            raise NotListening
        if self._admitted != (joined := self._joined):
            await self._admit()
            self._admitted = joined

    async def require_alone(self, within: float = 15.0) -> None:
        """Raises ``NotTheOnlyWorker`` if another member, also one that is starting, has a partition of these topics."""
        ends = time.monotonic() + within
        while not self._owns_everything():
            if time.monotonic() >= ends:
                raise NotTheOnlyWorker
            await asyncio.sleep(0.1)
        await self.require_admitted()

    def _owns_everything(self) -> bool:
        consumer = self.consumer
        if consumer is None:
            return False
        mine = {partition.topic for partition in consumer.assignment()}
        known = [consumer.partitions_for_topic(topic) or set() for topic in self.topics]
        return mine == set(self.topics) and sum(map(len, known)) == len(consumer.assignment())

    async def from_the_beginning(
        self, topics: Sequence[str], forget: Callable[[Sequence[str]], Awaitable[None]]
    ) -> None:
        """Reads the own partitions of these topics again, also if the process ends meanwhile.

        Runs between two batches, so that none commits an offset while its bookmark is being forgotten. May be repeated.
        Raises ``Busy`` or ``KafkaError``.
        """
        async with self._delivery.turn():
            try:
                await self._settle_and_commit()
            except BookmarksLost:
                raise Busy from None
            consumer = self.consumer
            if partitions := [one for one in (consumer.assignment() if consumer else ()) if one.topic in topics]:
                await consumer.seek_to_beginning(*partitions)
                await consumer.commit(dict.fromkeys(partitions, 0))
            await forget(topics)

    def _settling(self, message: Any, /, *, context: Any) -> SettleOrSeekBack:
        return SettleOrSeekBack(message, context=context, take=self.take)

    async def take(self, records: Records, deliver: Callable[[], Awaitable[object]]) -> None:
        """Delivers a batch; unless more records seem to follow, settles and commits. After a failure it seeks back."""
        self._idle.clear()
        self._taken.set()
        try:
            async with self._delivery.turn():
                await self._take(records, deliver)
        except Exception as error:
            await self._pause_after(error, len(records))
        finally:
            self._idle.set()

    async def _take(self, records: Records, deliver: Callable[[], Awaitable[object]]) -> None:
        self._progress.take(records)
        if self._progress.comes_again or await self._was_sought_back():
            self._delivery.forget()
            await self._seek_back()
            return
        self._gate.require()
        await self.require_admitted()
        await self._before(records)
        await deliver()
        self.failing_since, self._wait = None, FIRST_RETRY
        if len(records) < BATCH or self._progress.records >= MOST_UNSETTLED:
            await self._settle_and_commit()

    async def _settle_what_is_open(self) -> None:
        """Settles what was left open because more records seemed to follow, and seeks back what a turn has returned."""
        try:
            async with self._delivery.turn():
                await self._seek_back()
                if self._progress.records or self._progress.settled:
                    await self._settle_and_commit()
        except Exception as error:
            await self._pause_after(error, self._progress.records)

    async def _settle_and_commit(self) -> None:
        try:
            await self._progress.settle()
        except BookmarksLost:
            await self._gate.doubt()
            raise
        await self._commit()

    def _has_joined(self) -> None:
        self._joined += 1

    async def _give_up_partitions(self) -> None:
        """Lets the present batch finish, settles and forgets: another member reads on.

        If this takes too long, the memory stays, and its guard refuses it at the next write.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_SECONDS):
                await self._idle.wait()
                await self._settle_what_is_open()
                async with self._delivery.turn():
                    self._delivery.forget()
        self._progress.give_up()

    async def _pause_after(self, error: Exception, records: int) -> None:
        """Seeks back first and sleeps afterwards, so that nothing behind the failure can be committed."""
        self.failing_since = self.failing_since or time.monotonic()
        log.error("batch failed and comes again", error=type(error).__name__, records=records)
        async with self._delivery.turn():
            await self._seek_back()
        await asyncio.sleep(self._wait)
        self._wait = min(self._wait * 2, LAST_RETRY)

    async def _was_sought_back(self) -> bool:
        """Whether something before this batch failed, or its partitions were taken away: then it comes again.

        Otherwise its offsets would be committed behind the failure.
        """
        consumer = self.consumer
        try:
            for partition, offset in self._progress.taken.items():
                if consumer is not None and await consumer.position(TopicPartition(*partition)) < offset:
                    return True
        except IllegalStateError:
            return True
        return False

    async def _seek_back(self) -> None:
        """Back to the last settled record; never forward, if another call has sought further back."""
        consumer = self.consumer
        for partition, offset in self._progress.comes_again.items():
            at = TopicPartition(*partition)
            with suppress(IllegalStateError):
                if consumer is not None and offset < await consumer.position(at):
                    consumer.seek(at, offset)
        self._progress.comes_again.clear()

    async def _commit(self) -> None:
        mine = consumer.assignment() if (consumer := self.consumer) else set()
        settled = {TopicPartition(*partition): offset for partition, offset in self._progress.settled.items()}
        covered = {partition: offset for partition, offset in settled.items() if partition in mine}
        self._progress.settled.clear()
        try:
            if consumer is not None and covered:
                await consumer.commit(covered)
        except (KafkaError, IllegalStateError) as error:
            log.warning("offsets not committed, the batch may come again", error=type(error).__name__)
        crashpoint("delivery.committed")
