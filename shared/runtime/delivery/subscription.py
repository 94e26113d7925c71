"""The options of each FastStream subscriber, so that no event is lost, and the arguments of its handler.

FastStream alone would commit offsets before the handler ends, or commit failed records. Here it acknowledges nothing;
the middleware in ``listener.py`` does. A broker's own ``ack_policy`` does not reach routers, so it is set here; a
test checks the subscribers that FastStream built. Records are passed on unparsed: a parser that raised would lose the
batch.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any

from aiokafka import ConsumerRebalanceListener
from faststream import AckPolicy, BaseMiddleware
from faststream.kafka import KafkaRouter
from faststream.kafka.message import KafkaAckableMessage
from faststream.security import BaseSecurity, SASLScram512
from pydantic import GetPydanticSchema
from pydantic_core.core_schema import any_schema

from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.record import KafkaRecord

BATCH = 5000
FETCHED_BYTES = 3 * 2**20
"""The most records of one partition: a large batch holds many events of few streams, so each document is written less
often.
"""

STANDING_MS = 1000
"""How long a broker holds an empty fetch, and how long a partition may wait for the next one."""

PATIENT_MS = 60_000

Records = Annotated[Sequence[KafkaRecord], GetPydanticSchema(lambda *_: any_schema())]
"""A batch as received; declared as anything, because FastStream builds a model of every handler's type."""

Deliver = Callable[[Records], Awaitable[None]]
"""Raises any error: then nothing since the last commit is committed, and all of it comes again."""

Take = Callable[[Records, Callable[[], Awaitable[object]]], Awaitable[None]]
"""Calls its argument to deliver a batch, and then settles or seeks back."""

Subscribers = Callable[[Deliver], KafkaRouter]
"""A service's ``worker.subscribers``: its router, whose subscribers hand what they hear to ``deliver``."""


async def _as_it_is(records: Records) -> KafkaAckableMessage:
    return KafkaAckableMessage(raw_message=records, body=records, consumer=None)


async def _undecoded(message: Any) -> Records:
    records: Records = message.raw_message
    message.raw_message = message.body = ()  # it refers to itself, so that only the garbage collector would free it
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


def connection_of(kafka: KafkaAccess) -> Mapping[str, Any]:
    """The arguments of ``KafkaBroker``."""
    login: BaseSecurity | None = BaseSecurity(kafka.tls) if kafka.has_tls else None
    if kafka.has_login:
        login = SASLScram512(username=kafka.user or "", password=kafka.password or "", ssl_context=kafka.tls)
    # FastStream takes a string for one address, commas and all.
    return {"bootstrap_servers": kafka.bootstrap.split(","), "security": login}


class Partitions(ConsumerRebalanceListener):  # type: ignore[misc]
    """Called before partitions go to another member, and after this one was given some."""

    def __init__(self, leave: Callable[[], Awaitable[None]], joined: Callable[[], None]) -> None:
        self._leave = leave
        self._joined = joined

    async def on_partitions_revoked(self, _: object) -> None:
        await self._leave()

    async def on_partitions_assigned(self, _: object) -> None:
        self._joined()


def be_patient(consumer: Any) -> None:
    """FastStream polls a hundred times a second and sleeps between; here it waits for records instead.

    aiokafka checks five times a second whether a batch is still being processed, and then fetches only the other
    partitions.
    """
    consumer._fetcher._fetcher_timeout = STANDING_MS / 1000
    getmany = consumer.getmany

    async def when_something_has_come(**asked: Any) -> Any:
        while not (come := await getmany(**{**asked, "timeout_ms": PATIENT_MS})):
            pass
        return come

    consumer.getmany = when_something_has_come


class SettleOrSeekBack(BaseMiddleware[Any, Any]):
    """The acknowledgement rule, at FastStream's own place for it: around every handler."""

    def __init__(self, message: Any, /, *, context: Any, take: Take) -> None:
        super().__init__(message, context=context)
        self._take = take

    async def consume_scope(self, call_next: Callable[[Any], Awaitable[object]], msg: Any) -> None:
        await self._take(msg.raw_message, lambda: call_next(msg))
