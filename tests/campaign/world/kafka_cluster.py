"""Three real Kafka nodes on loopback: what two of them have is acknowledged, and survives the loss of any one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient

from deploy.embedded.kafka import Kafka
from deploy.embedded.kafka_storage import random_id
from deploy.embedded.ports import free_port

NODES = (1, 2, 3)

SETTINGS = {
    "default.replication.factor": "3",
    "min.insync.replicas": "2",
    "unclean.leader.election.enable": "false",
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "share.coordinator.state.topic.replication.factor": "3",
    "share.coordinator.state.topic.min.isr": "2",
    # Quick to notice a dead node, but not so quick that three nodes on two busy cores take one another for dead.
    "broker.session.timeout.ms": "6000",
    "broker.heartbeat.interval.ms": "1000",
    "replica.lag.time.max.ms": "5000",
}


class KafkaCluster:
    """``kafka-1`` to ``kafka-3`` in ``nodes``: each is a `Program`, to be killed and started on its own."""

    def __init__(self, folder: Path) -> None:
        cluster, ports = random_id(), [free_port() for _ in range(2 * len(NODES))]
        own, controllers = ports[: len(NODES)], ports[len(NODES) :]
        voters = ",".join(f"{node}@127.0.0.1:{port}" for node, port in zip(NODES, controllers, strict=True))
        self.nodes: dict[str, Kafka] = {}
        for node, port, controller in zip(NODES, own, controllers, strict=True):
            settings = {**SETTINGS, "node.id": str(node), "controller.quorum.voters": voters}
            made = Kafka(folder / name_of(node), port, controller, settings=settings, cluster=cluster)
            made.name = name_of(node)
            self.nodes[made.name] = made

    @property
    def bootstrap(self) -> str:
        return ",".join(node.bootstrap for node in self.nodes.values())

    async def start(self) -> None:
        """All at once: one alone is no majority and would wait for the others."""
        async with asyncio.TaskGroup() as group:
            for node in self.nodes.values():
                group.create_task(node.start())

    async def stop(self) -> None:
        await asyncio.gather(*(node.stop() for node in self.nodes.values()))

    async def leader(self, topic: str, partition: int) -> str | None:
        """The name of the node that leads this partition; None while there is none."""
        [told] = [row for row in await self._partitions([topic]) if row["partition"] == partition]
        return name_of(told["leader"]) if told["leader"] >= 0 else None

    async def is_whole(self) -> bool:
        """Whether every partition of every topic has all its replicas in sync."""
        rows = await self._partitions(None)
        return bool(rows) and all(len(row["isr"]) == len(row["replicas"]) for row in rows)

    async def _partitions(self, topics: list[str] | None) -> list[dict[str, Any]]:
        async with self._admin() as admin:
            return [row for topic in await admin.describe_topics(topics) for row in topic["partitions"]]

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        running = [node.bootstrap for node in self.nodes.values() if node.is_running]
        admin = AIOKafkaAdminClient(bootstrap_servers=running, request_timeout_ms=5_000)
        try:
            await admin.start()
            yield admin
        finally:
            await admin.close()


def name_of(node: int) -> str:
    return f"kafka-{node}"
