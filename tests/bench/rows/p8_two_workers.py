"""P8: two worker processes of one service catch up together."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial

from tests.bench import catching_up, connect, data
from tests.bench.catching_up import Load
from tests.bench.measured import Claim, Place
from tests.bench.row import Row, Side
from tests.bench.servers import servers, settled

ONE, TWO, CONNECT = "one worker", "two workers", "Kafka Connect with two tasks"
RATE = "events/s"


class TwoWorkers(Row):
    id = "P8"
    title = "Two workers instead of one"
    about = (
        "The work of P1, done by one process and by two processes of the same service that share the partitions; "
        "beside them Kafka Connect as in P1, with two tasks in one warm JVM. Where Kafka, mongod and two workers have "
        "fewer than four cores between them, the cores are the limit and not the design: the core seconds that each "
        "used stand beside the rates."
    )
    claims = (
        Claim("beside one worker", Place(TWO, RATE), Place(ONE, RATE), "at least", 1.7),
        Claim("beside Kafka Connect with two tasks", Place(TWO, RATE), Place(CONNECT, RATE), "at least", 1.3),
    )

    @asynccontextmanager
    async def prepared(self) -> AsyncIterator[Mapping[str, Side]]:
        load = Load(self.size.events, min(self.size.streams, self.size.events // 10))
        cores = len(os.sched_getaffinity(0))
        if cores < 4:
            self.result.notes.append(f"Four processes shared {cores} cores: the target cannot be judged here.")
        async with servers(self.folder) as ours:
            await data.fill_topic(ours.bootstrap, load.events, load.streams)
            sides: dict[str, Side] = {
                TWO: partial(catching_up.product, ours, load, workers=2),
                ONE: partial(catching_up.product, ours, load),
            }
            if not self.size.quick:
                with self.absent(CONNECT):
                    sides[CONNECT] = partial(connect.catch_up, ours, load, connect.jars(), tasks=2)
                    await connect.fill_warm_topic(ours, load)
            await settled(ours)
            yield sides
