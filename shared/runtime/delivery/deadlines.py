"""Deadlines: due means passed and not yet announced. Each leads to one command, also after a time of being down."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from shared.declarations.reaction import Deadline
from shared.kernel.identifiers import derived_id
from shared.kernel.rejections import Busy, Rejected
from shared.kernel.time import iso
from shared.runtime.commands.execute import Executor, Request
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.clock import Clock, until_due

log = structlog.get_logger()

POLL_SECONDS, AGAIN_SECONDS = 10.0, 0.5


@dataclass(frozen=True)
class Deadlines:
    """One service's. What a rule refuses is not asked again before the process ends.

    ``changed`` is given when one of their projections was written to.
    """

    deadlines: Sequence[Deadline]
    store: ProjectionStore
    executor: Executor
    clock: Clock
    changed: Nudge
    refused: set[str] = field(default_factory=set)

    async def run(self) -> None:
        while self.deadlines:
            try:
                for deadline in self.deadlines:
                    await self._announce(deadline)
                await until_due(self.clock, await self._next_due(), self.changed, POLL_SECONDS)
            except (MongoUnavailable, Busy) as error:
                log.warning("deadlines wait", error=type(error).__name__)
                await asyncio.sleep(AGAIN_SECONDS)

    async def _next_due(self) -> datetime | None:
        moments = [await self.store.first_after(one.projection, "due", self.clock.now()) for one in self.deadlines]
        return min((moment for moment in moments if moment), default=None)

    async def _announce(self, deadline: Deadline) -> None:
        now = self.clock.now()
        for found in await self.store.find(deadline.projection, {"due": {"$lte": iso(now)}}, sort="due"):
            command = deadline.command(found, now)
            command_id = derived_id(deadline.projection.name, found["_id"], found["due"])
            if command_id in self.refused:
                continue
            try:
                await self.executor.execute(command, Request(f"deadline:{command_id}"))
            except Rejected as no:
                self.refused.add(command_id)
                log.info("deadline refused", rule=no.rule, stream=command.stream)
