"""Deadlines: due means passed and not yet announced. Each leads to one command, also after a downtime.

A projection may lag behind its stream. So a rejection counts only when the projection has all of the stream. Until then
the deadline waits; the missing events may even remove it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from shared.declarations.projection import Document
from shared.declarations.reaction import Deadline
from shared.kernel.decider import Command
from shared.kernel.identifiers import derived_id
from shared.kernel.rejections import Busy, Rejected
from shared.kernel.time import iso
from shared.runtime.commands.execute import Answer, Executor, Request
from shared.runtime.commands.journal import Journal
from shared.runtime.delivery.following import record_refusal, refusal_in
from shared.runtime.delivery.stores import Positions, ProjectionStore
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.clock import Clock, until_due

log = structlog.get_logger()

POLL_SECONDS, AGAIN_SECONDS = 10.0, 0.5


@dataclass(frozen=True)
class Deadlines:
    """One service's deadlines. A refused one is not tried again before the process ends.

    ``changed`` is given when one of their projections was written.
    """

    deadlines: Sequence[Deadline]
    store: ProjectionStore
    executor: Executor
    clock: Clock
    changed: Nudge
    journal: Journal
    positions: Positions
    refused: dict[str, list[Document]] = field(default_factory=lambda: defaultdict(list))

    async def run(self) -> None:
        while self.deadlines:
            try:
                now = self.clock.now()  # read once: what becomes due meanwhile is not waited for in vain
                for deadline in self.deadlines:
                    await self.announce(deadline, now)
                await until_due(self.clock, await self._next_after(now), self.changed, POLL_SECONDS)
            except (MongoUnavailable, Busy) as error:
                log.warning("deadlines wait", error=type(error).__name__)
                await asyncio.sleep(AGAIN_SECONDS)

    async def _next_after(self, now: datetime) -> datetime | None:
        moments = [await self.store.first_after(one.projection, "due", now) for one in self.deadlines]
        return min((moment for moment in moments if moment), default=None)

    async def announce(self, deadline: Deadline, now: datetime) -> None:
        """Gives the commands of all deadlines that have passed."""
        name = deadline.projection.name
        where: Document = {"due": {"$lte": iso(now)}}
        if refused := self.refused[name]:
            where["$nor"] = refused
        for found in await self.store.find(deadline.projection, where, sort="due"):
            answer = await self._follow(deadline, found, deadline.command(found, now))
            if answer and refusal_in(answer):
                refused.append({"_id": found["_id"], "due": found["due"]})

    async def _follow(self, deadline: Deadline, found: Document, command: Command) -> Answer | None:
        """None if it has to be tried again."""
        name = deadline.projection.name
        meant = command.model_dump_json(exclude={"at"})  # two deadlines of one moment are two requests
        request = Request(f"deadline:{derived_id(name, found['_id'], found['due'], meant)}")
        try:
            return await self.executor.execute(command, request)
        except Rejected as no:
            if not await self._is_still_due(deadline, found, command.stream):
                return None
            log.warning("deadline refused", rule=no.rule, stream=command.stream)
            because = f"{found['stream']}:{found['sequence']}"
            return await record_refusal(self.executor, command, request, name, because, no)

    async def _is_still_due(self, deadline: Deadline, found: Document, stream: str) -> bool:
        """Checked after everything that the rule knows is folded."""
        heads, positions = await self.journal.heads([stream]), await self.positions.load([stream])
        if positions.get(stream, {"last": 0})["last"] < heads[stream]:
            return False
        now = await self.store.get(deadline.projection, found["_id"])
        return now is not None and now["due"] == found["due"]
