"""The mail server, the wall clock, and all models put in the place of the drivers for the time of one run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from types import ModuleType
from typing import Any
from unittest.mock import patch

import aiokafka

from services.notifications import app as notifications
from services.notifications.mailserver.outcomes import Later, Never, Outcome, Sent, Unanswered
from services.notifications.mailserver.smtp import at_any_time
from shared.runtime import process
from shared.runtime.history import drift, gate
from shared.runtime.kafka import topics
from shared.runtime.mongo import driver as mongo
from shared.runtime.publishing import left_behind, publisher
from tests.kit.when import NOW
from tests.storms.world.cluster import Cluster
from tests.storms.world.database import ModelClient
from tests.storms.world.group import Member
from tests.storms.world.loop import PROCESS
from tests.storms.world.topic import Broker, ModelEnds, Producer
from tests.storms.world.wire import Wire

Seam = tuple[ModuleType | type, str, Any]
"""What stands in for an attribute of a module or class while a storm runs."""

MINUTES_A_SECOND = 2
"""The wall clock runs faster than the loop's, so that a mail's ten minutes are soon over."""


SERVER_PATIENCE = timedelta(minutes=5)
"""RFC 5321, 4.5.3.2.7."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A mail that the server took."""

    message: bytes
    recipient: str
    at: float


@dataclass
class WallClock:
    """``skews`` by process, in minutes; ``ahead`` may be set forward for all."""

    loop: asyncio.AbstractEventLoop
    skews: dict[str, int] = field(default_factory=dict)
    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        process = PROCESS.get()
        return self.right() + timedelta(minutes=self.skews.get(process.name, 0) if process else 0)

    def right(self) -> datetime:
        """As a clock says that nobody has set wrong."""
        minutes = self.loop.time() * MINUTES_A_SECOND
        return NOW + timedelta(milliseconds=int(minutes * 60_000)) + self.ahead

    async def set(self, moment: datetime) -> None:
        raise NotImplementedError


@dataclass
class Postbox:
    """Fulfils ``Send``. ``answers`` tells what the server does with the n-th mail that it is handed.

    It closes a connection on which it was greeted and hears no content for too long.
    """

    wire: Wire
    clock: WallClock
    answers: dict[int, str] = field(default_factory=dict)
    copies: list[Copy] = field(default_factory=list)
    refused: list[Copy] = field(default_factory=list)
    handed: int = 0
    away_until: float = 0.0

    async def send(
        self, message: bytes, _sender: str, recipient: str, in_time: Callable[[], bool] = at_any_time
    ) -> Outcome:
        greeted: Outcome | None = await self.wire.call("greet", lambda: None, lambda _: UNREACHABLE)
        if greeted is not None or not in_time():
            return greeted or Later("timed_out")
        outcome: Outcome = await self.wire.call(
            "mail",
            partial(self._serve, message, recipient, self.clock.right()),
            lambda happened: Unanswered() if happened else UNREACHABLE,
        )
        return outcome

    def _serve(self, message: bytes, recipient: str, greeted: datetime) -> Outcome:
        if self.clock.right() - greeted > SERVER_PATIENCE:
            return Unanswered()
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


class Surroundings:
    """Everything that our processes speak to."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.cluster = Cluster(wire)
        self.broker = Broker(wire)
        self.clock = WallClock(wire.loop)
        self.postbox = Postbox(wire, self.clock)

    def seams(self) -> list[Seam]:
        return [
            (mongo, "AsyncIOMotorClient", partial(ModelClient, self.cluster)),
            (publisher, "Producer", partial(Producer, self.broker)),
            (gate, "Books", self.broker.books),
            (process, "TopicEnds", partial(ModelEnds, self.broker)),
            (aiokafka, "AIOKafkaConsumer", partial(Member, self.broker)),
            (topics, "differences", nothing_differs),
            (left_behind, "read_to_end", self.broker.read_to_end),
            (process, "figures_of", nothing_is_wrong),
            (drift, "differences", nothing_differs),
            (drift, "beginnings_of", nothing_is_deleted),
            (process, "SystemClock", lambda: self.clock),
            (notifications, "SmtpSender", lambda *_: self.postbox),
            (notifications, "uuid4", partial(next, count())),
        ]


async def nothing_is_wrong(_: object) -> dict[str, float]:
    return {"oplog_age_seconds": 0.0, "clock_off_seconds": 0.0}


async def nothing_differs(*_: object) -> list[topics.Difference]:
    return []


async def nothing_is_deleted(*_: object) -> dict[int, int]:
    return {}


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
