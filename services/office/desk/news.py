"""Where something has just happened, for the pages that are open.

However many pages are open, the database is asked once after something was written, and not at all while nothing is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import structlog

from services.office import queries
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import MongoUnavailable

log = structlog.get_logger()

LOOK_SECONDS = 10.0
"""Seconds between looks while the change stream is broken."""

ActsFor = Callable[[str], bool]


class News:
    """The conferences in which something was last written, for pages that wait for it."""

    def __init__(self, projections: ProjectionStore, written: Nudge) -> None:
        self._projections, self._written = projections, written
        self._seen: frozenset[str] = frozenset()
        self._waiting: dict[asyncio.Event, ActsFor] = {}

    async def keep_looking(self) -> None:
        """Until cancelled."""
        while True:
            await self._written.within(LOOK_SECONDS)
            if self._waiting:
                await self._look()

    async def _look(self) -> None:
        try:
            newest = await queries.newest(self._projections)
        except MongoUnavailable as error:
            log.warning("pages are not told what is new", error=type(error).__name__)
            return
        written = {one["conference"] for one in newest if one["_id"] not in self._seen}
        self._seen = frozenset(one["_id"] for one in newest)
        for waiting, concerns in self._waiting.items():
            if any(concerns(conference) for conference in written):
                waiting.set()

    async def told(self, concerns: ActsFor, seconds: float) -> AsyncIterator[None]:
        """Yields after each write that concerns the page, and once at the beginning for earlier ones."""
        waiting, ends = asyncio.Event(), time.monotonic() + seconds
        self._waiting[waiting] = concerns
        try:
            while (left := ends - time.monotonic()) > 0:
                async with asyncio.timeout(left):
                    await waiting.wait()
                waiting.clear()
                yield
        except TimeoutError:
            return
        finally:
            del self._waiting[waiting]
