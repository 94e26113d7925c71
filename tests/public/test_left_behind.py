"""A worker dies after the broker has taken its word and before it looks back: nothing older is the last for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from deploy.embedded.kafka import Kafka
from services.members.service import SERVICE
from shared.contracts.topics import state_of
from shared.runtime.commands.journal import Journal
from shared.runtime.history.drift import BEGINNINGS
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.topics import apply_topics
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import Database
from shared.runtime.publishing.left_behind import LeftBehind
from shared.runtime.publishing.public import PublicLayer
from shared.runtime.publishing.publisher import KafkaPublisher
from shared.runtime.publishing.relay import JournalOutbox, Pending, Relay
from tests.public.test_layer import append, chained, new_stream

pytestmark = pytest.mark.infra

TOPIC = state_of("members")


class Worker:
    """As one is when it begins: it remembers nothing."""

    def __init__(self, kafka: Kafka, database: Database, publisher: KafkaPublisher) -> None:
        self.journal = Journal(database["journal"])
        public = PublicLayer(SERVICE, self.journal, database[BEGINNINGS])
        self.outbox = JournalOutbox(self.journal, "members", public)
        self.relay = Relay(self.outbox, publisher, Nudge())
        self._left_behind = LeftBehind(kafka.access, TOPIC, public, asyncio.Event())

    async def look(self) -> bool:
        return await self._left_behind.look()

    async def reads(self) -> list[Pending]:
        async with aclosing(self.outbox.pending(100)) as batches:
            return await anext(batches)


@pytest.fixture
async def publisher(kafka: Kafka) -> AsyncIterator[KafkaPublisher]:
    await apply_topics(kafka.access)
    publisher = KafkaPublisher(kafka.access)
    try:
        await publisher.connect()
        yield publisher
    finally:
        await publisher.close()


async def numbers(kafka: Kafka, stream: str) -> list[int]:
    records = [one async for batch in read_to_end(kafka.access, [TOPIC.name]) for one in batch]
    mine = [dict(one.headers) for one in records if one.key == stream.encode()]
    return [int(one["ce_sequence"] or b"") for one in mine]


async def test_an_older_state_that_a_dying_worker_said_last_is_overtaken_again(
    kafka: Kafka, database: Database, publisher: KafkaPublisher
) -> None:
    dying, other = (Worker(kafka, database, publisher) for _ in range(2))
    await dying.journal.prepare()
    assert await other.relay.round()
    commits = chained(new_stream())
    await append(dying.journal, commits[0])
    [first] = await dying.reads()
    await append(other.journal, *commits[1:])
    assert await other.relay.round()
    assert all(await publisher.publish(first.records)), "and it looks back no more"
    assert (await numbers(kafka, commits[0].stream))[-2:] == [5, 1], "the older one came behind"

    begun = Worker(kafka, database, publisher)
    assert await begun.look()
    assert await begun.relay.round()
    told = await numbers(kafka, commits[0].stream)
    assert told[-1] == 5
    assert await begun.look() and await begun.relay.round()
    assert await numbers(kafka, commits[0].stream) == told, "and that is all"


async def test_a_topic_that_is_still_filled_is_looked_at_later(
    kafka: Kafka, database: Database, publisher: KafkaPublisher
) -> None:
    worker = Worker(kafka, database, publisher)
    await worker.journal.prepare()
    assert not await worker.look()
    assert await worker.relay.round()
    assert await worker.look()
