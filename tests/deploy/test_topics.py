"""Topics are created as declared, once; whatever differs is named; a reader sees all of them and moves nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import AIOKafkaProducer
from typer.testing import CliRunner

from deploy.embedded.kafka import Kafka
from deploy.kpk.tools import app_for
from shared.contracts.topics import PEOPLE, TOPICS, Topic, events_of
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.reader import KafkaUnreadable, follow, read_to_end
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.kafka.topics import BrokerRefuses, apply_topics, differences
from tests.kit.eventually import eventually

APP = app_for([])

pytestmark = pytest.mark.infra


def named(topic: Topic, name: str) -> Topic:
    return replace(topic, name=name)


async def test_missing_topics_are_named_created_once_and_then_as_declared(kafka: Kafka) -> None:
    topics = [named(events_of("members"), "apply.events"), named(PEOPLE, "apply.people")]
    missing = await differences(kafka.access, topics)
    assert [str(difference) for difference in missing] == [
        "apply.events: topic is missing, declared is present",
        "apply.people: topic is missing, declared is present",
    ]
    assert await apply_topics(kafka.access, topics) == ["apply.events", "apply.people"]
    assert await differences(kafka.access, topics) == []
    assert await apply_topics(kafka.access, topics) == []


async def test_one_that_the_broker_refuses_is_named_and_the_others_are_there(kafka: Kafka) -> None:
    there = named(PEOPLE, "beside.people")
    with pytest.raises(BrokerRefuses, match="no name! is not created: InvalidTopicError"):
        await apply_topics(kafka.access, [there, named(PEOPLE, "no name!")])

    async def is_there() -> bool:
        return await differences(kafka.access, [there]) == []

    await eventually(is_there, "the topic beside it is there", within=60)


async def test_another_partition_count_or_cleanup_policy_is_fatal_and_other_settings_are_not(kafka: Kafka) -> None:
    there = named(PEOPLE, "fatal.people")
    await apply_topics(kafka.access, [there])
    declared = replace(there, partitions=6, config={**PEOPLE.config, "cleanup.policy": "delete", "segment.ms": "1000"})
    found = await differences(kafka.access, [declared])
    assert {(one.what, one.is_, one.fatal) for one in found} == {
        ("partitions", "12", True),
        ("cleanup.policy", "compact", True),
        ("segment.ms", "43200000", False),
    }


async def test_nobody_there_is_said_soon() -> None:
    with pytest.raises(BrokerRefuses, match=r"127\.0\.0\.1:1"):
        await asyncio.wait_for(differences(KafkaAccess("127.0.0.1:1")), 15)


def test_the_command_ends_with_1_until_the_topics_are_there(kafka: Kafka) -> None:
    options = ["--bootstrap", kafka.bootstrap]
    asyncio.run(apply_topics(kafka.access, TOPICS[1:]))
    before = CliRunner().invoke(APP, ["topics", "diff", *options])
    assert before.exit_code == (1 if TOPICS[0].name in before.output else 0)
    assert CliRunner().invoke(APP, ["topics", "apply", *options]).exit_code == 0
    after = CliRunner().invoke(APP, ["topics", "diff", *options])
    assert (after.exit_code, after.output) == (0, "all topics are as declared\n")


@pytest.fixture
async def written(kafka: Kafka, request: pytest.FixtureRequest) -> tuple[Kafka, str]:
    """A topic with 5000 records, 250 of each of 20 keys."""
    name = f"read.{request.node.name.replace('_', '-')}"
    await apply_topics(kafka.access, [named(events_of("members"), name)])
    await write(kafka, name, range(5000))
    return kafka, name


async def write(kafka: Kafka, topic: str, numbers: Sequence[int]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, enable_idempotence=True) as producer:
        for number in numbers:
            await producer.send(topic, str(number).encode(), key=str(number % 20).encode())
        await producer.flush()


async def test_everything_is_read_once_and_each_key_in_order(written: tuple[Kafka, str]) -> None:
    kafka, topic = written
    records = [record async for batch in read_to_end(kafka.access, [topic]) for record in batch]
    places = [record.partition for record in records]
    assert places == sorted(places), "one partition after the other"
    by_key: dict[bytes, list[int]] = {}
    for record in records:
        by_key.setdefault(record.key or b"", []).append(int(record.value or b""))
    assert by_key == {str(key).encode(): list(range(key, 5000, 20)) for key in range(20)}


async def test_reading_since_a_moment_leaves_out_what_was_before(written: tuple[Kafka, str]) -> None:
    kafka, topic = written
    await asyncio.sleep(0.05)
    moment = datetime.now(UTC)
    await write(kafka, topic, range(5000, 5003))
    values = [record.value or b"" async for batch in read_to_end(kafka.access, [topic], moment) for record in batch]
    assert sorted(values) == [b"5000", b"5001", b"5002"]
    later = moment + timedelta(hours=1)
    assert [batch async for batch in read_to_end(kafka.access, [topic], later)] == []


async def test_a_follower_sees_what_comes_and_not_what_was(written: tuple[Kafka, str]) -> None:
    kafka, topic = written
    following = follow(kafka.access, [topic])
    first: asyncio.Task[list[KafkaRecord]] = asyncio.ensure_future(anext(following))
    number = 7000
    while not first.done():  # it hears nothing until it has seen where the topic ends
        await write(kafka, topic, [number])
        number += 1
    assert {int(record.value or b"") for record in await first} <= {*range(7000, number)}
    await following.aclose()  # type: ignore[attr-defined]


async def test_what_was_comes_in_time_order_over_all_partitions_and_what_comes_after_it(kafka: Kafka) -> None:
    topics = ["order.one", "order.two"]
    await apply_topics(kafka.access, [named(events_of("members"), name) for name in topics])
    for topic, numbers in zip(topics, (range(0, 6000, 3), range(1, 6000, 2)), strict=True):
        await write(kafka, topic, numbers)

    def when(record: KafkaRecord) -> float:
        return float(record.value or b"")

    following = follow(kafka.access, topics, datetime(1970, 1, 1, tzinfo=UTC), when)
    told: list[float] = []
    while len(told) < 5000:
        told += map(when, await asyncio.wait_for(anext(following), 20))
    assert told == sorted([*range(0, 6000, 3), *range(1, 6000, 2)])
    await write(kafka, topics[0], [17])
    live: list[float] = []
    while not live:
        live += map(when, await asyncio.wait_for(anext(following), 20))
    assert live == [17]
    await following.aclose()  # type: ignore[attr-defined]


async def test_a_topic_that_is_not_there_is_named(kafka: Kafka) -> None:
    with pytest.raises(KafkaUnreadable, match=r"no topic not\.there"):
        await asyncio.wait_for(anext(read_to_end(kafka.access, ["not.there"])), 60)
