"""P7: what a long history costs: commands and relay on a large journal, memory while a projection is rebuilt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from itertools import chain, count

import httpx

from deploy.embedded.process import resident_bytes
from deploy.embedded.service import Service
from deploy.embedded.tokens import read_tokens
from shared.runtime.commands.journal import Journal
from tests.bench import catching_up, data
from tests.bench.catching_up import Load
from tests.bench.measured import Claim, Figures, Place, latencies
from tests.bench.row import Row, Side
from tests.bench.rows.p3_commands import GROUPS, api_of_members, driven
from tests.bench.rows.p4_relay import must_be_published, relayed
from tests.bench.servers import Servers, running, servers
from tests.bench.service import GROUPS as GROUPS_VIEW

SMALL, MIDDLE, LARGE, REBUILD = "short journal", "middle journal", "long journal", "rebuild"
P50, RATE = "p50 ms", "relayed events/s"
GROWTH = "resident MB more"
A_STREAM = 10
FAR = 1_000_000
A_ROUND = 20_000
MB = 1024 * 1024
TICK = 0.05
AN_HOUR = 3600.0


class Growth(Row):
    id = "P7"
    title = "A hundredfold history"
    claims = (
        Claim("p50 of a command, long beside short", Place(LARGE, P50), Place(SMALL, P50), "at most", 1.1),
        Claim("relay, short beside long", Place(SMALL, RATE), Place(LARGE, RATE), "at most", 1.2),
        Claim("memory of a rebuild, in MB", Place(REBUILD, GROWTH), None, "at most", 50.0),
    )
    about = (
        "Journals of 10,000, 100,000 and 1,000,000 events (five times --events at most), ten a stream: the members "
        "service's API process and one client, then the relay with 20,000 commits more. Rebuild: the resident memory "
        "of a worker before and, at its highest, while it folds a projection from as many events as the longest "
        "journal has."
    )

    @property
    def sizes(self) -> dict[str, int]:
        most = self.size.events * 5
        return {SMALL: most // 100, MIDDLE: most // 10, LARGE: most}

    @asynccontextmanager
    async def prepared(self) -> AsyncIterator[Mapping[str, Side]]:
        async with AsyncExitStack() as stack:
            ours = await stack.enter_async_context(servers(self.folder))
            sides: dict[str, Side] = {}
            for name, events in self.sizes.items():
                service = await self._grown(ours, name, events)
                await stack.enter_async_context(running(service))
                sides[name] = partial(self._measured, ours, service, count(1))
            others = await stack.enter_async_context(servers(self.folder / REBUILD))
            sides[REBUILD] = partial(_rebuilt, others, await self._caught_up(others))
            yield sides

    async def _grown(self, ours: Servers, name: str, events: int) -> Service:
        self.say(f"P7 writing a {name} of {events:,} events")
        async with ours.database(_database(name)) as database:
            given = chain(data.established(), data.opened_groups(GROUPS))
            await data.fill_journal(database["journal"], given, published=True)
            past = data.commits(events, events // A_STREAM, FAR, data.opened_and_registered)
            await data.fill_journal(database["journal"], past, published=True)
        return api_of_members(ours, _database(name))

    async def _caught_up(self, ours: Servers) -> Load:
        """On servers of its own: what the relay publishes meanwhile would be rebuilt too."""
        load = Load(self.sizes[LARGE], self.sizes[LARGE] // A_STREAM)
        self.say(f"P7 catching up with {load.events:,} events")
        await data.fill_topic(ours.bootstrap, load.events, load.streams)
        await catching_up.product(ours, load, REBUILD)
        return load

    async def _measured(self, ours: Servers, service: Service, rounds: count[int], name: str) -> Figures:
        told = await driven(ours, service, f"{name}-one", 1, self.size.part(1_000, 200))
        database_name = service.settings["KPK_MONGO_DATABASE"]
        events = self.size.part(A_ROUND, 1_000)
        async with ours.database(database_name) as database:
            journal = database["journal"]
            given = await Journal(journal).backlog()
            first = FAR * (1 + next(rounds))
            coming = data.commits(events, events // A_STREAM, first, data.opened_and_registered)
            await data.fill_journal(journal, coming, published=False)
            seconds = await relayed(ours, database_name)
            await must_be_published(Journal(journal))
        return {P50: latencies(told["took"])[P50], RATE: (events + given[0]) / seconds}


def _database(name: str) -> str:
    return f"p7-{name.replace(' ', '-')}"


async def _rebuilt(ours: Servers, load: Load, _: str) -> Figures:
    """A fresh process each time: what one rebuild leaves allocated must not hide the next one's need."""
    worker = catching_up.worker(ours, REBUILD)
    async with running(worker):
        before = highest = _resident(worker)
        asked = asyncio.create_task(_ask_to_rebuild(worker, read_tokens(ours.folder)["admin"]))
        while not asked.done():
            highest = max(highest, _resident(worker))
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(asked), TICK)
        told = await asked
    if told != {"documents": load.streams, "events": load.events}:
        raise catching_up.NotCaughtUp(f"rebuilt were {told}, not {load}")
    return {GROWTH: (highest - before) / MB, "resident MB before": before / MB}


def _resident(worker: Service) -> int:
    return resident_bytes(worker.identity) if worker.identity else 0


async def _ask_to_rebuild(worker: Service, token: str) -> dict[str, int]:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=worker.url, headers=headers, trust_env=False, timeout=AN_HOUR) as client:
        answer = await client.post("/admin/rebuild", json={"view": GROUPS_VIEW.name, "why": "bench"})
        answer.raise_for_status()
        told: dict[str, int] = answer.json()
        return told
