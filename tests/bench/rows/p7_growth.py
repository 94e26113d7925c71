"""P7: what a long history costs: commands and relay on a large journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import chain, count

from deploy.embedded.service import Service
from shared.runtime.commands.journal import Journal
from tests.bench import data
from tests.bench.measured import Claim, Figures, Place, latencies
from tests.bench.row import Row, Side
from tests.bench.rows.p3_commands import GROUPS, api_of_members, driven
from tests.bench.rows.p4_relay import must_be_published, relayed
from tests.bench.servers import Servers, running, servers, settled

SMALL, MIDDLE, LARGE = "short journal", "middle journal", "long journal"
P50, RATE = "p50 ms", "relayed events/s"
A_STREAM = 10
FAR = 1_000_000
A_ROUND = 20_000


class Growth(Row):
    id = "P7"
    title = "A hundredfold history"
    claims = (
        Claim("p50 of a command, long beside short", Place(LARGE, P50), Place(SMALL, P50), "at most", 1.1),
        Claim("relay, short beside long", Place(SMALL, RATE), Place(LARGE, RATE), "at most", 1.2),
    )
    most_rounds = 3
    about = (
        "Journals of 10,000, 100,000 and 1,000,000 events (five times --events at most), ten a stream: the members "
        "service's API process and one client, then the relay with 20,000 commits more."
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
            await settled(ours)
            yield sides

    async def _grown(self, ours: Servers, name: str, events: int) -> Service:
        self.say(f"P7 writing a {name} of {events:,} events")
        async with ours.database(_database(name)) as database:
            given = chain(data.established(), data.opened_groups(GROUPS))
            await data.fill_journal(database["journal"], given, published=True)
            past = data.commits(events, events // A_STREAM, FAR, data.opened_and_registered)
            await data.fill_journal(database["journal"], past, published=True)
        return api_of_members(ours, _database(name))

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
