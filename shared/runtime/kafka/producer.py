"""aiokafka's producer, made to end as soon as one of its connections breaks.

A broken connection may mean that a broker comes back empty. aiokafka sends pending records to the next broker that
answers; here they are dropped. They are still unpublished in the journal.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.conn import CloseReason
from aiokafka.errors import KafkaConnectionError

from shared.runtime.kafka.leaving import left_within


class Producer(AIOKafkaProducer):  # type: ignore[misc]  # aiokafka has no types
    """``dropped`` is done when it is over, for good: nothing that is not answered by then is sent again.

    Uses aiokafka's private names: the version is pinned, and a test ends a broker.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.dropped: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.client._on_connection_closed = self._line_closed

    async def start(self) -> None:
        """Raises ``KafkaConnectionError`` also where a line broke on the way and aiokafka went on over another."""
        await super().start()
        if self.dropped.done():
            self._sender.sender_task.cancel()
            raise KafkaConnectionError

    def drop(self) -> None:
        """From now on nothing is sent, and nobody is told of an outcome."""
        if self.dropped.done():
            return
        self.dropped.set_result(None)
        if self._sender.sender_task is not None:
            self._sender.sender_task.cancel()

    async def end(self) -> None:
        """Drops, and leaves within two seconds. aiokafka's ``stop`` would send on, also to a broker that is away."""
        self.drop()
        if self._sender.sender_task is not None:
            await asyncio.wait({self._sender.sender_task}, timeout=1)
        await left_within(1, self.client.close)
        self._closed = True

    def _line_closed(self, _line: Any, reason: CloseReason | None) -> None:
        if reason is not CloseReason.SHUTDOWN:
            self.drop()
