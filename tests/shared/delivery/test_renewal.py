"""Who was erased while a reader was away for longer than nulls are kept is forgotten, and nobody else."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from deploy.embedded.kafka import Kafka
from services.notifications.contacts import Contacts
from shared.contracts.people import PERSON_DETAILS, PersonDetails
from shared.contracts.registry import STATES
from shared.contracts.spoken import SPEAKERS
from shared.contracts.topics import DAY, PEOPLE, Topic
from shared.runtime.delivery import renewal
from shared.runtime.delivery.bookmarks import BOOKMARKS, Bookmarks
from shared.runtime.delivery.parked import QUARANTINE, Parked, ParkedRow
from shared.runtime.delivery.renewal import AWAY_TOO_LONG, AnotherTopic, Renewal
from shared.runtime.history.gate import HistoriesDiffer
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.record import KafkaRecord, KeptRecord
from shared.runtime.kafka.topics import apply_topics
from shared.runtime.mongo.driver import Database
from shared.runtime.publishing.state_topics import StateTopic
from tests.kit.gate import Open
from tests.kit.when import CONFERENCE, NOW, person

pytestmark = pytest.mark.infra

EVA, PAUL, OLGA = person(1), person(2), person(3)
DETAILS = PersonDetails(name="Eva", salutation="Guten Tag", email="eva@example.org", postal_address=None)
LONG, SHORT = AWAY_TOO_LONG + DAY, AWAY_TOO_LONG - DAY


class Reader:
    """Of people who are told of on a topic of one partition.

    Unlike the true one it keeps the times that its records are given, and lets its beginning be deleted.
    """

    def __init__(self, kafka: Kafka, database: Database, topic: Topic) -> None:
        self.kafka, self.database, self.topic = kafka, database, topic
        self.gate, self.contacts, self.parked = Open(), Contacts(database["contacts"]), Parked(database)
        self.bookmarks = Bookmarks(database[BOOKMARKS])
        self.renewal = Renewal(self.kafka.access, {topic.name: self.contacts}, self.bookmarks, self.parked, self.gate)

    async def is_told(self, who: str, version: int, ms_ago: int = 0) -> None:
        told = {"_id": who, "version": version, "conference": CONFERENCE, "at": NOW, "caused_by": None}
        said = StateTopic(self.database["people"], replace(PERSON_DETAILS, topic=self.topic))._outgoing(
            {**told, "details": DETAILS.model_dump(mode="json")}
        )
        async with AIOKafkaProducer(bootstrap_servers=self.kafka.bootstrap) as producer:
            await producer.send_and_wait(
                said.topic, said.value, said.key, headers=list(said.headers), timestamp_ms=now() - ms_ago
            )

    async def left(self, ms_ago: int) -> None:
        """It had read one record then, and nothing since."""
        await self.bookmarks.note({(self.topic.name, 0): 1}, {(self.topic.name, 0): now() - ms_ago})

    async def comes_back(self) -> None:
        """To what lies behind its bookmark, as a batch."""
        await self.renewal.before((await self.everything())[1:])

    async def everything(self) -> list[KafkaRecord]:
        return [one async for batch in read_to_end(self.kafka.access, [self.topic.name]) for one in batch]

    async def knows(self) -> set[str]:
        return set(await self.contacts.told_of())


def now() -> int:
    return int(time.time() * 1000)


@pytest.fixture
async def reader(kafka: Kafka, database: Database, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Away for long, it knows Eva and Paul. Of Eva nothing is told any more: as if her null had come and gone."""
    times = {"message.timestamp.type": "CreateTime", "cleanup.policy": "compact,delete", "retention.ms": "-1"}
    topic = replace(PEOPLE, name=f"people.{uuid4().hex[:8]}", partitions=1, config={**PEOPLE.config, **times})
    monkeypatch.setitem(STATES, topic.name, PERSON_DETAILS)
    monkeypatch.setitem(SPEAKERS, topic.name, SPEAKERS[PEOPLE.name])
    await apply_topics(kafka.access, [topic])
    reader = Reader(kafka, database, topic)
    await reader.is_told(PAUL, 1, LONG)
    await reader.contacts.hear([(EVA, 1, DETAILS), (PAUL, 1, DETAILS)])
    await reader.left(LONG)
    await reader.is_told(OLGA, 1)
    return reader


async def test_who_was_erased_while_it_was_away_is_forgotten(reader: Reader) -> None:
    await reader.comes_back()
    assert await reader.knows() == {PAUL, OLGA}


async def test_who_was_away_for_less_reads_on(reader: Reader) -> None:
    await reader.left(SHORT)
    await reader.comes_back()
    assert await reader.knows() == {EVA, PAUL}


async def test_a_bookmark_that_tells_no_time_may_be_of_any_age(reader: Reader) -> None:
    await reader.database[BOOKMARKS].update_many({}, {"$unset": {"appended": 1}})
    await reader.comes_back()
    assert await reader.knows() == {PAUL, OLGA}


async def test_who_begins_anew_forgets_nothing(reader: Reader) -> None:
    """After ``kpk republish`` the topic is still being filled."""
    await reader.bookmarks.forget([reader.topic.name])
    await reader.comes_back()
    assert await reader.knows() == {EVA, PAUL}


async def test_behind_a_closed_gate_nothing_is_forgotten(reader: Reader) -> None:
    reader.gate.closed = True
    with pytest.raises(HistoriesDiffer):
        await reader.comes_back()
    assert await reader.knows() == {EVA, PAUL}


async def test_when_the_gate_closes_while_it_reads_nothing_is_forgotten(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def closing(*where: Any) -> AsyncIterator[list[KafkaRecord]]:
        reader.gate.closed = True
        async for batch in read_to_end(*where):
            yield batch

    monkeypatch.setattr(renewal, "read_to_end", closing)
    with pytest.raises(HistoriesDiffer):
        await reader.comes_back()
    assert EVA in await reader.knows()


async def test_a_topic_that_was_made_anew_is_no_erasure(reader: Reader) -> None:
    """What lies before the bookmark was appended after it was noted."""
    await reader.left(ms_ago=LONG)
    await reader.database[BOOKMARKS].update_many({}, {"$set": {"next": 2}})
    with pytest.raises(AnotherTopic):
        await reader.comes_back()
    assert EVA in await reader.knows()


async def test_a_topic_that_lost_its_beginning_is_no_erasure(reader: Reader) -> None:
    batch = (await reader.everything())[1:]
    admin = AIOKafkaAdminClient(bootstrap_servers=reader.kafka.bootstrap)
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(reader.topic.name, 0): RecordsToDelete(before_offset=1)})
    finally:
        await admin.close()
    with pytest.raises(AnotherTopic):
        await reader.renewal.before(batch)
    assert {EVA, PAUL} <= await reader.knows()


async def test_what_arrives_while_it_reads_is_not_forgotten(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    async def telling(*where: Any) -> AsyncIterator[list[KafkaRecord]]:
        async for batch in read_to_end(*where):
            yield batch
        await reader.contacts.hear([(EVA, 2, DETAILS)])

    monkeypatch.setattr(renewal, "read_to_end", telling)
    await reader.comes_back()
    assert await reader.knows() == {EVA, PAUL, OLGA}


async def test_it_is_done_once_and_not_with_every_batch(reader: Reader) -> None:
    await reader.comes_back()
    await reader.contacts.hear([(EVA, 1, DETAILS)])
    await reader.comes_back()
    assert EVA in await reader.knows()


async def test_what_is_parked_of_her_is_forgotten_too(reader: Reader) -> None:
    records = [KeptRecord(reader.topic.name, 0, at, who.encode(), b"{", []) for at, who in enumerate((EVA, PAUL))]
    await reader.parked.keep([ParkedRow(QUARANTINE, "data", record) for record in records])
    await reader.comes_back()
    assert [row.record.key for row in await rows(reader)] == [PAUL.encode()]


async def rows(reader: Reader) -> Sequence[ParkedRow]:
    found = [await reader.parked.get(row["_id"]) for row in await reader.parked.overview()]
    return [row for row in found if row]
