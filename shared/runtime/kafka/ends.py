"""The current end of a topic, asked of the broker over a connection that is kept for the next request."""

from __future__ import annotations

import asyncio

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.contracts.topics import Topic
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.leaving import left_within

REQUEST_MS = 2_000
LEAVE_SECONDS = 1.0


class TopicEnds:
    """A connection that has failed is not used again: the broker may be another one now, or at another address."""

    def __init__(self, kafka: KafkaAccess) -> None:
        self._kafka = kafka
        self._reader: AIOKafkaConsumer | None = None
        self._connecting = asyncio.Lock()
        self._leaving: set[asyncio.Task[None]] = set()

    async def of(self, topic: Topic) -> dict[int, int]:
        """By partition the offset of its next record. Raises ``KafkaError``; the caller limits the time."""
        asked = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        async with self._connecting:
            reader = self._reader = self._reader or await self._connect()
        try:
            ends = await reader.end_offsets(asked)
        except BaseException:
            self._leave(reader)
            raise
        return {at.partition: end for at, end in ends.items()}

    async def close(self) -> None:
        if self._reader is not None:
            self._leave(self._reader)
        if self._leaving:
            await asyncio.wait(self._leaving)

    async def _connect(self) -> AIOKafkaConsumer:
        reader = AIOKafkaConsumer(**self._kafka.options(), enable_auto_commit=False, request_timeout_ms=REQUEST_MS)
        try:
            await reader.start()
        except BaseException:
            self._leave(reader)
            raise
        return reader

    def _leave(self, reader: AIOKafkaConsumer) -> None:
        """In the background: a broker that is away would hold up the caller."""
        if self._reader is reader:
            self._reader = None
        leaving = asyncio.create_task(left_within(LEAVE_SECONDS, reader.stop), name="leaving a broker")
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)
