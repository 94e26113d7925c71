"""From journal to topic to projection on the real Kafka: in order, as if exactly once, also over a restart."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import cast
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka import Consumer as ForeignConsumer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions
from faststream.kafka import KafkaRouter

from deploy.embedded.kafka import Kafka
from deploy.embedded.ports import free_port
from shared.contracts.topics import EVENT_TOPICS, events_of
from shared.runtime.commands.journal import Journal
from shared.runtime.delivery import listener as runtime_listener
from shared.runtime.delivery.bookmarks import BOOKMARKS, Bookmarks
from shared.runtime.delivery.listener import Listener
from shared.runtime.delivery.subscription import AT_LEAST_ONCE, Deliver, Records
from shared.runtime.history.gate import Gate
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.kafka.topics import apply_topics
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import Database
from shared.runtime.publishing import relay as runtime_relay
from shared.runtime.publishing.publisher import KafkaPublisher
from shared.runtime.publishing.relay import JournalOutbox, Outgoing, Relay
from tests.kit.eventually import eventually
from tests.kit.gate import Open
from tests.shared.seat_groups import HISTORY, STREAM, Subject, commit, opened, record, registered

pytestmark = pytest.mark.infra

TOPIC = events_of("members").name


@pytest.fixture
async def journal(database: Database, monkeypatch: pytest.MonkeyPatch) -> Journal:
    """Nobody tells the relay of what a test appends here: it looks often."""
    monkeypatch.setattr(runtime_relay, "POLL_SECONDS", 0.1)
    journal = Journal(database["journal"])
    await journal.prepare()
    return journal


@asynccontextmanager
async def relaying(journal: Journal, kafka: KafkaAccess, database: Database) -> AsyncIterator[KafkaPublisher]:
    """A relay behind its gate, running in the background."""
    publisher = KafkaPublisher(kafka)
    gate = Gate(kafka, "relaying", [TOPIC], Bookmarks(database[BOOKMARKS]), publisher)
    relay = Relay(JournalOutbox(journal, "members"), publisher, Nudge(), gate.trusted.is_set)
    tasks = [asyncio.create_task(loop()) for loop in (gate.run, relay.run)]
    try:
        yield publisher
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await publisher.close()


@dataclass
class Listening:
    """A worker's third way, as a service has it."""

    listener: Listener
    subject: Subject
    gate: Open

    async def reached(self, sequence: int, stream: str = STREAM) -> bool:
        return await self.subject.positions.reached(stream, sequence, 0)


@asynccontextmanager
async def delivering(database: Database, kafka: KafkaAccess, group: str) -> AsyncIterator[Listening]:
    def subscribers(deliver: Deliver) -> KafkaRouter:
        router = KafkaRouter()

        @router.subscriber(TOPIC, group_id=group, **AT_LEAST_ONCE)
        async def hear(records: Records) -> None:
            await deliver(records)

        return router

    subject, gate = Subject(database), Open()
    listener = Listener(kafka, [TOPIC], subscribers, subject.delivery, gate)
    task = asyncio.create_task(listener.run())
    try:
        yield Listening(listener, subject, gate)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await listener.stop()


async def published(kafka: Kafka, stream: str) -> list[int]:
    """The stream's sequences as they lie in the topic."""
    found: list[KafkaRecord] = [one async for batch in read_to_end(kafka.access, [TOPIC]) for one in batch]
    mine = [one for one in found if one.key == stream.encode()]
    return [int(dict(one.headers)["ce_sequence"] or b"0") for one in mine]


async def append(journal: Journal, stream: str, *sequences: int) -> None:
    for sequence in sequences:
        await journal.append(commit(sequence, opened() if sequence == 1 else registered(sequence), stream))


async def waiting(journal: Journal) -> int:
    return (await journal.backlog())[0]


def new_stream() -> str:
    return f"stuttgart/seat-group/{uuid4().hex[:12]}"


async def test_commits_reach_the_topic_in_order_and_are_marked(
    kafka: Kafka, journal: Journal, database: Database
) -> None:
    await apply_topics(kafka.access)
    streams = [new_stream() for _ in range(5)]
    for sequence in range(1, 21):
        for stream in streams:
            await append(journal, stream, sequence)
    async with relaying(journal, kafka.access, database):
        await eventually(lambda: _none_waits(journal), "everything is published", 20)
    for stream in streams:
        assert await published(kafka, stream) == list(range(1, 21))


async def _none_waits(journal: Journal) -> bool:
    return await waiting(journal) == 0


async def test_what_was_accepted_while_kafka_was_down_is_published_afterwards(
    own_kafka: Kafka, journal: Journal, database: Database
) -> None:
    await append(journal, STREAM, 1)
    async with relaying(journal, own_kafka.access, database) as publisher:
        await eventually(lambda: _none_waits(journal), "the first commit is published", 20)
        await own_kafka.kill()
        await append(journal, STREAM, 2, 3)
        await eventually(lambda: publisher.unreachable_since, "the relay sees that Kafka is away", 20)
        await append(journal, STREAM, 4)
        assert await waiting(journal) == 3
        await own_kafka.start()
        await eventually(lambda: _none_waits(journal), "the backlog is published", 40)
    sequences = await published(own_kafka, STREAM)
    assert list(dict.fromkeys(sequences)) == [1, 2, 3, 4]


async def test_a_relay_ends_soon_although_kafka_is_down(own_kafka: Kafka, journal: Journal, database: Database) -> None:
    await append(journal, STREAM, 1)
    async with relaying(journal, own_kafka.access, database) as publisher:
        await eventually(lambda: _none_waits(journal), "the first commit is published", 20)
        await own_kafka.kill()
        await append(journal, STREAM, 2)
        await eventually(lambda: publisher.unreachable_since, "a send is pending", 20)
        began = time.monotonic()
    assert time.monotonic() - began < 10, "SIGTERM must not hang: a supervisor would kill us"
    await own_kafka.start()


async def test_a_refused_record_is_not_overtaken_and_the_producer_is_replaced(kafka: Kafka) -> None:
    await apply_topics(kafka.access)
    publisher = KafkaPublisher(kafka.access)
    key = new_stream().encode()
    huge = Outgoing(TOPIC, key, b"x" * 1_100_000, ())
    good = [Outgoing(TOPIC, key, b"{}", (("ce_sequence", b"%d" % n),)) for n in (1, 2)]
    try:
        await publisher.connect()
        assert await publisher.publish([good[0], huge, good[1]]) == [True, False, False]
        assert await publisher.publish([good[1]]) == [False]
        await publisher.connect()
        assert await publisher.publish([good[1]]) == [True]
    finally:
        await publisher.close()
    assert await published(kafka, key.decode()) == [1, 2]


async def test_a_view_is_exact_although_everything_was_published_twice(
    kafka: Kafka, journal: Journal, database: Database
) -> None:
    await apply_topics(kafka.access)
    stream = new_stream()
    await append(journal, stream, *range(1, 31))
    async with relaying(journal, kafka.access, database):
        await eventually(lambda: _none_waits(journal), "everything is published", 20)
        assert await journal.publish_again(None) == 30
        await eventually(lambda: _none_waits(journal), "everything is published again", 20)
    async with delivering(database, kafka.access, uuid4().hex) as there:
        assert await eventually(lambda: there.reached(30, stream), "the projection has it all", 30)
        document = await there.subject.store.get(HISTORY, stream)
    assert document is not None
    assert document["told"] == list(range(1, 31))
    assert sorted(await published(kafka, stream)) == sorted([*range(1, 31), *range(1, 31)])


async def test_a_full_batch_is_settled_when_nothing_comes_behind_it(
    kafka: Kafka, journal: Journal, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime_listener, "BATCH", 1)
    await apply_topics(kafka.access)
    stream = new_stream()
    async with relaying(journal, kafka.access, database), delivering(database, kafka.access, uuid4().hex) as there:
        await append(journal, stream, 1)
        await eventually(lambda: there.reached(1, stream), "its position is written", 20)


async def test_delivery_goes_on_after_kafka_came_back(own_kafka: Kafka, journal: Journal, database: Database) -> None:
    async with (
        relaying(journal, own_kafka.access, database),
        delivering(database, own_kafka.access, "restarts") as there,
    ):
        await append(journal, STREAM, 1, 2)
        await eventually(lambda: there.reached(2, STREAM), "the first events are in the view", 30)
        await own_kafka.stop()
        await append(journal, STREAM, 3)
        await own_kafka.start()
        await eventually(lambda: there.reached(3, STREAM), "the next event is in the view", 60)
        document = await there.subject.store.get(HISTORY, STREAM)
    assert document is not None
    assert document["told"] == [1, 2, 3]


async def test_a_partition_that_was_added_stays_empty(own_kafka: Kafka, journal: Journal, database: Database) -> None:
    declared = events_of("members").partitions
    admin = AdminClient({"bootstrap.servers": own_kafka.bootstrap})
    for answer in admin.create_partitions([NewPartitions(TOPIC, declared + 1)]).values():
        await asyncio.to_thread(answer.result, 20)
    for _ in range(60):
        await append(journal, new_stream(), 1)
    async with relaying(journal, own_kafka.access, database):
        await eventually(lambda: _none_waits(journal), "everything is published", 30)
    found = [one async for batch in read_to_end(own_kafka.access, [TOPIC]) for one in batch]
    assert {one.partition for one in found} <= set(range(declared))
    assert len(found) == 60


async def test_one_of_several_addresses_suffices(kafka: Kafka, journal: Journal, database: Database) -> None:
    await apply_topics(kafka.access)
    stream, addresses = new_stream(), KafkaAccess(f"127.0.0.1:{free_port()},{kafka.bootstrap}")
    async with relaying(journal, addresses, database), delivering(database, addresses, uuid4().hex) as there:
        await append(journal, stream, 1)
        await eventually(lambda: there.reached(1, stream), "the event is in the view", 30)


async def test_nothing_is_taken_while_it_is_being_forgotten(kafka: Kafka, journal: Journal, database: Database) -> None:
    await apply_topics(kafka.access)
    stream, forgotten = new_stream(), list[str]()
    async with (
        relaying(journal, kafka.access, database),
        delivering(database, kafka.access, uuid4().hex) as there,
    ):

        async def forget(topics: Sequence[str]) -> None:
            await append(journal, stream, 2)
            assert not await there.subject.positions.reached(stream, 2, within=1.0)
            forgotten.extend(topics)

        await append(journal, stream, 1)
        await eventually(lambda: there.reached(1, stream), "the first event is in the view", 30)
        await there.listener.from_the_beginning([TOPIC], forget)
        await eventually(lambda: there.reached(2, stream), "the next event is in the view", 30)
    assert forgotten == [TOPIC]


async def test_bad_records_among_good_ones_are_kept_and_nothing_is_passed_over(
    kafka: Kafka, database: Database
) -> None:
    """Through FastStream, whose own parser would drop records with such headers."""
    await apply_topics(kafka.access)
    stream, other = new_stream(), new_stream()
    good = [record(n, opened() if n == 1 else registered(n), stream) for n in (1, 2)]
    spoiled = [("ce_id", b"\xff\xfe"), ("nothing", None)]
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap)
    await producer.start()
    for value, key, headers in (
        (good[0].value, good[0].key, list(good[0].headers)),
        (b"{}", other.encode(), spoiled),
        (None, other.encode(), []),
        (good[1].value, good[1].key, list(good[1].headers)),
    ):
        await producer.send_and_wait(TOPIC, value, key, headers=headers)
    await producer.stop()
    async with delivering(database, kafka.access, uuid4().hex) as there:
        await eventually(lambda: there.reached(2, stream), "the good events are applied", 30)
        await eventually(lambda: _quarantined(database, 2), "both bad records are kept", 30)


async def _quarantined(database: Database, number: int) -> bool:
    return await database["parked"].count_documents({"reason": "quarantine"}) >= number


async def test_a_foreign_client_understands_an_event_from_headers_and_json_alone(
    kafka: Kafka, journal: Journal, database: Database
) -> None:
    await apply_topics(kafka.access)
    stream = new_stream()
    await append(journal, stream, 1)
    async with relaying(journal, kafka.access, database):
        await eventually(lambda: _none_waits(journal), "the event is published", 20)
    headers, value = await asyncio.to_thread(_read_as_a_foreign_system, kafka.bootstrap, stream)
    assert headers["ce_type"] == b"kpk.members.SeatGroupOpened.v1"
    assert (headers["ce_subject"], headers["ce_sequence"]) == (stream.encode(), b"1")
    assert headers["content-type"] == b"application/json"
    assert b'"group":"hospitals"' in value


def _read_as_a_foreign_system(bootstrap: str, stream: str) -> tuple[dict[str, bytes], bytes]:
    consumer = ForeignConsumer(
        {"bootstrap.servers": bootstrap, "group.id": f"city-{uuid4().hex}", "auto.offset.reset": "earliest"}
    )
    consumer.subscribe([topic.name for topic in EVENT_TOPICS])
    ends = time.monotonic() + 30
    try:
        while time.monotonic() < ends:
            message = consumer.poll(1.0)
            if message is not None and message.error() is None and message.key() == stream.encode():
                headers = cast("list[tuple[str, bytes]]", message.headers())
                return dict(headers), message.value() or b""
    finally:
        consumer.close()
    raise AssertionError("the foreign consumer has not seen the event")
