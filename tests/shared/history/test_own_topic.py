"""Nothing on a service's own topic counts that its journal does not have: not for projections, not for reactions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from deploy.embedded.kafka import Kafka
from shared.contracts.envelope import LARGEST_SEQUENCE, Envelope
from shared.contracts.members import SeatGroupOpened
from shared.contracts.topics import events_of
from shared.declarations.reaction import reaction
from shared.kernel.decider import Command
from shared.runtime.commands.journal import Journal
from shared.runtime.delivery.parked import FORK, GAP, ParkedRow
from shared.runtime.history.gate import HistoriesDiffer
from shared.runtime.history.recover import Recovery
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.record import KafkaRecord, KeptRecord
from shared.runtime.mongo.driver import Database, Session
from shared.runtime.operating.rebuild import Rebuilding, TopicsIncomplete
from tests.kit.servers import BOTH_DRIVERS
from tests.shared.seat_groups import HISTORY, STREAM, Subject, commit, open_group, opened, record, registered
from tests.shared.small_service import Place, new_stream

pytestmark = pytest.mark.infra

OWN = events_of("members").name


@reaction("follow")
def follow(event: SeatGroupOpened, envelope: Envelope) -> Iterable[Command]:
    return [open_group("follower")]


@pytest.fixture
def service(database: Database) -> Subject:
    return Subject(database, reactions=(follow,), own=OWN)


def true(*sequences: int, stream: str = STREAM) -> list[KeptRecord]:
    """As the service itself has decided and published them."""
    return [record(one, opened() if one == 1 else registered(one), stream) for one in sequences]


def forged(sequence: int, stream: str = STREAM, offset: int = 900, **other: Any) -> KeptRecord:
    """Of the same form, by somebody else."""
    spoken = record(sequence, opened() if sequence == 1 else registered(9), stream, salt="forged", **other)
    return replace(spoken, offset=offset)


async def decided(journal: Journal, *sequences: int, stream: str = STREAM) -> None:
    for one in sequences:
        await journal.append(commit(one, opened() if one == 1 else registered(one), stream))


async def publish_all(journal: Journal) -> None:
    """As its relay would have done it."""
    async for commits in journal.unpublished(100):
        await journal.mark_published(commits)


async def forks(service: Subject) -> list[int]:
    """The offsets of what is parked as one."""
    return sorted(row["offset"] for row in await service.parked.overview() if row["reason"] == FORK)


@BOTH_DRIVERS
async def test_what_the_journal_lacks_is_parked_and_its_stream_goes_on(service: Subject) -> None:
    await decided(service.journal, 1, 2, 3)
    await service.process([*true(1), forged(2), forged(4, offset=901), *true(2)])
    await service.process(true(3))
    assert await service.told() == [1, 2, 3]
    assert await forks(service) == [900, 901]
    assert await service.last() == 3


async def test_a_stream_that_nobody_decided_leads_to_nothing(service: Subject) -> None:
    await service.process([forged(1, offset=0)])
    assert await service.told() == []
    assert await service.journal.read("stuttgart/seat-group/follower") == []
    assert await service.positions.load([STREAM]) == {}
    assert await forks(service) == [0]


@pytest.mark.parametrize("value", [b'{"group":"hospitals"}', b"{}", b"\xff", None])
async def test_another_content_under_a_true_id_comes_before_the_event_in_vain(
    service: Subject, value: bytes | None
) -> None:
    await decided(service.journal, 1)
    [first] = true(1)
    await service.process([replace(first, value=value, offset=900)])
    assert await service.told() == []
    await service.process([first])
    assert await service.told() == [1]
    assert await forks(service) == [900]


async def test_another_type_or_another_place_under_a_true_id_is_a_fork(service: Subject) -> None:
    await decided(service.journal, 1, 2)
    [first, second] = true(1, 2)
    other_type = [(name, b"kpk.members.Novelty.v1" if name == "ce_type" else told) for name, told in first.headers]
    other_place = [(name, b"1" if name == "ce_sequence" else told) for name, told in second.headers]
    await service.process(
        [replace(first, headers=other_type, offset=900), replace(second, headers=other_place, offset=901)]
    )
    assert await service.last() == 0
    assert await forks(service) == [900, 901]


async def test_the_events_of_one_commit_may_come_in_two_batches(service: Subject) -> None:
    three = [commit(number, registered(number)).events[0] for number in (1, 2, 3)]
    await service.journal.append(commit(1, registered(1))._replace(events=tuple(three)))
    for number in (1, 2, 3):
        await service.process([record(number, registered(number))])
    assert await service.told() == [1, 2, 3]
    assert await forks(service) == []


async def test_a_fork_that_waited_in_its_stream_from_before_holds_it_up_no_longer(
    service: Subject, database: Database
) -> None:
    await decided(service.journal, 1, 2, 3, 4)
    await service.process(true(1))
    gap, fork = forged(3, offset=900), forged(2, offset=901)
    for reason, told in ((GAP, gap), (FORK, fork)):
        sequence = int(dict(told.headers)["ce_sequence"] or 0)
        await service.parked.keep([ParkedRow(reason, "as it seemed", told, STREAM, sequence, "somebody")])
    await database["positions"].update_one({"_id": STREAM}, {"$set": {"held": True}})
    await Subject(database, own=OWN).process(true(2, 3, 4))
    assert await service.told() == [1, 2, 3, 4]
    assert {(row["sequence"], row["reason"]) for row in await service.parked.overview()} == {(None, FORK)}


async def test_a_fork_stays_one_when_it_is_tried_again_until_the_journal_knows_it(service: Subject) -> None:
    await service.process([replace(true(1)[0], offset=7)])
    [shown] = await service.parked.overview()
    row = await service.parked.get(shown["_id"])
    assert row is not None
    await service.delivery.retry(row)
    assert await forks(service) == [7]
    await decided(service.journal, 1)
    await service.delivery.retry(row)
    assert (await service.told(), await forks(service)) == ([1], [])


async def test_nothing_is_called_a_fork_while_the_database_is_older_than_its_topics(service: Subject) -> None:
    service.gate.closed = True
    with pytest.raises(HistoriesDiffer):
        await service.process(true(1))
    assert await service.parked.count() == 0
    assert service.progress.comes_again == {(OWN, 0): 0}


async def test_each_fork_is_a_line_that_names_its_place_alone(service: Subject) -> None:
    with capture_logs() as lines:
        await service.process([forged(2)])
    [line] = [one for one in lines if one["event"] == "event is not in the journal"]
    assert (line["stream"], line["sequence"], line["log_level"]) == (STREAM, 2, "error")


async def test_nothing_that_the_journal_lacks_is_rebuilt(kafka: Kafka, place: Place, database: Database) -> None:
    """Nor does a service that took it for true before have to be told of it again: its true events are enough."""
    stream, ours = new_stream(), Subject(database, own=OWN)
    await decided(ours.journal, 1, 2, stream=stream)
    await place.publish(*true(1, stream=stream), forged(2, stream), *true(2, stream=stream), forged(3, stream))
    await database["positions"].insert_one({"_id": stream, "last": 3, "event": "forged", "held": False, "turn": 1})
    await rebuilding(kafka, ours, database).rebuild(HISTORY, nothing)
    assert await ours.told(stream) == [1, 2]
    document = await ours.store.get(HISTORY, stream)
    assert document is not None
    assert document["sequence"] == 2


async def test_a_projection_is_kept_where_a_stream_does_not_begin_in_its_topic(
    kafka: Kafka, place: Place, database: Database
) -> None:
    stream, ours = new_stream(), Subject(database, own=OWN)
    await decided(ours.journal, 1, 2, stream=stream)
    await ours.process(true(1, 2, stream=stream))
    await place.publish(*true(2, stream=stream))
    with pytest.raises(TopicsIncomplete) as refused:
        await rebuilding(kafka, ours, database).rebuild(HISTORY, nothing)
    assert "1 Strömen" in refused.value.detail
    assert stream in refused.value.detail
    assert await ours.told(stream) == [1, 2]


async def test_a_stream_that_lies_in_its_topic_in_a_wrong_order_is_rebuilt_whole(
    kafka: Kafka, place: Place, database: Database
) -> None:
    stream, ours = new_stream(), Subject(database, own=OWN)
    await decided(ours.journal, 1, 2, 3, 4, stream=stream)
    await ours.process(true(1, 2, 3, 4, stream=stream))
    await place.publish(*true(4, 3, 1, 2, stream=stream))
    assert await rebuilding(kafka, ours, database).rebuild(HISTORY, nothing) == {"documents": 1, "events": 4}
    assert await ours.told(stream) == [1, 2, 3, 4]


async def test_only_an_older_database_takes_from_its_topic_and_never_what_was_a_fork(
    kafka: Kafka, place: Place, database: Database
) -> None:
    stream, ours = new_stream(), Subject(database, own=OWN)
    await decided(ours.journal, 1, stream=stream)
    await publish_all(ours.journal)
    await place.publish(*true(1, stream=stream), forged(2, stream), *true(2, 3, stream=stream))
    first, fork, *_ = await lying(kafka, stream)
    await ours.process([first, fork])
    recovery = Recovery(kafka.access, OWN, ours.journal, [], ours.parked, ours.gate)
    assert await recovery.lacking() == []
    assert await recovery.bring_forward() == {"events": 0, "conflicts": 0, "people": 0}
    ours.gate.behind = True
    [ours_lacks] = [one for one in await recovery.lacking() if one.stream == stream]
    assert (ours_lacks.events, ours_lacks.first, ours_lacks.last) == (2, 2, 3)
    await recovery.bring_forward()
    taken = [event.id for one in await ours.journal.read(stream) for event in one.events]
    assert taken == [commit(one, registered(one), stream).events[0].id for one in (1, 2, 3)]


async def lying(kafka: Kafka, stream: str) -> list[KafkaRecord]:
    every = [one async for batch in read_to_end(kafka.access, [OWN]) for one in batch]
    return [one for one in every if one.key == stream.encode()]


def rebuilding(kafka: Kafka, ours: Subject, database: Database) -> Rebuilding:
    return Rebuilding(
        kafka.access, [OWN], database, ours.positions, ours.parked, ours.own, database["projection_rebuilds"]
    )


async def nothing() -> None:
    return


LAST = 4
SAID = st.one_of(
    st.tuples(st.just("true"), st.integers(1, LAST)),
    st.tuples(st.just("forged"), st.integers(1, LAST + 2)),
    st.tuples(st.just("spoiled"), st.integers(1, LAST)),
    st.tuples(st.just("leap"), st.sampled_from([LAST + 2, 2**31, LARGEST_SEQUENCE])),
)
"""What may lie in the topic: our own event, somebody else's at its place, ours with another content, or far ahead."""


def said(kind: str, sequence: int, stream: str, offset: int) -> KeptRecord:
    match kind:
        case "true":
            [told] = true(sequence, stream=stream)
        case "spoiled":
            [told] = true(sequence, stream=stream)
            told = replace(told, value=b'{"organisation":"x","name":"X","group":"forged"}')
        case _:
            told = forged(sequence, stream)
    return replace(told, offset=offset)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(SAID, max_size=6), max_size=6), known=st.integers(0, LAST))
def test_a_projection_is_the_fold_of_the_journals_prefix_whatever_lies_in_the_topic(
    session: Session, loop: asyncio.Runner, batches: Sequence[Sequence[tuple[str, int]]], known: int
) -> None:
    """``known``: how far the journal goes. What is not decided yet is a fork, whatever form it has."""
    loop.run(_whatever_lies_there(session, batches, known))


async def _whatever_lies_there(session: Session, batches: Sequence[Sequence[tuple[str, int]]], known: int) -> None:
    stream, service = new_stream(), Subject(session.database, own=OWN)
    await decided(service.journal, *range(1, known + 1), stream=stream)
    offset, came = 0, set[int]()
    for batch in batches:
        records = [said(kind, sequence, stream, offset + place) for place, (kind, sequence) in enumerate(batch)]
        offset += len(batch)
        await service.process(records)
        came |= {sequence for kind, sequence in batch if kind == "true" and sequence <= known}
        prefix = next((n for n in range(known + 1) if n + 1 not in came), known)
        assert await service.told(stream) == list(range(1, prefix + 1))
        assert await service.last(stream) == prefix
