"""P5: from a command to another service's projection, at a steady rate."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypedDict

import orjson

from deploy.embedded.service import Service, ServiceDescription
from deploy.embedded.tokens import read_tokens
from shared.runtime.commands.journal import Journal
from shared.runtime.mongo.driver import Database, connect
from tests.bench import bare, data
from tests.bench.child import run_side
from tests.bench.load import Client, request
from tests.bench.measured import Claim, Figures, Place, latencies, milliseconds, quantile
from tests.bench.row import PRODUCT, Row, Side
from tests.bench.servers import Servers, running, servers
from tests.bench.waiting import until

PARTS = "parts"
P50, P99, SUM = "p50 ms", "p99 ms", "sum of medians ms"
A_SECOND = 50
SECONDS_OF_ALL_ROUNDS = 60
CLIENTS = 16
SEEN_WITHIN = 30.0


class IntoAnotherView(Row):
    id = "P5"
    title = "From a command to another service's view"
    about = (
        "50 commands a second for 60 seconds in all rounds together: EstablishWorkingGroup at members, into the view "
        "of working groups at meetings; both services as `kpk up` runs them. The clock starts when the request is "
        "written and ends when a client of the database is told of the document by its change stream. The "
        "parts, at the same rate and without ours: one journal insert, one record from producer to consumer, one "
        "insert of a document."
    )
    claims = (
        Claim("99 of 100 within, in ms", Place(PRODUCT, P99), None, "at most", 50.0),
        Claim("p50 beside the parts' sum", Place(PRODUCT, P50), Place(PARTS, SUM), "at most", None),
    )

    @property
    def seconds(self) -> float:
        return (10 if self.size.quick else SECONDS_OF_ALL_ROUNDS) / self.size.rounds

    @asynccontextmanager
    async def prepared(self) -> AsyncIterator[Mapping[str, Side]]:
        async with servers(self.folder) as ours:
            async with ours.database("kpk_members") as database:
                await data.fill_journal(database["journal"], data.established(), published=False)
            members, meetings = _service(ours, "members"), _service(ours, "meetings")
            async with running(members), running(meetings):
                await self._product(ours, members, "warm-up")
                self.result.samples.clear()
                yield {PRODUCT: partial(self._product, ours, members), PARTS: partial(self._parts, ours)}

    async def _product(self, ours: Servers, members: Service, name: str) -> Figures:
        given = {
            "port": members.port,
            "token": read_tokens(ours.folder)["office"],
            "uri": ours.uri,
            "salt": name,
            "seconds": self.seconds,
        }
        told = await run_side(f"{__name__}:product_side", ours.folder / f"{name}.log", **given)
        self._keep("seen in the other view", told["seen"])
        self._keep("accepted", told["accepted"])
        accepted = latencies(told["accepted"])
        return {**latencies(told["seen"]), "accepted p50 ms": accepted[P50], "accepted p99 ms": accepted[P99]}

    async def _parts(self, ours: Servers, name: str) -> Figures:
        given = {
            "bootstrap": ours.bootstrap,
            "uri": ours.uri,
            "name": name,
            "number": max(20, int(self.seconds * A_SECOND / 3)),
        }
        told = await run_side(f"{__name__}:parts_side", ours.folder / f"{name}.log", **given)
        medians = {f"{part} p50 ms": quantile(took, 0.5) * 1000 for part, took in told.items()}
        return {**medians, SUM: sum(medians.values())}

    def _keep(self, name: str, seconds: list[float]) -> None:
        self.result.samples.setdefault(name, []).extend(milliseconds(seconds))


def _service(ours: Servers, name: str) -> Service:
    return Service(ServiceDescription(name), ours.settings, ours.folder / f"{name}.log")


class Told(TypedDict):
    """Seconds of each command until its answer, and until its document."""

    accepted: list[float]
    seen: list[float]


async def product_side(port: int, token: str, uri: str, salt: str, seconds: float) -> Told:
    session = connect(uri, "kpk_meetings")
    try:
        return await _steadily(port, token, session.database, salt, int(seconds * A_SECOND))
    finally:
        await session.close()


async def _steadily(port: int, token: str, database: Database, salt: str, commands: int) -> Told:
    """Each command at its moment, whatever became of those before it."""
    seen: dict[str, float] = {}
    ready = asyncio.Event()

    def observe(document: dict[str, Any]) -> None:
        seen[document["working_group"]] = time.perf_counter()

    watching = asyncio.create_task(bare.watch_inserts(database["view_working_groups"], ready, observe))
    await ready.wait()
    free = deque([await Client.connected(port) for _ in range(CLIENTS)])
    sent: dict[str, float] = {}
    asked = []
    began = time.perf_counter()
    for number in range(commands):
        await asyncio.sleep(max(0.0, began + number / A_SECOND - time.perf_counter()))
        group = f"{salt}-{number}"
        sent[group] = time.perf_counter()
        asked.append(asyncio.create_task(_establish(free, port, token, group)))
    accepted = list(await asyncio.gather(*asked))

    async def all_seen() -> bool:
        return sent.keys() <= seen.keys()

    await until(all_seen, within=SEEN_WITHIN)
    watching.cancel()
    return {"accepted": accepted, "seen": [seen[group] - sent[group] for group in sent]}


async def _establish(free: deque[Client], port: int, token: str, group: str) -> float:
    """A client that is free, or one more: no command waits for another's answer."""
    client = free.popleft() if free else await Client.connected(port)
    body = {
        "conference": data.CONFERENCE,
        "working_group": group,
        "name": "Arbeitsgruppe Pflege und Gesundheit im Quartier",
        "topics": ["Kurzzeitpflege", "Übergang vom Krankenhaus nach Hause", "Beratung pflegender Angehöriger"],
    }
    took = await client.ask(request(port, token, "EstablishWorkingGroup", group, orjson.dumps(body)))
    free.append(client)
    return took


async def parts_side(bootstrap: str, uri: str, name: str, number: int) -> dict[str, list[float]]:
    session, pause = connect(uri, name), 1 / A_SECOND
    try:
        journal = session.database["journal"]
        await Journal(journal).prepare()
        commits, records = data.documents(number, number), list(data.records(number, number))
        documents = [{"_id": commit["_id"], "name": data.NAME, "topics": ["Kurzzeitpflege"]} for commit in commits]
        return {
            "journal insert": await bare.insert(journal, commits, pause),
            "record through Kafka": await bare.round_trips(bootstrap, records, pause),
            "document insert": await bare.insert(session.database["documents"], documents, pause),
        }
    finally:
        await session.close()
