"""The broker's data about a consumer group: the ends of partitions and the committed offsets."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.leaving import left_within
from shared.runtime.kafka.record import Partition
from shared.runtime.kafka.topics import BrokerRefuses


@dataclass(frozen=True, slots=True)
class Ends:
    """``end`` is the offset of the next record; ``committed`` is None when the group has never committed here."""

    end: int
    committed: int | None


class Books:
    """Read often, so its connections stay open; they are made again after any failure."""

    def __init__(self, kafka: KafkaAccess, group: str, topics: Sequence[str]) -> None:
        self._kafka = kafka
        self._group = group
        self._topics = list(topics)
        self._admin: AIOKafkaAdminClient | None = None
        self._reader: AIOKafkaConsumer | None = None
        self._reading = asyncio.Lock()

    async def read(self, within: float = 10.0) -> dict[Partition, Ends]:
        """Of each partition that exists. Raises ``BrokerRefuses`` when no broker answers, ``TimeoutError`` when a
        partition has no leader.
        """
        async with self._reading:  # after a failure close the connections, which nobody else uses
            try:
                async with asyncio.timeout(within):
                    return await self._read()
            except BaseException as error:
                await self.close()
                if isinstance(error, KafkaError):
                    raise BrokerRefuses(f"kafka at {self._kafka}: {type(error).__name__}") from None
                raise

    async def close(self) -> None:
        """The next look makes new connections, to the broker that is there then."""
        admin, self._admin = self._admin, None
        reader, self._reader = self._reader, None
        for one in (admin and admin.close, reader and reader.stop):
            if one is not None:
                await left_within(1, one)

    async def _read(self) -> dict[Partition, Ends]:
        admin, reader = await self._opened()
        committed = await admin.list_consumer_group_offsets(self._group)
        described = await admin.describe_topics(self._topics)
        partitions = [
            TopicPartition(told["topic"], one["partition"]) for told in described for one in told["partitions"]
        ]
        ends = await reader.end_offsets(partitions) if partitions else {}
        return {(at.topic, at.partition): Ends(ends[at], _offset(committed.get(at))) for at in partitions}

    async def _opened(self) -> tuple[AIOKafkaAdminClient, AIOKafkaConsumer]:
        if self._admin is None:
            self._admin = AIOKafkaAdminClient(**self._kafka.options(), request_timeout_ms=10_000)
            await self._admin.start()
        if self._reader is None:
            self._reader = AIOKafkaConsumer(**self._kafka.options(), enable_auto_commit=False)
            await self._reader.start()
        return self._admin, self._reader


def _offset(committed: Any) -> int | None:
    return None if committed is None or committed.offset < 0 else int(committed.offset)
