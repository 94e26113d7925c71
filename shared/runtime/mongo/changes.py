"""Wakes the waiting loops of this process when any process of the service writes, so they need not poll often."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog

from shared.runtime.mongo.driver import MongoUnavailable, Session

log = structlog.get_logger()

AGAIN_SECONDS = 1.0
GATHER_SECONDS = 0.05
"""Seconds for the woken loops to work; writes meanwhile are reported together."""


class Nudge:
    """Wakes the one loop that waits for it. Given while the loop is busy, it is not lost."""

    def __init__(self) -> None:
        self._given = asyncio.Event()

    def give(self) -> None:
        self._given.set()

    async def within(self, seconds: float) -> bool:
        """Whether it was given, at the latest after this many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._given.wait()
        except TimeoutError:
            return False
        self._given.clear()
        return True


class Changes:
    """For one service's database. Without it, or while it is broken, each loop looks by itself from time to time."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._nudges: dict[str, list[Nudge]] = {}
        self._broken = False

    def of(self, *collections: str) -> Nudge:
        """A nudge that is given whenever one of these is written; to be asked before ``run``."""
        nudge = Nudge()
        for name in collections:
            self._nudges.setdefault(name, []).append(nudge)
        return nudge

    async def run(self) -> None:
        while True:
            try:
                await self._tell()
            except MongoUnavailable as error:
                if not self._broken:
                    log.warning("changes are not heard of at once", error=type(error).__name__)
                self._broken = True
            await asyncio.sleep(AGAIN_SECONDS)

    async def _tell(self) -> None:
        """Reports all collections first: nobody knows what was written before."""
        async with self._session.changes(list(self._nudges)) as changes:
            self._give(self._nudges)
            self._broken = False
            async for names in changes:
                self._give(names)
                await asyncio.sleep(GATHER_SECONDS)

    def _give(self, names: Iterable[str]) -> None:
        for name in names:
            for nudge in self._nudges[name]:
                nudge.give()
