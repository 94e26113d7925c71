"""From a journal to its public topic on real servers: in order, under the same ids each time, what was before too."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import uuid4

import pytest

from deploy.embedded.kafka import Kafka
from services.members.service import SERVICE
from services.notifications.service import SERVICE as NOTIFICATIONS
from shared.contracts.envelope import read_headers
from shared.contracts.members import EntitlementChanged, SeatGroupCorrected
from shared.contracts.registry import decode
from shared.contracts.topics import events_of, public_of, state_of
from shared.kernel.decider import Event
from shared.runtime.commands.commit import GENESIS, Commit, Recorded
from shared.runtime.commands.journal import Journal
from shared.runtime.history.drift import BEGINNINGS
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.topics import apply_topics
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import Database
from shared.runtime.publishing.public import PublicLayer, public_id
from shared.runtime.publishing.publisher import KafkaPublisher
from shared.runtime.publishing.relay import JournalOutbox, Outgoing, Relay
from tests.shared.seat_groups import commit, opened, registered

pytestmark = pytest.mark.infra

CLOSED, PUBLIC, NOW = events_of("members").name, public_of("members").name, state_of("members").name
EVENTS: Sequence[Event] = (
    opened(),
    registered(2),
    SeatGroupCorrected(group="hospitals", number=9, name="Krankenhäuser", reason="Tippfehler"),
    registered(4),
    EntitlementChanged(group="hospitals", seats=("hospitals-1",), since=date(2025, 1, 1)),
)
TOLD = {1: 0, 3: 1, 5: 3}
"""By sequence of what is public: the one before."""


class Said:
    """A broker that takes what it is not told to refuse."""

    def __init__(self, refuses: Sequence[str] = (), takes: int = 1_000_000) -> None:
        self.records: list[Outgoing] = []
        self.refuses, self.takes = refuses, takes

    async def publish(self, records: Sequence[Outgoing]) -> list[bool]:
        taken = [one.topic not in self.refuses and place < self.takes for place, one in enumerate(records)]
        self.records += [one for one, is_taken in zip(records, taken, strict=True) if is_taken]
        return taken

    def told(self, topic: str = PUBLIC) -> list[Mapping[str, str]]:
        return [headers_of(one) for one in self.records if one.topic == topic]


def headers_of(record: Outgoing) -> Mapping[str, str]:
    return {name: value.decode() for name, value in record.headers}


@pytest.fixture
async def journal(database: Database) -> Journal:
    journal = Journal(database["journal"])
    await journal.prepare()
    return journal


def layer(database: Database, journal: Journal) -> PublicLayer:
    return PublicLayer(SERVICE, journal, database[BEGINNINGS])


def relay(database: Database, journal: Journal, said: Said) -> Relay:
    return Relay(JournalOutbox(journal, "members", layer(database, journal)), said, Nudge())


def chained(stream: str, events: Sequence[Event] = EVENTS) -> list[Commit]:
    """As an executor commits them."""
    commits: list[Commit] = []
    for place, event in enumerate(events, start=1):
        previous = commits[-1].hash() if commits else GENESIS
        commits.append(commit(place, event, stream)._replace(previous=previous))
    return commits


async def append(journal: Journal, *commits: Commit) -> None:
    for one in commits:
        await journal.append(one)


async def publish(journal: Journal, *commits: Commit) -> None:
    """As a relay of a release without a public topic did; whatever else waits is refused."""
    published = {one.id for one in commits}
    async for waiting in journal.unpublished(100):
        await journal.mark_published([one for one in waiting if one.id in published])


def new_stream() -> str:
    return f"stuttgart/seat-group/{uuid4().hex[:12]}"


async def test_a_public_event_names_its_source_and_the_public_one_before_it(
    database: Database, journal: Journal
) -> None:
    said, commits = Said(), chained(new_stream())
    running = relay(database, journal, said)
    assert await running.round()
    await append(journal, *commits)
    assert await running.round()
    told = said.told()
    assert {int(one["ce_sequence"]): int(one["ce_previous"]) for one in told} == TOLD
    sources = [commits[sequence - 1].events[0].id for sequence in TOLD]
    assert [one["ce_id"] for one in told] == [public_id(source) for source in sources]
    assert [one["ce_causationid"] for one in told] == sources
    assert len(said.told(CLOSED)) == len(EVENTS)
    for record in said.records:
        assert read_headers(record.headers).stream == commits[0].stream, "as every other record is read"
    corrected = next(
        one for one in said.records if headers_of(one)["ce_type"].startswith("kpk.members.public.SeatGroupC")
    )
    assert b"Krankenh" in (corrected.value or b"") and b"Tippfehler" not in (corrected.value or b"")


@pytest.mark.parametrize("refused", [PUBLIC, CLOSED, NOW])
async def test_a_commit_is_marked_only_when_all_are_acknowledged(
    database: Database, journal: Journal, refused: str
) -> None:
    await append(journal, *chained(new_stream())[:1])
    assert not await relay(database, journal, Said(refuses=[refused])).round()
    assert (await journal.backlog())[0] == 1
    assert await relay(database, journal, Said()).round()
    assert (await journal.backlog())[0] == 0


async def test_what_the_journal_holds_from_before_is_said_once_and_ahead_of_the_rest(
    database: Database, journal: Journal
) -> None:
    streams = [chained(new_stream()) for _ in range(3)]
    for commits in streams:
        await append(journal, *commits)
    await publish(journal, *(one for commits in streams for one in commits[:3]))
    said = Said()
    assert await relay(database, journal, said).round()
    for commits in streams:
        mine = [int(one["ce_sequence"]) for one in said.told() if one["ce_subject"] == commits[0].stream]
        assert list(dict.fromkeys(mine)) == list(TOLD), "each first in order"
    assert len(said.told(CLOSED)) == 2 * len(streams), "what was published to named readers is not repeated"
    after = Said()
    assert await relay(database, journal, after).round()
    assert after.records == []


async def test_a_filling_that_breaks_off_begins_anew_with_the_same_ids(database: Database, journal: Journal) -> None:
    commits = chained(new_stream())
    await append(journal, *commits)
    await publish(journal, *commits)
    broken, whole = Said(takes=1), Said()
    assert not await relay(database, journal, broken).round()
    assert await relay(database, journal, whole).round()
    assert [one["ce_id"] for one in whole.told()][:1] == [one["ce_id"] for one in broken.told()]
    assert [int(one["ce_sequence"]) for one in whole.told()] == list(TOLD)


@pytest.mark.parametrize(("filled", "owed"), [(PUBLIC, NOW), (NOW, PUBLIC)])
async def test_a_topic_that_came_later_is_filled_and_the_other_hears_nothing_twice(
    database: Database, journal: Journal, filled: str, owed: str
) -> None:
    commits = chained(new_stream())
    await append(journal, *commits)
    await publish(journal, *commits)
    await database[BEGINNINGS].insert_one({"_id": filled, "filled": True})
    said = Said()
    assert await relay(database, journal, said).round()
    assert {one.topic for one in said.records} == {owed}
    assert [int(one["ce_sequence"]) for one in said.told(owed)] == list(TOLD)
    after = Said()
    assert await relay(database, journal, after).round()
    assert after.records == []


async def test_filling_again_says_everything_again_under_the_same_ids(database: Database, journal: Journal) -> None:
    said, public = Said(), layer(database, journal)
    relay = Relay(JournalOutbox(journal, "members", public), said, Nudge())
    assert await relay.round()
    await append(journal, *chained(new_stream()))
    assert await relay.round()
    first, said.records = said.told(), []
    assert await public.fill_again()
    assert await relay.round()
    assert said.told() == first and said.told(CLOSED) == []
    assert not await PublicLayer(NOTIFICATIONS, journal, database[BEGINNINGS]).fill_again()


async def test_what_was_read_before_changes_nothing(database: Database, journal: Journal) -> None:
    """In whatever order commits are asked for, and after a journal was brought forward to another history."""
    commits = chained(new_stream())
    await append(journal, *commits)
    alone = [await layer(database, journal).records_of(one) for one in commits]
    public, chance = layer(database, journal), random.Random(7)
    for place in [chance.randrange(len(commits)) for _ in range(40)]:
        assert await public.records_of(commits[place]) == alone[place]
    corrected = SeatGroupCorrected(group="hospitals", number=1, name="Anders", reason="Tippfehler")
    others = chained(commits[0].stream, [EVENTS[0], corrected, *EVENTS[2:]])
    await public.records_of(commits[1])
    await database["journal"].delete_many({"stream": commits[0].stream})
    await append(journal, *others)
    assert await public.records_of(others[2]) == await layer(database, journal).records_of(others[2])
    told, present = await public.records_of(others[2])
    assert (headers_of(told)["ce_previous"], headers_of(present)["ce_sequence"]) == ("2", "3")


async def test_what_is_closed_is_not_read_again(
    database: Database, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever decided it has decoded and folded it; a public event costs what lies between it and the one before."""
    decoded: list[str] = []

    def counted(self: Recorded) -> Event:
        decoded.append(self.type)
        return decode(self.type, self.data)

    monkeypatch.setattr(Recorded, "event", counted)
    closed = [registered(number) for number in range(20)]
    commits = chained(new_stream(), [opened(), *closed, EVENTS[4], *closed])
    await append(journal, *commits)
    said, public = Said(), layer(database, journal)
    running = Relay(JournalOutbox(journal, "members", public), said, Nudge())
    assert await running.round()
    assert len(decoded) == 2 + len(closed)
    assert [one["ce_sequence"] for one in said.told()] == ["1", "22"]


async def test_on_the_broker_it_lies_in_order_beside_the_closed_topic(
    kafka: Kafka, database: Database, journal: Journal
) -> None:
    await apply_topics(kafka.access)
    publisher, commits = KafkaPublisher(kafka.access), chained(new_stream())
    await append(journal, *commits)
    try:
        await publisher.connect()
        outbox = JournalOutbox(journal, "members", layer(database, journal))
        assert await Relay(outbox, publisher, Nudge()).round()
    finally:
        await publisher.close()
    records = [one async for batch in read_to_end(kafka.access, [PUBLIC]) for one in batch]
    mine = [dict(one.headers) for one in records if one.key == commits[0].stream.encode()]
    first = list(dict.fromkeys(int(one["ce_sequence"] or b"") for one in mine))
    assert first == list(TOLD)
