"""What stands at each FastStream subscriber, so that no event is lost: its options, and what its handler is given.

FastStream alone would commit offsets before the handler ends, or commit what failed. Here it acknowledges nothing: the
rule is the middleware in ``listener.py``. A broker's own ``ack_policy`` does not reach routers, so it stands here; a
test walks what FastStream made of it. Records are handed on as they are: a parser that raised would lose the batch.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any

from aiokafka import ConsumerRebalanceListener
from faststream import AckPolicy
from faststream.kafka import KafkaRouter
from faststream.kafka.message import KafkaAckableMessage
from pydantic import GetPydanticSchema
from pydantic_core.core_schema import any_schema

from shared.runtime.kafka.record import KafkaRecord

BATCH = 5000
FETCHED_BYTES = 3 * 2**20
"""Of one partition, at most: so a batch holds many events of few streams, and each document is written less often."""

STANDING_MS = 1000
"""So long a broker keeps a question if nothing comes; one whose batch took long may wait as long to be asked."""

Records = Annotated[Sequence[KafkaRecord], GetPydanticSchema(lambda *_: any_schema())]
"""A batch as it came; to FastStream, which builds a model of every handler, it is just anything."""

Deliver = Callable[[Records], Awaitable[None]]
"""Raises whatever may come over: then nothing since the last commit is committed, and all of it comes again."""

Subscribers = Callable[[Deliver], KafkaRouter]
"""A service's ``worker.subscribers``: its router, whose subscribers hand what they hear to ``deliver``."""


async def _as_it_is(records: Records) -> KafkaAckableMessage:
    return KafkaAckableMessage(raw_message=records, body=records, consumer=None)


async def _undecoded(message: Any) -> Records:
    records: Records = message.raw_message
    message.raw_message = message.body = ()  # it refers to itself: what it holds would stay until it is swept up
    return records


AT_LEAST_ONCE: Mapping[str, Any] = {
    "batch": True,
    "max_records": BATCH,
    "batch_timeout_ms": 10,
    "max_partition_fetch_bytes": FETCHED_BYTES,
    "fetch_max_wait_ms": STANDING_MS,
    "auto_offset_reset": "earliest",
    "isolation_level": "read_committed",
    "ack_policy": AckPolicy.MANUAL,
    "no_reply": True,
    "parser": _as_it_is,
    "decoder": _undecoded,
    "session_timeout_ms": 10_000,
    "heartbeat_interval_ms": 1_000,
    "rebalance_timeout_ms": 15_000,
}


class Partitions(ConsumerRebalanceListener):  # type: ignore[misc]
    """Before partitions may go to another member, and when this one was given some."""

    def __init__(self, leave: Callable[[], Awaitable[None]], joined: Callable[[], None]) -> None:
        self._leave = leave
        self._joined = joined

    async def on_partitions_revoked(self, _: object) -> None:
        await self._leave()

    async def on_partitions_assigned(self, _: object) -> None:
        self._joined()
