"""The mail server, the wall clock, and all models put in the place of the drivers for the time of one run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from types import ModuleType
from typing import Any
from unittest.mock import patch

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from shared.contracts.outcomes import Later, Never, Outcome, Sent, Unanswered
from shared.runtime import consumer, kafka, lineage, mongo, parts
from shared.runtime.callers import Callers
from tests.kit.when import NOW
from tests.storms.world.cluster import Cluster
from tests.storms.world.database import ModelClient
from tests.storms.world.group import Member
from tests.storms.world.loop import PROCESS
from tests.storms.world.topic import Broker, Producer, Stored
from tests.storms.world.wire import Wire

Seam = tuple[ModuleType | type, str, Any]
"""What stands in for an attribute of a module or class while a storm runs."""

MINUTES_A_SECOND = 2
"""The wall clock runs faster than the loop's, so that a mail's ten minutes are soon over."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A mail that the server took."""

    message: bytes
    recipient: str
    at: float


@dataclass
class Postbox:
    """Fulfils ``Send``. ``answers`` tells what the server does with the n-th mail that it is handed."""

    wire: Wire
    answers: dict[int, str] = field(default_factory=dict)
    copies: list[Copy] = field(default_factory=list)
    refused: list[Copy] = field(default_factory=list)
    handed: int = 0
    away_until: float = 0.0

    async def send(self, message: bytes, _sender: str, recipient: str) -> Outcome:
        outcome: Outcome = await self.wire.call(
            "mail", partial(self._serve, message, recipient), lambda happened: Unanswered() if happened else UNREACHABLE
        )
        return outcome

    def _serve(self, message: bytes, recipient: str) -> Outcome:
        copy = Copy(message, recipient, self.wire.loop.time())
        if copy.at < self.away_until:
            return UNREACHABLE
        self.handed += 1
        match self.answers.get(self.handed):
            case "later":
                return Later("try_later")
            case "never":
                self.refused.append(copy)
                return Never("rejected")
            case "broken off before":
                return Unanswered()
            case "broken off after":
                self.copies.append(copy)
                return Unanswered()
            case _:
                self.copies.append(copy)
                return Sent()


UNREACHABLE = Later("unreachable")


@dataclass
class WallClock:
    """``skews`` by process, in minutes; ``ahead`` may be set forward for all."""

    loop: asyncio.AbstractEventLoop
    skews: dict[str, int] = field(default_factory=dict)
    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        process = PROCESS.get()
        minutes = self.loop.time() * MINUTES_A_SECOND
        skew = self.skews.get(process.name, 0) if process else 0
        return NOW + timedelta(minutes=skew, milliseconds=int(minutes * 60_000)) + self.ahead

    async def set(self, moment: datetime) -> None:
        raise NotImplementedError


class StreamBroker:
    """In the place of FastStream's broker: one subscriber, a batch at a time, nothing acknowledged by itself.

    ``auto_commit`` is what FastStream would do unasked: acknowledge first, and handle afterwards.
    """

    def __init__(self, broker: Broker, _bootstrap: str, *, auto_commit: bool = False, **_options: object) -> None:
        self._broker = broker
        self._auto_commit = auto_commit
        self._running: list[asyncio.Task[None]] = []

    def subscriber(
        self, *topics: str, group_id: str, max_records: int, parser: Any, listener: Any, **_options: object
    ) -> StreamBroker:
        self._open = partial(Member, self._broker, group_id, topics, max_records)
        self._parser = parser
        self._listener = listener
        self.consumer: Member | None = None
        return self

    def __call__(self, handler: Callable[[Any], Awaitable[None]]) -> None:
        self._handler = handler

    async def start(self) -> None:
        member = self.consumer = self._open()
        self._running = [asyncio.create_task(member.follow(self._listener)), asyncio.create_task(self._read(member))]

    async def stop(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        if self.consumer is not None:
            self.consumer.leave()

    async def _read(self, member: Member) -> None:
        while True:
            message = await self._parser(await member.getmany())
            if self._auto_commit:
                await self._acknowledge(member, message.raw_message)
            await self._handler(message)

    async def _acknowledge(self, member: Member, records: Sequence[Stored]) -> None:
        behind = {TopicPartition(record.topic, record.partition): record.offset + 1 for record in records}
        with suppress(KafkaError):
            await member.commit(behind)


class Surroundings:
    """Everything that our processes speak to."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.cluster = Cluster(wire)
        self.broker = Broker(wire)
        self.postbox = Postbox(wire)
        self.clock = WallClock(wire.loop)

    def seams(self) -> list[Seam]:
        return [
            (mongo, "AsyncIOMotorClient", partial(ModelClient, self.cluster)),
            (kafka, "Producer", partial(Producer, self.broker)),
            (lineage, "ends_of", self.broker.ends_of),
            (consumer, "KafkaBroker", partial(StreamBroker, self.broker)),
            (parts, "SystemClock", lambda: self.clock),
            (parts, "read_callers", lambda _: Callers([])),
        ]


@contextmanager
def in_place(seams: Iterable[Seam]) -> Iterator[None]:
    """Later ones over earlier ones."""
    standing = []
    for where, name, instead in seams:
        standing.append(patch.object(where, name, instead))
        standing[-1].start()
    try:
        yield
    finally:
        for one in reversed(standing):
            one.stop()
