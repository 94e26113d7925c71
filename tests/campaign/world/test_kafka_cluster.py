"""Three brokers: what two have is acknowledged; one alone acknowledges nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.contracts.topics import Topic
from shared.runtime.kafka import topics as kafka_admin
from shared.runtime.kafka.access import KafkaAccess
from tests.campaign.world.kafka_cluster import KafkaCluster
from tests.kit.eventually import eventually

pytestmark = pytest.mark.cluster

WORDS = Topic("words", "nobody", {"cleanup.policy": "delete"}, partitions=1)


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[KafkaCluster]:
    cluster = KafkaCluster(tmp_path)
    try:
        await cluster.start()
        await kafka_admin.apply_topics(KafkaAccess(cluster.bootstrap), [WORDS], replication=3)
        await eventually(cluster.is_whole, "three replicas are in sync", within=30)
        yield cluster
    finally:
        await cluster.stop()


async def test_the_loss_of_any_leader_loses_nothing(cluster: KafkaCluster) -> None:
    async with AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, enable_idempotence=True) as producer:
        for number in range(2):
            await producer.send_and_wait("words", b"%d" % number, partition=0)
            leader = await cluster.leader("words", 0)
            assert leader is not None
            await cluster.nodes[leader].kill()
            await asyncio.wait_for(producer.send_and_wait("words", b"%d and on" % number, partition=0), 30)
            assert await eventually(lambda: cluster.leader("words", 0), "another leads", 20) != leader
            await cluster.nodes[leader].start()
            await eventually(cluster.is_whole, "the killed one has caught up", within=30)
    assert await heard(cluster, 4) == [b"0", b"0 and on", b"1", b"1 and on"]


async def test_one_of_three_acknowledges_nothing(cluster: KafkaCluster) -> None:
    leader = await cluster.leader("words", 0)
    others = [name for name in cluster.nodes if name != leader]
    await cluster.nodes[others[0]].kill()
    await cluster.nodes[others[1]].kill()
    try:
        async with AIOKafkaProducer(
            bootstrap_servers=cluster.bootstrap, acks="all", request_timeout_ms=4_000
        ) as producer:
            with pytest.raises((TimeoutError, KafkaError)):
                await asyncio.wait_for(producer.send_and_wait("words", b"lonely", partition=0), 12)
    finally:
        await asyncio.gather(*(cluster.nodes[name].start() for name in others))
    await eventually(cluster.is_whole, "all are back", within=40)


async def heard(cluster: KafkaCluster, count: int) -> list[bytes | None]:
    consumer = AIOKafkaConsumer("words", bootstrap_servers=cluster.bootstrap, auto_offset_reset="earliest")
    async with asyncio.timeout(20), consumer:
        return [(await consumer.getone()).value for _ in range(count)]
