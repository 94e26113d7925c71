"""Deadlines: due means passed and not yet announced. Each leads to one command, also after a time of being down."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from shared.declarations.reaction import Deadline
from shared.kernel.identifiers import derived_id
from shared.kernel.rejections import Busy, Rejected
from shared.kernel.time import iso
from shared.runtime.commands.execute import Executor, Request
from shared.runtime.delivery.projections import ProjectionStore
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.clock import Clock

log = structlog.get_logger()

POLL_SECONDS = 0.5


class Deadlines:
    def __init__(self, deadlines: Sequence[Deadline], store: ProjectionStore, executor: Executor, clock: Clock) -> None:
        self._deadlines = deadlines
        self._store = store
        self._executor = executor
        self._clock = clock
        self._refused: set[str] = set()

    async def run(self) -> None:
        while self._deadlines:
            try:
                for deadline in self._deadlines:
                    await self._announce(deadline)
            except (MongoUnavailable, Busy) as error:
                log.warning("deadlines wait", error=type(error).__name__)
            await asyncio.sleep(POLL_SECONDS)

    async def _announce(self, deadline: Deadline) -> None:
        now = self._clock.now()
        for found in await self._store.find(deadline.projection, {"due": {"$lte": iso(now)}}, sort="due"):
            command = deadline.command(found, now)
            command_id = derived_id(deadline.projection.name, found["_id"], found["due"])
            if command_id in self._refused:
                continue
            try:
                await self._executor.execute(command, Request(f"deadline:{command_id}"))
            except Rejected as no:
                self._refused.add(command_id)
                log.info("deadline refused", rule=no.rule, stream=command.stream)
