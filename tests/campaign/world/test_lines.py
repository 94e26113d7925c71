"""Clients are held to the bad line, and come back by themselves when it is good again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.contracts.topics import Topic
from shared.runtime.kafka import topics as kafka_admin
from shared.runtime.mongo.driver import Collection, MongoUnavailable, connect
from tests.campaign.world.kafka_line import KafkaBehindLine
from tests.campaign.world.mongo_line import MongodBehindLine
from tests.kit.eventually import eventually

pytestmark = pytest.mark.infra

WORDS = Topic("words", "nobody", {"cleanup.policy": "delete"}, partitions=1)


@pytest.fixture
async def kafka(tmp_path: Path) -> AsyncIterator[KafkaBehindLine]:
    kafka = KafkaBehindLine(tmp_path)
    await kafka.start()
    await kafka.line.start()
    await kafka_admin.apply_topics(kafka.access, [WORDS])
    yield kafka
    await kafka.line.stop()
    await kafka.stop()


async def test_a_producer_is_held_to_the_line(kafka: KafkaBehindLine) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka.far_bootstrap, enable_idempotence=True) as producer:
        await producer.send_and_wait("words", b"one")
        kafka.line.cut()
        waiting = await producer.send("words", b"two")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(waiting), 1)
        assert await heard(kafka, 1) == [b"one"], "the straight way is open meanwhile"
        kafka.line.heal()
        await asyncio.wait_for(waiting, 10)
    assert await heard(kafka, 2) == [b"one", b"two"]


async def test_a_producer_outlasts_a_record_torn_in_the_middle(kafka: KafkaBehindLine) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka.far_bootstrap, enable_idempotence=True) as producer:
        await producer.send_and_wait("words", b"one")
        kafka.line.torn_after["up"] = 400
        await asyncio.wait_for(producer.send_and_wait("words", b"two" * 1000), 10)
        assert not kafka.line.torn_after
    assert await heard(kafka, 2) == [b"one", b"two" * 1000]


async def test_a_driver_is_held_to_the_line(tmp_path: Path) -> None:
    mongod = MongodBehindLine(tmp_path)
    await mongod.start()
    await mongod.line.start()
    session = connect(mongod.far_uri, "test", within=2)
    try:
        words = session.database["words"]
        await eventually(lambda: put(words, 1), "the driver has found its server")
        mongod.line.hold("up", "down")
        with pytest.raises(MongoUnavailable):
            await words.insert_one({"_id": 2})
        mongod.line.heal()
        await eventually(lambda: put(words, 3), "it is found again")
    finally:
        await session.close()
        await mongod.line.stop()
        await mongod.stop()


async def put(words: Collection, number: int) -> bool:
    """However often it is tried."""
    return (await words.replace_one({"_id": number}, {}, upsert=True)).acknowledged


async def heard(kafka: KafkaBehindLine, count: int) -> list[bytes | None]:
    consumer = AIOKafkaConsumer("words", bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest")
    async with asyncio.timeout(20), consumer:
        return [(await consumer.getone()).value for _ in range(count)]
