"""Database and topics of one history or not: what is a loss, what a restored database, and what neither."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from deploy.embedded.kafka import Kafka
from shared.contracts.topics import events_of
from shared.runtime import relay as runtime_relay
from shared.runtime.delivery import Delivery
from shared.runtime.journal import Journal
from shared.runtime.kafka import KafkaPublisher
from shared.runtime.kafka_admin import Ends, Place, apply_topics, ends_of
from shared.runtime.kafka_reader import read_to_end
from shared.runtime.lineage import (
    Bookmarks,
    Differences,
    GuardedDelivery,
    HistoriesDiffer,
    Lineage,
    Lines,
    Reading,
    differences,
)
from shared.runtime.metrics import Counters
from shared.runtime.mongo import Database
from shared.runtime.parked import Parked
from shared.runtime.relay import JournalOutbox, Record, Relay
from shared.runtime.views import ViewStore
from tests.kit.eventually import eventually
from tests.shared.house import HISTORY, STREAM, commit, executor, opened, record, registered

TOPIC = events_of("members").name
PLACE = (TOPIC, 3)
NOBODY = "127.0.0.1:1"


def test_what_was_read_and_is_there_still_is_one_history() -> None:
    assert differences({PLACE: 5}, {PLACE: Ends(7, 5)}, {PLACE: 5}) == Differences()
    assert differences({PLACE: 5}, {PLACE: Ends(7, 6)}, {PLACE: 6}) == Differences()
    assert differences({PLACE: 6}, {PLACE: Ends(7, 5)}, {PLACE: 6}) == Differences()


def test_nothing_read_yet_and_offsets_forgotten_are_one_history() -> None:
    assert differences({}, {PLACE: Ends(7, None)}, {}) == Differences()
    assert differences({PLACE: 5}, {PLACE: Ends(7, None)}, {PLACE: 5}) == Differences()


@pytest.mark.parametrize("ends", [{}, {PLACE: Ends(0, None)}, {PLACE: Ends(4, 4)}, {PLACE: Ends(4, 5)}])
def test_a_partition_that_ends_before_what_was_read_lost_records(ends: dict[tuple[str, int], Ends]) -> None:
    assert differences({PLACE: 5}, ends, {PLACE: 5}).lost == (PLACE,)


@pytest.mark.parametrize("marks", [{}, {PLACE: 4}])
def test_an_offset_that_the_database_does_not_know_makes_it_the_older(marks: dict[tuple[str, int], int]) -> None:
    found = differences(marks, {PLACE: Ends(7, 5)}, marks)
    assert found == Differences(ahead=(PLACE,))
    assert "older than kpk.members.v1" in found.sentences()[0]


def test_a_committed_offset_beyond_the_end_tells_of_the_loss_alone() -> None:
    assert differences({PLACE: 6}, {PLACE: Ends(4, 6)}, {PLACE: 6}) == Differences(lost=(PLACE,))


class Said:
    """A publisher whose broker takes everything."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self._then = then
        self.records: list[Record] = []

    async def publish(self, records: Sequence[Record]) -> list[bool]:
        self.records += records
        self._then()
        return [True] * len(records)


def test_a_group_that_stands_still_while_records_wait_is_seen() -> None:
    reading, stands = Reading(), list[bool]()
    for end, committed in ((7, 5), (8, 5), (9, 5), (9, 6), (9, 9), (9, 9)):
        reading.saw({PLACE: Ends(end, committed)})
        stands.append(reading.standing_since is not None)
    assert stands == [False, True, True, False, False, False]


class Held:
    """Lines that hold until they are closed."""

    def __init__(self) -> None:
        self.connected = True

    async def connect(self) -> None:
        self.connected = True

    async def close(self) -> None:
        self.connected = False


def lineage_of(database: Database, bootstrap: str = NOBODY, lines: Lines | None = None) -> Lineage:
    return Lineage(bootstrap, "test", [TOPIC], Bookmarks(database["bookmarks"]), lines or Held())


@pytest.mark.infra
async def test_bookmarks_only_grow_until_they_are_forgotten(database: Database) -> None:
    bookmarks = Bookmarks(database["bookmarks"])

    await bookmarks.note({(TOPIC, 3): 10, (TOPIC, 4): 1})
    await bookmarks.note({(TOPIC, 3): 3})
    assert await bookmarks.read() == {(TOPIC, 3): 10, (TOPIC, 4): 1}
    await bookmarks.forget(["kpk.members"])
    assert len(await bookmarks.read()) == 2
    await bookmarks.forget([TOPIC])
    assert await bookmarks.read() == {}


@pytest.mark.infra
async def test_a_database_that_was_put_back_while_we_run_is_doubted(database: Database) -> None:
    lineage, store = lineage_of(database), ViewStore(database, [HISTORY])
    guarded = GuardedDelivery(lineage, Delivery(store, Parked(database), (), executor(database), Counters("test")))
    lineage.trusted.set()
    await guarded.process([record(1, opened())], settle=True)
    await database["bookmarks"].update_many({}, {"$set": {"next": 0}})
    with pytest.raises(HistoriesDiffer):
        await guarded.process([record(2, registered(1))], settle=True)
    assert not lineage.trusted.is_set()
    assert list((await lineage.bookmarks.read()).values()) == [0], "what the next look needs to see"


@pytest.mark.infra
async def test_behind_a_closed_gate_nothing_is_applied_and_nothing_published(database: Database) -> None:
    lineage, store = lineage_of(database), ViewStore(database, [HISTORY])
    delivery = Delivery(store, Parked(database), (), executor(database), Counters("test"))
    journal = Journal(database["journal"])
    await journal.append(commit(1, opened()))
    guarded, said = GuardedDelivery(lineage, delivery), Said()
    relay = Relay(JournalOutbox(journal, "members"), said, asyncio.Event(), lineage.trusted.is_set)
    with pytest.raises(HistoriesDiffer):
        await guarded.process([record(1, opened())], settle=True)
    assert await store.get(HISTORY, STREAM) is None
    assert await lineage.bookmarks.read() == {}
    assert await relay.round()
    assert said.records == []
    lineage.trusted.set()
    await guarded.process([record(1, opened())], settle=True)
    assert await store.get(HISTORY, STREAM) is not None
    assert list((await lineage.bookmarks.read()).values()) == [1]
    assert await relay.round()
    assert len(said.records) == 1


@pytest.mark.infra
async def test_what_was_read_before_the_gate_closed_stays_behind_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime_relay, "COMMITS_AT_ONCE", 1)
    lineage, journal = lineage_of(database), Journal(database["journal"])
    lineage.trusted.set()
    for sequence in (1, 2, 3):
        await journal.append(commit(sequence, opened()))
    said = Said(lineage.trusted.clear)
    assert await Relay(JournalOutbox(journal, "members"), said, asyncio.Event(), lineage.trusted.is_set).round()
    assert len(said.records) == 1
    assert (await journal.backlog())[0] == 2


@pytest.mark.infra
async def test_what_is_on_its_way_is_dropped_when_kafka_can_not_be_asked(database: Database) -> None:
    lines = Held()
    lineage = lineage_of(database, NOBODY, lines)
    lineage.trusted.set()
    await lineage.look()
    assert not lineage.trusted.is_set()
    assert not lines.connected
    assert lineage.unreachable_since is not None


@pytest.mark.infra
async def test_a_look_that_began_before_a_doubt_does_not_open_the_gate(
    kafka: Kafka, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await apply_topics(kafka.bootstrap)
    lineage = lineage_of(database, kafka.bootstrap)
    await trusted(lineage)

    async def asked_while_in_doubt(*asked: Any) -> dict[Place, Ends]:
        await lineage.doubt()
        return await ends_of(*asked)

    monkeypatch.setattr("shared.runtime.lineage.ends_of", asked_while_in_doubt)
    await lineage.look()
    assert not lineage.trusted.is_set()


@pytest.mark.infra
async def test_to_a_broker_that_came_back_nothing_is_published_before_the_look(
    own_kafka: Kafka, database: Database
) -> None:
    publisher = KafkaPublisher(own_kafka.bootstrap)
    lineage, told = lineage_of(database, own_kafka.bootstrap, publisher), Record(TOPIC, b"stream", b"{}", ())
    try:
        await trusted(lineage)
        assert await publisher.publish([told]) == [True]
        ends = await ends_of(own_kafka.bootstrap, "test", [TOPIC])
        await lineage.bookmarks.note({place: at.end for place, at in ends.items()})
        await own_kafka.kill()
        shutil.rmtree(own_kafka.folder)
        await own_kafka.start()
        await apply_topics(own_kafka.bootstrap)
        assert lineage.trusted.is_set(), "nobody has looked yet"
        assert await publisher.publish([told]) == [False]
        assert [batch async for batch in read_to_end(own_kafka.bootstrap, [TOPIC])] == []
        await eventually(lambda: _found(lineage), "the loss is found", 20)
        assert not lineage.trusted.is_set()
        assert [topic for topic, _ in lineage.found.lost] == [TOPIC]
    finally:
        await publisher.close()


async def trusted(lineage: Lineage) -> None:
    """A new broker does not tell of groups at once."""

    async def is_trusted() -> bool:
        await lineage.look()
        return lineage.trusted.is_set()

    await eventually(is_trusted, "database and topics agree", 20)


async def _found(lineage: Lineage) -> bool:
    await lineage.look()
    return bool(lineage.found.lost)
