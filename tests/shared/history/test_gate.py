"""Database and topics of one history or not: what is a loss, what a restored database, and what neither."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from deploy.embedded.kafka import Kafka
from shared.contracts.topics import events_of
from shared.runtime.commands.journal import Journal
from shared.runtime.delivery.bookmarks import Bookmarks, BookmarksLost
from shared.runtime.history.gate import Connection, Differences, Gate, HistoriesDiffer, Reading, differences
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.books import Books, Ends
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.record import Partition
from shared.runtime.kafka.topics import apply_topics
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import Database
from shared.runtime.publishing import relay as runtime_relay
from shared.runtime.publishing.publisher import KafkaPublisher
from shared.runtime.publishing.relay import JournalOutbox, Outgoing, Relay
from tests.kit.eventually import eventually
from tests.shared.seat_groups import Subject, commit, opened, record, registered

TOPIC = events_of("members").name
PARTITION = (TOPIC, 3)
NOBODY = KafkaAccess("127.0.0.1:1")


def test_what_was_read_and_is_there_still_is_one_history() -> None:
    assert differences({PARTITION: 5}, {PARTITION: Ends(7, 5)}, {PARTITION: 5}) == Differences()
    assert differences({PARTITION: 5}, {PARTITION: Ends(7, 6)}, {PARTITION: 6}) == Differences()
    assert differences({PARTITION: 6}, {PARTITION: Ends(7, 5)}, {PARTITION: 6}) == Differences()


def test_nothing_read_yet_and_offsets_forgotten_are_one_history() -> None:
    assert differences({}, {PARTITION: Ends(7, None)}, {}) == Differences()
    assert differences({PARTITION: 5}, {PARTITION: Ends(7, None)}, {PARTITION: 5}) == Differences()


@pytest.mark.parametrize("ends", [{}, {PARTITION: Ends(0, None)}, {PARTITION: Ends(4, 4)}, {PARTITION: Ends(4, 5)}])
def test_a_partition_that_ends_before_what_was_read_lost_records(ends: dict[tuple[str, int], Ends]) -> None:
    assert differences({PARTITION: 5}, ends, {PARTITION: 5}).lost == (PARTITION,)


@pytest.mark.parametrize("marks", [{}, {PARTITION: 4}])
def test_an_offset_that_the_database_does_not_know_makes_it_the_older(marks: dict[tuple[str, int], int]) -> None:
    found = differences(marks, {PARTITION: Ends(7, 5)}, marks)
    assert found == Differences(ahead=(PARTITION,))
    assert "older than kpk.members.v1" in found.sentences()[0]


def test_a_committed_offset_beyond_the_end_tells_of_the_loss_alone() -> None:
    assert differences({PARTITION: 6}, {PARTITION: Ends(4, 6)}, {PARTITION: 6}) == Differences(lost=(PARTITION,))


class Said:
    """A publisher whose broker takes everything."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self._then = then
        self.records: list[Outgoing] = []

    async def publish(self, records: Sequence[Outgoing]) -> list[bool]:
        self.records += records
        self._then()
        return [True] * len(records)


def test_a_group_that_stands_still_while_records_wait_is_seen() -> None:
    reading, stands = Reading(), list[bool]()
    for end, committed in ((7, 5), (8, 5), (9, 5), (9, 6), (9, 9), (9, 9)):
        reading.saw({PARTITION: Ends(end, committed)})
        stands.append(reading.standing_since is not None)
    assert stands == [False, True, True, False, False, False]


class Held:
    """A connection that holds until it is closed."""

    def __init__(self) -> None:
        self.connected = True

    async def connect(self) -> None:
        self.connected = True

    async def close(self) -> None:
        self.connected = False


class Growing(Bookmarks):
    """Another worker takes one record after the other, and notes it each time before anybody reads."""

    def __init__(self) -> None:
        self._next = 4

    async def read(self) -> dict[Partition, int]:
        self._next += 1
        return {PARTITION: self._next}


async def test_bookmarks_that_seem_behind_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was noted and committed since the first reading is known to the database."""
    gate = Gate(NOBODY, "group", [TOPIC], Growing(), Held())

    async def committed_since(_: Books) -> dict[Partition, Ends]:
        return {PARTITION: Ends(7, 6)}

    monkeypatch.setattr(Books, "read", committed_since)
    await gate.look()
    assert gate.trusted.is_set()


GateOf = Callable[..., Gate]


@pytest.fixture
async def gate_of(database: Database) -> AsyncIterator[GateOf]:
    gates: list[Gate] = []

    def gate_of(kafka: KafkaAccess = NOBODY, connection: Connection | None = None) -> Gate:
        gates.append(Gate(kafka, "test", [TOPIC], Bookmarks(database["bookmarks"]), connection or Held()))
        return gates[-1]

    yield gate_of
    for gate in gates:
        await gate.close()


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
async def test_a_database_that_was_put_back_while_we_run_is_noticed(database: Database) -> None:
    subject = Subject(database)
    await subject.process([record(1, opened())])
    await database["bookmarks"].update_many({}, {"$set": {"next": 0}})
    with pytest.raises(BookmarksLost):
        await subject.process([record(2, registered(1))])
    assert list((await subject.bookmarks.read()).values()) == [0], "what the next look needs to see"
    assert subject.progress.comes_again == {(TOPIC, 0): 1}


@pytest.mark.infra
async def test_behind_a_closed_gate_nothing_is_published(gate_of: GateOf, database: Database) -> None:
    gate, journal, said = gate_of(), Journal(database["journal"]), Said()
    await journal.append(commit(1, opened()))
    relay = Relay(JournalOutbox(journal, "members"), said, Nudge(), gate.trusted.is_set)
    with pytest.raises(HistoriesDiffer):
        gate.require()
    assert await relay.round()
    assert said.records == []
    gate.trusted.set()
    gate.require()
    assert await relay.round()
    assert len(said.records) == 1


@pytest.mark.infra
async def test_what_was_read_before_the_gate_closed_stays_behind_it(
    gate_of: GateOf, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime_relay, "COMMITS_AT_ONCE", 1)
    gate, journal = gate_of(), Journal(database["journal"])
    gate.trusted.set()
    for sequence in (1, 2, 3):
        await journal.append(commit(sequence, opened()))
    said = Said(gate.trusted.clear)
    assert await Relay(JournalOutbox(journal, "members"), said, Nudge(), gate.trusted.is_set).round()
    assert len(said.records) == 1
    assert (await journal.backlog())[0] == 2


@pytest.mark.infra
async def test_what_is_on_its_way_is_dropped_when_kafka_can_not_be_asked(gate_of: GateOf, database: Database) -> None:
    connection = Held()
    gate = gate_of(NOBODY, connection)
    gate.trusted.set()
    await gate.look()
    assert not gate.trusted.is_set()
    assert not connection.connected
    assert gate.unreachable_since is not None


@pytest.mark.infra
async def test_a_look_that_began_before_a_doubt_does_not_open_the_gate(
    gate_of: GateOf, kafka: Kafka, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await apply_topics(kafka.access)
    gate = gate_of(kafka.access)
    await trusted(gate)

    read = Books.read

    async def read_while_in_doubt(books: Books) -> dict[Partition, Ends]:
        await gate.doubt()
        return await read(books)

    monkeypatch.setattr(Books, "read", read_while_in_doubt)
    await gate.look()
    assert not gate.trusted.is_set()


@pytest.mark.infra
async def test_to_a_broker_that_came_back_nothing_is_published_before_the_look(
    gate_of: GateOf, own_kafka: Kafka, database: Database
) -> None:
    publisher = KafkaPublisher(own_kafka.access)
    gate, told = gate_of(own_kafka.access, publisher), Outgoing(TOPIC, b"stream", b"{}", ())
    try:
        await trusted(gate)
        assert await publisher.publish([told]) == [True]
        books = Books(own_kafka.access, "test", [TOPIC])
        ends = await books.read()
        await books.close()
        await gate.bookmarks.note({place: at.end for place, at in ends.items()})
        await own_kafka.kill()
        shutil.rmtree(own_kafka.folder)
        await own_kafka.start()
        await apply_topics(own_kafka.access)
        assert gate.trusted.is_set(), "nobody has looked yet"
        assert await publisher.publish([told]) == [False]
        assert [batch async for batch in read_to_end(own_kafka.access, [TOPIC])] == []
        await eventually(lambda: _found(gate), "the loss is found", 60)
        assert not gate.trusted.is_set()
        assert [topic for topic, _ in gate.found.lost] == [TOPIC]
    finally:
        await publisher.close()


async def trusted(gate: Gate) -> None:
    """A new broker does not tell of groups at once."""

    async def is_trusted() -> bool:
        await gate.look()
        return gate.trusted.is_set()

    await eventually(is_trusted, "database and topics agree", 60)


async def _found(gate: Gate) -> bool:
    await gate.look()
    return bool(gate.found.lost)
