"""A consumer that nobody has told anything for a while asks seldom; nothing that happens waits for its question."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from deploy.embedded.kafka import Kafka
from shared.runtime.delivery import asking
from shared.runtime.delivery.listener import Listener
from shared.runtime.delivery.stores import POSITIONS
from shared.runtime.kafka.partitioner import number_of
from shared.runtime.kafka.topics import apply_topics
from shared.runtime.mongo.driver import Database
from tests.kit.eventually import eventually
from tests.shared.publishing.test_relay_and_consumer import TOPIC, Listening, delivering, new_stream
from tests.shared.seat_groups import opened, record, registered

pytestmark = pytest.mark.infra

SOON, MUCH_LATER_MS = 20.0, 35_000


@pytest.fixture(autouse=True)
def resting_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer than any test waits, shorter than a question may stand before its line counts as broken."""
    monkeypatch.setattr(asking, "QUIET_MS", 200)
    monkeypatch.setattr(asking, "RESTING_MS", MUCH_LATER_MS)


def rests(listener: Listener) -> bool:
    """The broker has a question of its that stands for long."""
    asked = [task.get_coro().cr_frame for task in listener.consumer._fetcher._pending_tasks]
    lines = [line for (_, group), line in listener.consumer._client._conns.items() if group == asking.FETCHING]
    standing = [frame.f_locals["request"]._max_wait_ms for frame in asked if frame]
    return standing == [MUCH_LATER_MS] and any(line._requests for line in lines)


async def say(kafka: Kafka, stream: str, *sequences: int) -> None:
    said = [record(n, opened() if n == 1 else registered(n), stream) for n in sequences]
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap)
    await producer.start()
    for one in said:
        await producer.send_and_wait(TOPIC, one.value, one.key, headers=list(one.headers))
    await producer.stop()


@asynccontextmanager
async def at_rest(database: Database, kafka: Kafka, group: str) -> AsyncIterator[Listening]:
    await apply_topics(kafka.access)
    async with delivering(database, kafka.access, group) as there:
        await eventually(lambda: there.listener.connected and rests(there.listener), "it asks seldom", SOON * 2)
        yield there


async def test_what_comes_while_it_rests_is_heard_at_once(kafka: Kafka, database: Database) -> None:
    stream = new_stream()
    async with at_rest(database, kafka, uuid4().hex) as there:
        await say(kafka, stream, 1)
        await eventually(lambda: there.reached(1, stream), "the event is in the view", SOON)


async def test_who_goes_back_to_the_beginning_does_not_wait_for_an_old_question(
    kafka: Kafka, database: Database
) -> None:
    stream = new_stream()

    async def forget(_: Sequence[str]) -> None:
        await database[POSITIONS].delete_many({})
        there.subject.delivery.forget()

    await apply_topics(kafka.access)
    await say(kafka, stream, 1, 2)
    async with at_rest(database, kafka, uuid4().hex) as there:
        await eventually(lambda: there.reached(2, stream), "the events are in the view", SOON)
        await eventually(lambda: rests(there.listener), "it asks seldom", SOON)
        await asyncio.wait_for(there.listener.from_the_beginning([TOPIC], forget), SOON)
        await eventually(lambda: there.reached(2, stream), "the events are in the view again", SOON)


async def test_who_takes_over_partitions_does_not_wait_for_an_old_question(kafka: Kafka, database: Database) -> None:
    group = uuid4().hex
    async with at_rest(database, kafka, group) as there:
        async with delivering(database, kafka.access, group) as beside:
            await eventually(lambda: len(assigned(there)) == len(assigned(beside)) == 6, "they share", SOON * 2)
            await eventually(lambda: rests(there.listener), "it asks seldom for its half", SOON)
            taken_over = assigned(beside)
        await eventually(lambda: len(assigned(there)) == 12, "it has them all", SOON)
        stream = next(one for one in iter(new_stream, None) if number_of(one.encode(), tuple(range(12))) in taken_over)
        await say(kafka, stream, 1)
        await eventually(lambda: there.reached(1, stream), "the event is in the view", SOON)


def assigned(there: Listening) -> set[int]:
    return {one.partition for one in there.listener.consumer.assignment()} if there.listener.consumer else set()
