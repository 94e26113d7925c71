"""P1: a service catches up with a topic into one projection."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial

from tests.bench import catching_up, connect, data
from tests.bench.catching_up import Load
from tests.bench.measured import Claim, Place
from tests.bench.row import PRODUCT, Row, Side
from tests.bench.servers import servers, settled

BARE, PLAIN, CONNECT = "bare loop", "confluent-kafka and pymongo", "Kafka Connect"
RATE = "events/s"


class CatchUp(Row):
    id = "P1"
    title = "Catching up, many events a document"
    about = (
        "A worker process reads a full topic into one projection: typed decoding, sequence check, positions, parking "
        "armed, one write for each document and batch, offsets committed. The bare loop polls up to 5,000 records, "
        "parses the JSON, writes each document once in one bulk write, and commits; the same loop over confluent-kafka "
        "and pymongo stands beside it. Kafka Connect is the MongoDB sink with the best settings found, one task, as "
        "much fetched at once as by the product, its JVM warm; it writes once for each event, checks no sequence and "
        "parks nothing."
    )
    claims = (
        Claim("beside the bare loop", Place(PRODUCT, RATE), Place(BARE, RATE), "at least", 0.4),
        Claim("beside Kafka Connect", Place(PRODUCT, RATE), Place(CONNECT, RATE), "at least", 1.3),
        Claim("beside confluent-kafka and pymongo", Place(PRODUCT, RATE), Place(PLAIN, RATE), "at least", None),
    )

    def load(self) -> Load:
        return Load(self.size.events, min(self.size.streams, self.size.events // 10))

    @asynccontextmanager
    async def prepared(self) -> AsyncIterator[Mapping[str, Side]]:
        load = self.load()
        async with servers(self.folder) as ours:
            await data.fill_topic(ours.bootstrap, load.events, load.streams)
            sides: dict[str, Side] = {
                PRODUCT: partial(catching_up.product, ours, load),
                BARE: partial(catching_up.bare_loop, ours, load),
            }
            if not self.size.quick:
                sides[PLAIN] = partial(catching_up.plain_loop, ours, load)
                with self.absent(CONNECT):
                    sides[CONNECT] = partial(connect.catch_up, ours, load, connect.jars())
                    await connect.fill_warm_topic(ours, load)
            if not self.size.quick:
                await settled(ours)
            yield sides
