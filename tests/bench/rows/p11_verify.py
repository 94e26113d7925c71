"""P11: a million events are read from the first: to verify a service, and to build a projection anew."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from deploy.embedded.process import identity, resident_bytes
from deploy.embedded.service import Service, ServiceDescription
from services.members.service import SERVICE
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.mongo.driver import connect
from shared.runtime.operating.verification import audit_of
from tests.bench import bare, catching_up, data, rebuilding
from tests.bench.catching_up import Load
from tests.bench.child import run_side
from tests.bench.machine import peak_bytes
from tests.bench.measured import MB, Claim, Figures, Place
from tests.bench.row import Row, Side
from tests.bench.rows.p4_relay import relayed
from tests.bench.servers import Servers, running, servers, settled
from tests.bench.waiting import until

VERIFY, REBUILD, CATCHING_UP = "verify", "rebuild", "catching up"
SECONDS, GROWTH, RATE = "seconds", "resident MB more", "events/s"
A_STREAM = 10
MEMBERS, BENCH = "p11-members", "p11-bench"


class Verify(Row):
    id = "P11"
    title = "A million events, from the first"
    about = (
        "A journal of 1,000,000 commits of the members service (five times --events), ten a stream, all published by "
        "its relay and folded by its worker. Verify: what `kpk verify` does for a service, in a process of its own: "
        "journal, topics and projections are read and compared; it must find nothing. Rebuild: a worker folds a "
        "projection anew from this topic, while its memory is watched. Catching up: as in P1, from the same topic."
    )
    claims = (
        Claim("verify, in seconds", Place(VERIFY, SECONDS), None, "at most", 40.0),
        Claim("memory of verify, in MB", Place(VERIFY, GROWTH), None, "at most", 200.0),
        Claim("rebuild, beside catching up", Place(REBUILD, RATE), Place(CATCHING_UP, RATE), "at least", 1.0),
        Claim("memory of a rebuild, in MB", Place(REBUILD, GROWTH), None, "at most", 50.0),
    )
    most_rounds = 2

    @asynccontextmanager
    async def prepared(self) -> AsyncIterator[Mapping[str, Side]]:
        events = self.size.events * 5
        load = Load(events, events // A_STREAM)
        async with servers(self.folder) as ours:
            await self._written(ours, load)
            await self._folded(ours, load)
            await catching_up.product(ours, load, BENCH)
            await settled(ours)
            yield {
                VERIFY: partial(_verified, ours, load),
                REBUILD: partial(_rebuilt, ours, load),
                CATCHING_UP: partial(catching_up.product, ours, load),
            }

    async def _written(self, ours: Servers, load: Load) -> None:
        self.say(f"P11 writing {load.events:,} events")
        async with ours.database(MEMBERS) as database:
            coming = data.commits(load.events, load.streams, told=data.opened_and_registered)
            await data.fill_journal(database["journal"], coming, published=False)
        self.say("P11 publishing them")
        await relayed(ours, MEMBERS)

    async def _folded(self, ours: Servers, load: Load) -> None:
        self.say("P11 catching up with them")
        command = [sys.executable, "-m", "services.members", "worker"]
        settings = {**ours.settings, "KPK_MONGO_DATABASE": MEMBERS}
        worker = Service(ServiceDescription("members", command), settings, ours.folder / "members.log")
        async with running(worker), bare.watched(ours.bootstrap, SERVICE.name) as group:

            async def all_committed() -> bool:
                return await group.committed() >= load.events

            await until(all_committed, catching_up.SELDOM)


class Differs(Exception):
    """What was verified is not as it should be: a read that was broken off means nothing."""


async def _verified(ours: Servers, load: Load, name: str) -> Figures:
    given = {"bootstrap": ours.bootstrap, "uri": ours.uri, "name": MEMBERS}
    told = await run_side(f"{__name__}:verify_side", ours.folder / f"{name}.log", **given)
    if told["differences"] or told["events"] != load.events:
        raise Differs(f"{told['events']} events; {'; '.join(told['differences'])}")
    return {SECONDS: told[SECONDS], GROWTH: told[GROWTH]}


async def verify_side(bootstrap: str, uri: str, name: str) -> dict[str, Any]:
    session = connect(uri, name, within=60)
    ours = identity(os.getpid())
    assert ours
    before, began = resident_bytes(ours), time.monotonic()
    try:
        audit = await audit_of(KafkaAccess(bootstrap), SERVICE, session.database, lambda _: None)
    finally:
        await session.close()
    seconds = time.monotonic() - began
    told = {SECONDS: seconds, GROWTH: (peak_bytes() - before) / MB}
    return {**told, "events": sum(audit.events.values()), "differences": audit.findings.sentences()}


async def _rebuilt(ours: Servers, load: Load, _: str) -> Figures:
    return await rebuilding.rebuilt(ours, load, BENCH, load.events - load.streams)
