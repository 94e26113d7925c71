"""P10: what rights cost: the work of P1, P3 and P4 on servers that look at who asks, and on servers that do not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial

from deploy.embedded.service import Service
from tests.bench import catching_up, data
from tests.bench.catching_up import Load
from tests.bench.guarded import guarded_servers
from tests.bench.measured import Claim, Figures, Place, latencies
from tests.bench.row import PRODUCT, Row, Side
from tests.bench.rows.p3_commands import CLIENTS, api_of_members, driven, open_groups
from tests.bench.rows.p4_relay import from_journal
from tests.bench.servers import Servers, running, servers, settled

OPEN = "without rights"
CAUGHT_UP, ACCEPTED, P50, RELAYED = "caught up events/s", "commands/s", "p50 ms", "relayed events/s"
DATABASE = "p10-members"


BOTH = (
    "The product {} in one run on two pairs of servers. On one of them it logs in to Kafka (SCRAM-SHA-512) and to "
    "MongoDB (SCRAM-SHA-256), and both look up what it may do; on the other everybody may do everything."
)


class WithRights(Row):
    id = "P10"
    title = "What rights cost"
    about = BOTH.format("as in P1 (a worker catches up) and P3 (commands over HTTP)")
    claims = (
        Claim("catching up, beside none", Place(PRODUCT, CAUGHT_UP), Place(OPEN, CAUGHT_UP), "at least", 0.95),
        Claim("64 clients, beside none", Place(PRODUCT, ACCEPTED), Place(OPEN, ACCEPTED), "at least", 0.95),
        Claim("p50 of a command, beside none", Place(PRODUCT, P50), Place(OPEN, P50), "at most", 1 / 0.95),
    )

    @asynccontextmanager
    async def prepared(self) -> AsyncIterator[Mapping[str, Side]]:
        async with (
            guarded_servers(self.folder / "guarded") as guarded,
            servers(self.folder / "open") as open_to_all,
            self._filled(guarded) as one,
            self._filled(open_to_all) as other,
        ):
            await settled(guarded)
            await settled(open_to_all)
            yield {PRODUCT: partial(self._all, guarded, one), OPEN: partial(self._all, open_to_all, other)}

    @asynccontextmanager
    async def _filled(self, ours: Servers) -> AsyncIterator[Service]:
        await data.fill_topic(ours.bootstrap, self._load.events, self._load.streams)
        await open_groups(ours, DATABASE)
        async with running(api_of_members(ours, DATABASE)) as members:
            yield members

    @property
    def _load(self) -> Load:
        return Load(self.size.events, min(self.size.streams, self.size.events // 10))

    async def _all(self, ours: Servers, members: Service, name: str) -> Figures:
        caught_up = dict(await catching_up.product(ours, self._load, name))
        one = await driven(ours, members, f"{name}-one", 1, self.size.part(1_000, 200))
        many = await driven(ours, members, f"{name}-many", CLIENTS, self.size.part(10_000, 1_000))
        return {
            CAUGHT_UP: caught_up.pop("events/s"),
            **caught_up,
            P50: latencies(one["took"])[P50],
            ACCEPTED: len(many["took"]) / many["seconds"],
        }


class RelayWithRights(Row):
    """A row of its own: what it publishes lies behind what P10 catches up with, and would be read there, too."""

    id = "P10-relay"
    title = "What rights cost the relay"
    about = BOTH.format("as in P4")
    claims = (Claim("relay, beside none", Place(PRODUCT, RELAYED), Place(OPEN, RELAYED), "at least", 0.95),)

    @asynccontextmanager
    async def prepared(self) -> AsyncIterator[Mapping[str, Side]]:
        async with guarded_servers(self.folder / "guarded") as guarded, servers(self.folder / "open") as open_to_all:
            yield {PRODUCT: partial(self._relay, guarded), OPEN: partial(self._relay, open_to_all)}

    async def _relay(self, ours: Servers, name: str) -> Figures:
        return {RELAYED: self.size.events / await from_journal(ours, name, self.size)}
