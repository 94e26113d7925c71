"""P3: a command is accepted over HTTP: validated, decided and majority-durable."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from itertools import chain

from deploy.embedded.service import Service, ServiceDescription
from deploy.embedded.tokens import read_tokens
from shared.runtime.commands.journal import Journal
from shared.runtime.mongo.driver import connect
from tests.bench import bare, data, load
from tests.bench.child import run_side
from tests.bench.measured import Claim, Figures, Place, latencies, milliseconds
from tests.bench.row import PRODUCT, Row, Side
from tests.bench.servers import Servers, running, servers

INSERT, ROUTE = "bare insert", "empty route"
P50, P99, RATE = "p50 ms", "p99 ms", "commands/s"
CLIENTS = 64
GROUPS = 2_000


class CommandsAccepted(Row):
    id = "P3"
    title = "Commands accepted over HTTP"
    about = (
        "POST /commands/RegisterOrganisation at the members service's API process: token, strict JSON, validation, "
        "the decision, one insert (w=majority, j=true; those of clients that come at the same time go together), log "
        "line. One client for the latency, 64 for the throughput. The bare insert writes the same commit into a "
        "journal with the same indexes, without HTTP; the empty route is that insert, grouped alike, behind FastAPI "
        "and uvicorn, reading no body and checking nobody."
    )
    claims = (
        Claim("p50 beside the bare insert", Place(PRODUCT, P50), Place(INSERT, P50), "at most", 1.8),
        Claim("p99 beside the bare insert", Place(PRODUCT, P99), Place(INSERT, P99), "at most", 3.0),
        Claim("64 clients, beside the empty route", Place(PRODUCT, RATE), Place(ROUTE, RATE), "at least", 0.4),
        Claim("p50 beside the empty route", Place(PRODUCT, P50), Place(ROUTE, P50), "at most", None),
    )

    @asynccontextmanager
    async def prepared(self) -> AsyncIterator[Mapping[str, Side]]:
        async with servers(self.folder) as ours:
            await open_groups(ours, "p3-members")
            members = api_of_members(ours, "p3-members")
            route = Service(
                ServiceDescription(ROUTE, [sys.executable, "-m", "tests.bench.empty_route"]),
                {"KPK_MONGO_URI": ours.uri, "KPK_MONGO_DATABASE": "p3-route"},
                ours.folder / "empty-route.log",
            )
            async with running(members), running(route):
                yield {
                    PRODUCT: partial(self._over_http, ours, members),
                    INSERT: partial(self._bare, ours),
                    ROUTE: partial(self._over_http, ours, route),
                }

    async def _over_http(self, ours: Servers, service: Service, name: str) -> Figures:
        one = await driven(ours, service, f"{name}-one", 1, self.size.part(1_000, 200))
        many = await driven(ours, service, f"{name}-many", CLIENTS, self.size.part(10_000, 1_000))
        self.result.samples.setdefault(service.name, []).extend(milliseconds(one["took"]))
        return {**latencies(one["took"]), RATE: len(many["took"]) / many["seconds"]}

    async def _bare(self, ours: Servers, name: str) -> Figures:
        given = {"uri": ours.uri, "name": name, "number": self.size.part(1_000, 200)}
        took = await run_side(f"{__name__}:bare_side", ours.folder / f"{name}.log", **given)
        self.result.samples.setdefault(INSERT, []).extend(milliseconds(took))
        return latencies(took)


async def open_groups(ours: Servers, name: str) -> None:
    """In the journal of this database: whom organisations can register for."""
    async with ours.database(name) as database:
        given = chain(data.established(), data.opened_groups(GROUPS))
        await data.fill_journal(database["journal"], given, published=True)


def api_of_members(ours: Servers, database: str) -> Service:
    """The real process as it is deployed: the API alone, beside which a worker process would run."""
    settings = {**ours.settings, "KPK_MONGO_DATABASE": database}
    command = [sys.executable, "-m", "services.members", "api"]
    return Service(ServiceDescription("members", command), settings, ours.folder / f"{database}.log")


async def driven(ours: Servers, service: Service, salt: str, clients: int, commands: int) -> load.Driven:
    """By a process of its own."""
    given = {
        "port": service.port,
        "token": read_tokens(ours.folder)["office"],
        "groups": GROUPS,
        "salt": salt,
        "clients": clients,
        "commands": commands,
    }
    told: load.Driven = await run_side("tests.bench.load:drive", ours.folder / f"{salt}.log", **given)
    return told


async def bare_side(uri: str, name: str, number: int) -> list[float]:
    session = connect(uri, name)
    try:
        journal = session.database["journal"]
        await Journal(journal).prepare()
        return await bare.insert(journal, data.documents(number, GROUPS))
    finally:
        await session.close()
