"""A compacted topic forgets within a bound of time, also in a city where nobody does anything any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.embedded.kafka import Kafka
from deploy.embedded.mongod import Mongod
from services.members.people import People
from services.notifications.contacts import Contacts
from shared.contracts.people import PersonDetails
from shared.contracts.topics import GONE_WITHIN, HOUR, MARKED_EVERY, PEOPLE
from shared.runtime.commands.execute import Request
from shared.runtime.delivery import renewal
from shared.runtime.delivery.bookmarks import BOOKMARKS, Bookmarks
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.kafka.topics import apply_topics
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import Database
from shared.runtime.process import Process
from shared.runtime.publishing import relay, state_topics
from shared.runtime.publishing.publisher import KafkaPublisher
from shared.runtime.publishing.relay import Relay
from tests.kit.eventually import eventually
from tests.kit.servers import running
from tests.kit.when import CONFERENCE, NOW, person
from tests.shared.small_service import Place, working

pytestmark = [pytest.mark.infra, pytest.mark.timeout(240)]

SHORT = {
    "max.compaction.lag.ms": "1000",
    "segment.ms": "1000",
    "delete.retention.ms": "1000",
    "file.delete.delay.ms": "0",
}
EVERYBODY = [person(number) for number in range(40)]


@pytest.fixture(scope="module")
def quick_kafka(own_folder: Path) -> Iterator[Kafka]:
    """Whose topic of people has the declared settings with short times."""
    broker = Kafka(own_folder, settings={"log.cleaner.backoff.ms": "200"})
    with running(broker):
        asyncio.run(apply_topics(broker.access, [replace(PEOPLE, config={**PEOPLE.config, **SHORT})]))
        yield broker


@pytest.fixture
async def people(database: Database, monkeypatch: pytest.MonkeyPatch) -> People:
    monkeypatch.setattr(state_topics, "MARKED_EVERY", 500)
    monkeypatch.setattr(relay, "POLL_SECONDS", 0.1)
    people = People(database["people"])
    await people.prepare()
    return people


async def recorded(people: People, who: str, name: str) -> None:
    told = PersonDetails(name=name, salutation="Guten Tag", email=None, postal_address=None)
    await people.record(CONFERENCE, who, told, NOW, Request(f"office:{who}"))


@asynccontextmanager
async def published(people: People, kafka: Kafka) -> AsyncIterator[None]:
    """By a relay and a loop of markers, as in the owner's process."""
    publisher = KafkaPublisher(kafka.access)
    await publisher.connect()
    relaying = Relay(people, publisher, Nudge(), lambda: publisher.connected)
    loops = [asyncio.create_task(loop) for loop in (relaying.run(), people.keep_marking())]
    try:
        yield
    finally:
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        await publisher.close()


async def everything(kafka: Kafka) -> list[KafkaRecord]:
    return [record async for batch in read_to_end(kafka.access, [PEOPLE.name]) for record in batch]


async def without(kafka: Kafka, people: Iterable[str]) -> bool:
    keys = {record.key for record in await everything(kafka)}
    return keys.isdisjoint(who.encode() for who in people)


def test_the_times_that_are_declared_keep_the_bound() -> None:
    ms = {name: int(PEOPLE.config[f"{name}.ms"]) for name in ("segment", "max.compaction.lag", "file.delete.delay")}
    closed = min(ms["segment"], ms["max.compaction.lag"]) + MARKED_EVERY
    assert max(closed, ms["max.compaction.lag"]) + ms["file.delete.delay"] + HOUR <= GONE_WITHIN


async def test_what_was_erased_leaves_the_broker_although_nobody_writes_any_more(
    quick_kafka: Kafka, people: People
) -> None:
    """In every partition, from its files too, nulls in the end as well; who is not erased is still told of."""
    for number, who in enumerate(EVERYBODY):
        await recorded(people, who, f"Trace {number}")
    async with published(people, quick_kafka):
        await eventually(lambda: len(traces(quick_kafka)) == len(EVERYBODY), "everybody is told of", 30)
        for who in EVERYBODY[1:]:
            await people.erase(CONFERENCE, who, NOW)
        await eventually(lambda: traces(quick_kafka) == {b"Trace 0"}, "the files tell of one", 90)
        await eventually(lambda: without(quick_kafka, EVERYBODY[1:]), "nulls are gone too", 90)
    partitions = {record.partition for record in await everything(quick_kafka)}
    assert len(partitions) == PEOPLE.partitions


async def test_a_reader_that_comes_back_after_nulls_are_gone_forgets_who_was_erased(
    quick_kafka: Kafka, mongod: Mongod, people: People, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    eva, paul = person(101), person(102)
    place, contacts = Place(mongod.uri, quick_kafka.bootstrap, database), Contacts(database["contacts"])

    def reader() -> Process:
        return place.process(hears=(PEOPLE,), copies={PEOPLE.name: contacts})

    async def told_of() -> set[str]:
        return {eva, paul} & set(await contacts.told_of())

    async def only_paul_is() -> bool:
        return await told_of() == {paul}

    async def has_read_everything() -> bool:
        return await told_of() == {eva, paul} and len(await Bookmarks(database[BOOKMARKS]).read()) == PEOPLE.partitions

    async with published(people, quick_kafka):
        await recorded(people, eva, "Trace 101")
        await recorded(people, paul, "Trace 102")
        async with working(reader()):
            await eventually(has_read_everything, "both are known", 60)
        await people.erase(CONFERENCE, eva, NOW)
        await eventually(lambda: without(quick_kafka, [eva]), "her null has come and gone", 90)
        monkeypatch.setattr(renewal, "AWAY_TOO_LONG", 1000)
        async with working(reader()):
            await eventually(only_paul_is, "she is forgotten", 60)


def traces(kafka: Kafka) -> set[bytes]:
    files = [file.read_bytes() for file in (kafka.folder / "data").glob(f"{PEOPLE.name}-*/*.log*")]
    names = [b"Trace %d" % number for number in range(len(EVERYBODY))]
    return {name for name in names if any(name + b'"' in file for file in files)}
