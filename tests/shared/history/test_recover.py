"""A journal that is older than its topic: what was decided on the old state gives way, and nothing is skipped."""

from __future__ import annotations

import pytest

from deploy.embedded.kafka import Kafka
from shared.runtime.history.recover import Recovery
from shared.runtime.mongo.driver import Database
from tests.shared.history.test_own_topic import OWN, decided, publish_all, true
from tests.shared.seat_groups import Subject, commit, registered
from tests.shared.small_service import Place, new_stream

pytestmark = pytest.mark.infra


async def older(kafka: Kafka, database: Database, stream: str) -> tuple[Subject, Recovery]:
    """The first event is there, published; the topic has more."""
    ours = Subject(database, own=OWN)
    await ours.journal.prepare()
    await decided(ours.journal, 1, stream=stream)
    await publish_all(ours.journal)
    ours.gate.behind = True
    return ours, Recovery(kafka.access, OWN, ours.journal, [], ours.parked, ours.gate)


async def events(ours: Subject, stream: str) -> list[str]:
    return [event.id for one in await ours.journal.read(stream) for event in one.events]


def of(stream: str, *sequences: int) -> list[str]:
    return [commit(one, registered(one), stream).events[0].id for one in sequences]


async def of_stream(recovery: Recovery, stream: str) -> list[int]:
    return [one.last for one in await recovery.lacking() if one.stream == stream]


async def test_what_contradicts_the_topic_is_set_aside_and_kept_for_people(
    kafka: Kafka, place: Place, database: Database
) -> None:
    """Also what agrees by its number alone: it was decided behind what contradicts."""
    stream = new_stream()
    ours, recovery = await older(kafka, database, stream)
    for sequence in (2, 3, 4):
        await ours.journal.append(commit(sequence, registered(sequence + 5), stream, salt="since"))
    await place.publish(*true(1, 2, 3, stream=stream))
    done = await recovery.bring_forward()
    assert done["conflicts"] == 3
    assert await events(ours, stream) == of(stream, 1, 2, 3)
    assert await database["journal_conflicts"].count_documents({"commit.stream": stream}) == 3
    assert await of_stream(recovery, stream) == []


async def test_what_the_topic_has_already_and_nobody_has_marked_stays(
    kafka: Kafka, place: Place, database: Database
) -> None:
    """The relay ended between the acknowledgement and its mark."""
    stream = new_stream()
    ours, recovery = await older(kafka, database, stream)
    await decided(ours.journal, 2, stream=stream)
    await place.publish(*true(1, 2, 3, stream=stream))
    done = await recovery.bring_forward()
    assert done["conflicts"] == 0
    assert await events(ours, stream) == of(stream, 1, 2, 3)


async def test_nothing_is_taken_behind_a_gap(kafka: Kafka, place: Place, database: Database) -> None:
    stream = new_stream()
    ours, recovery = await older(kafka, database, stream)
    await place.publish(*true(1, 2, 4, stream=stream))
    await recovery.bring_forward()
    assert await events(ours, stream) == of(stream, 1, 2)
    assert await of_stream(recovery, stream) == [4]
