"""P4: a full journal reaches Kafka."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from services.members.service import SERVICE
from shared.runtime.commands.journal import Journal
from shared.runtime.history.drift import BEGINNINGS
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import connect
from shared.runtime.publishing.public import FILLED, PublicLayer
from shared.runtime.publishing.publisher import KafkaPublisher
from shared.runtime.publishing.relay import JournalOutbox, Relay
from tests.bench import bare, data, debezium
from tests.bench.child import run_side
from tests.bench.connect_jars import Jars
from tests.bench.measured import Claim, Figures, Place
from tests.bench.row import PRODUCT, Row, Side, Size
from tests.bench.servers import Servers, servers, settled

BARE, DEBEZIUM = "bare producer", "Debezium"
RATE = "events/s"
JOURNAL = "journal"


class FromJournal(Row):
    id = "P4"
    title = "Relay from a full journal to Kafka"
    about = (
        "The service's relay reads unpublished commits with majority read concern, publishes them in order through "
        "an idempotent producer and marks them published after the acknowledgement; what follows from them in public "
        "is published too. Its public topics have what was said before, as those of every service that has run once. "
        "The bare producer sends the same records, which it has in memory: idempotent, acks=all, 5,000 under way, "
        "batches of 256 KB as the product's. It reads and marks nothing. "
        "Debezium's MongoDB connector with its outbox router runs in a warmed Kafka Connect and reads the same events "
        "from a change stream, each in a document of its own, as the router wants it; the records are the same. It "
        "publishes at least once, and nothing in public."
    )
    claims = (
        Claim("beside the bare producer", Place(PRODUCT, RATE), Place(BARE, RATE), "at least", 0.5),
        Claim("beside Debezium", Place(PRODUCT, RATE), Place(DEBEZIUM, RATE), "at least", 1.5),
    )

    @asynccontextmanager
    async def prepared(self) -> AsyncIterator[Mapping[str, Side]]:
        async with servers(self.folder) as ours:
            sides: dict[str, Side] = {PRODUCT: partial(self._product, ours), BARE: partial(self._bare, ours)}
            if not self.size.quick:
                with self.absent(DEBEZIUM):
                    sides[DEBEZIUM] = partial(self._debezium, ours, debezium.jars())
            yield sides

    async def _product(self, ours: Servers, name: str) -> Figures:
        return {RATE: self.size.events / await from_journal(ours, name, self.size)}

    async def _bare(self, ours: Servers, name: str) -> Figures:
        given = {"bootstrap": ours.bootstrap, "events": self.size.events, "streams": self.size.streams}
        seconds = await run_side(f"{__name__}:bare_side", ours.folder / f"{name}.log", **given)
        return {RATE: self.size.events / seconds}

    async def _debezium(self, ours: Servers, jars: Jars, name: str) -> Figures:
        return {RATE: self.size.events / await debezium.delivered(ours, self.size, jars, name)}


async def from_journal(ours: Servers, name: str, size: Size) -> float:
    """Seconds for a full journal."""
    async with ours.database(name) as database:
        await data.fill_journal(database[JOURNAL], data.commits(size.events, size.streams), published=False)
        if not size.quick:
            await settled(ours)
        seconds = await relayed(ours, name)
        await must_be_published(Journal(database[JOURNAL]))
        await database.client.drop_database(name)
    return seconds


class NotPublished(Exception):
    """The relay ended while commits were waiting."""


async def must_be_published(journal: Journal) -> None:
    waiting, _ = await journal.backlog()
    if waiting:
        raise NotPublished(f"{waiting} commits are not marked as published")


async def relayed(ours: Servers, name: str) -> float:
    """Seconds until nothing in this database's journal waits any more, by a relay in a process of its own."""
    given = {"kafka": ours.kafka_login, "uri": ours.uri, "name": name}
    seconds: float = await run_side(f"{__name__}:product_side", ours.folder / f"{name}.log", **given)
    return seconds


async def product_side(kafka: dict[str, Any], uri: str, name: str) -> float:
    files = {key: Path(value) for key, value in kafka.items() if key.endswith("_file")}
    session, publisher = connect(uri, name), KafkaPublisher(KafkaAccess(**{**kafka, **files}))
    journal = Journal(session.database[JOURNAL])
    public = PublicLayer(SERVICE, journal, session.database[BEGINNINGS])
    relay = Relay(JournalOutbox(journal, SERVICE.name, public), publisher, Nudge())
    try:
        await publisher.connect()
        await public.published([FILLED])  # else it reads the whole journal once more, as it does once for all time
        began = monotonic()
        if not await relay.round():
            raise NotPublished("kafka refused a batch")
        return monotonic() - began
    finally:
        await publisher.close()
        await session.close()


async def bare_side(bootstrap: str, events: int, streams: int) -> float:
    return (await bare.produce(bootstrap, list(data.records(events, streams)))).seconds
