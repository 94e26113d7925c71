"""The current time for this service. A demo or a test may set it; in production nobody can."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime, timedelta
from typing import Protocol

from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import german_moment, utc
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import Collection

CLOCK = "clock"

LOOK_SECONDS = 0.25
SAME_MOMENT = 0.001
"""Seconds: times are cut to milliseconds."""


class ClockIsNotSettable(Rejected):
    """Die Uhr dieses Dienstes kann nicht gestellt werden."""

    kind = Kind.FORBIDDEN


class ClockRunsForward(Rejected):
    """Die Uhr steht schon auf {now} und geht nur vorwärts."""


class Clock(Protocol):
    def now(self) -> datetime: ...

    async def set(self, moment: datetime) -> None: ...


class SystemClock:
    """The machine's time, cut to milliseconds."""

    def now(self) -> datetime:
        return utc(datetime.now(UTC))

    async def set(self, moment: datetime) -> None:
        raise ClockIsNotSettable


class SettableClock:
    """Runs on from the time to which it was last set, also after a restart."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._ahead = timedelta()

    async def restore(self) -> None:
        if found := await self._collection.find_one({"_id": "clock"}):
            self._ahead = timedelta(milliseconds=found["ahead_ms"])

    def now(self) -> datetime:
        return utc(datetime.now(UTC) + self._ahead)

    async def set(self, moment: datetime) -> None:
        if self._was_set and moment < self.now():
            raise ClockRunsForward(now=german_moment(self.now()))
        ahead = moment - datetime.now(UTC)
        ahead_ms = int(ahead / timedelta(milliseconds=1))
        await self._collection.update_one({"_id": "clock"}, {"$set": {"ahead_ms": ahead_ms}}, upsert=True)
        self._ahead = ahead

    @property
    def _was_set(self) -> bool:
        return bool(self._ahead)


async def until_due(clock: Clock, due: datetime | None, nudge: Nudge, longest: float) -> None:
    """Until ``due`` by a clock that may be set, until the nudge, or for ``longest`` seconds of the machine."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + longest
    while loop.time() < ends and not (due and due <= clock.now()):
        if await nudge.within(min(_patience(clock, due), ends - loop.time())):
            return


def _patience(clock: Clock, due: datetime | None) -> float:
    """In seconds. Only a settable clock has to be read again and again."""
    if due is None:
        return math.inf
    if isinstance(clock, SystemClock):
        return (due - clock.now()).total_seconds() + SAME_MOMENT
    return LOOK_SECONDS
