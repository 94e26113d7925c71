"""A topic that lost its beginning, or is not as declared: seen, alarmed, no projection lost to it, and filled again."""

from __future__ import annotations

import asyncio

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # it names no exports
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from deploy.embedded.kafka import Kafka
from deploy.embedded.mongod import Mongod
from shared.contracts.topics import events_of
from shared.runtime.delivery.stores import POSITIONS
from shared.runtime.mongo.driver import Database
from shared.runtime.operating import versions
from shared.runtime.operating.maintenance import ProjectionUnknown
from shared.runtime.operating.rebuild import TopicsIncomplete
from tests.kit.eventually import eventually
from tests.shared.seat_groups import commit, opened, registered
from tests.shared.small_service import Place, history, listens, new_stream, working

pytestmark = [pytest.mark.infra, pytest.mark.timeout(240)]

OWN = events_of("members").name
SECONDS = 20.0


def behead(bootstrap: str) -> None:
    """The broker deletes whatever the own topic holds, as its retention would."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    everything = [TopicPartition(OWN, number, -1) for number in range(events_of("members").partitions)]
    for answer in admin.delete_records(everything).values():
        answer.result(SECONDS)


def set_retention(bootstrap: str, milliseconds: str) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    entry = ConfigEntry("retention.ms", milliseconds, incremental_operation=AlterConfigOpType.SET)
    changed = ConfigResource(ResourceType.TOPIC, OWN, incremental_configs=[entry])
    for answer in admin.incremental_alter_configs([changed]).values():
        answer.result(SECONDS)


async def test_a_beginning_that_is_gone_costs_no_projection_and_is_filled_again(
    own_kafka: Kafka, mongod: Mongod, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(versions, "INCOMPLETE_SECONDS", 0.2)
    place, stream = Place(mongod.uri, own_kafka.bootstrap, database, name="members"), new_stream()
    async with working(place.process(history(1))) as members:
        await listens(members)
        for sequence in (1, 2, 3):
            await members.journal.append(commit(sequence, opened() if sequence == 1 else registered(sequence), stream))
        await place.tells(stream, 1, 1, 2, 3)
        await asyncio.to_thread(behead, own_kafka.bootstrap)
        await asyncio.to_thread(set_retention, own_kafka.bootstrap, "3600000")
        await members.maintenance.drift.look()
        sentences = members.alarms.sentences()
        assert any("retention.ms is 3600000, declared is -1" in one for one in sentences)
        assert any(f"the beginning of {OWN} is gone in 1 partitions" in one for one in sentences)
        with pytest.raises(ProjectionUnknown) as no:
            await members.maintenance.rebuild([history(1)], "stories")
        assert no.value.detail.endswith("Es gibt: history.")
        with pytest.raises(TopicsIncomplete):
            await members.maintenance.rebuild([history(1)], "history")
        await eventually(lambda: _settled(place, stream), "the position is noted", 20)
        assert await place.told(stream) == (1, [1, 2, 3])
        await asyncio.to_thread(set_retention, own_kafka.bootstrap, "-1")
    async with working(place.process(history(2))) as members:
        await eventually(lambda: _says(members.alarms.sentences(), "history stays as it is"), "the worker says so", 40)
        assert await place.told(stream) == (1, [1, 2, 3])
        await members.maintenance.republish(None)
        await place.tells(stream, 2, 1, 2, 3)
        await eventually(lambda: members.alarms.sentences() == [], "nothing waits any more", 20)


async def _settled(place: Place, stream: str) -> bool:
    found = await place.database[POSITIONS].find_one({"_id": stream})
    return found is not None and found["last"] == 3


def _says(sentences: list[str], what: str) -> bool:
    return any(what in one for one in sentences)
