"""A stack under load with everything that watches it: from its first process to its last dump."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.campaign.checker import check
from tests.campaign.drain import Clocks, drained
from tests.campaign.dump import Dump
from tests.campaign.evidence import HEARS, PEOPLE, SERVICES, TOPICS, Violation
from tests.campaign.fault import World
from tests.campaign.history import History, Line, read_history
from tests.campaign.installation import Installation, running
from tests.campaign.kafka_dump import committed, ends, read_everything
from tests.campaign.load.workers import Load
from tests.campaign.mailbox import read_mailbox
from tests.campaign.mongo_dump import read_databases
from tests.campaign.site import Site
from tests.campaign.subscriber import Subscriber


@dataclass
class Ground:
    site: Site
    file: Path

    async def revive(self) -> None:
        """Whatever a fault has left behind: every process runs, and is awake. A service may be about to end: anew."""
        for name in [*self.site.world.servers, *self.site.services]:
            with suppress(AssertionError):
                self.site.resume(name)
            if name in self.site.services:
                await self.site.program(name).stop()
            await self.site.start(name)

    async def rest(self) -> Line:
        """Nobody works any more and nothing is on its way, or the bound is over; the history says how it was."""
        site = self.site
        await site.load.rest()
        how = await drained(site.world.at, site.world.mongo_uri, site.clocks, site.urls)
        return site.history.write("drained", **how)

    async def judge(self) -> tuple[list[Line], Dump, list[Violation]]:
        """To be called at rest."""
        dump = await self._dump()
        history = read_history(self.file)
        return history, dump, await asyncio.to_thread(check, history, dump)

    async def _dump(self) -> Dump:
        world, installation = self.site.world, self.site.installation
        there = await asyncio.to_thread(ends, world.at, TOPICS)
        await self.site.outsider.reached({place: end for place, end in there.items() if place[0] != PEOPLE})
        return Dump(
            records=tuple(await asyncio.to_thread(read_everything, world.at, TOPICS)),
            ends=there,
            databases=await asyncio.to_thread(read_databases, world.mongo_uri, SERVICES),
            mails=read_mailbox(world.mailbox),
            committed={group: await asyncio.to_thread(committed, world.at, group) for group in HEARS},
            seen=tuple(self.site.outsider.seen),
            logs={
                log.name: log.read_text(errors="replace")
                for log in sorted((installation.folder / "logs").glob("*.log"))
            },
            secrets=tuple(installation.tokens.values()),
        )


@asynccontextmanager
async def ground(folder: Path, world: World, seed: int) -> AsyncIterator[Ground]:
    """The conference is founded and the load runs. Everything that was started ends with the context.

    ``folder`` is there and empty.
    """
    file = folder / "history.jsonl"
    history = History(file)
    async with running(Installation(folder, world)) as installation:
        outsider = Subscriber(world.at, [topic for topic in TOPICS if topic != PEOPLE])
        outsider.start()
        load = Load(
            {name: service.url for name, service in installation.services.items()}, installation.tokens, history, seed
        )
        site = Site(installation, load, history, Clocks(installation.tokens["admin"]), outsider, random.Random(seed))
        try:
            await load.start()
            yield Ground(site, file)
        finally:
            await load.stop()
            await outsider.stop()
            history.close()
