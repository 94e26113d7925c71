"""Kafka and mongod for one row alone, on a folder of its own, ended when the row is."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from deploy.embedded.guard import Guard
from deploy.embedded.kafka import Kafka
from deploy.embedded.mongod import Mongod
from deploy.embedded.program import Program
from deploy.embedded.tokens import callers_file, make_tokens
from shared.runtime.kafka.topics import apply_topics
from shared.runtime.mongo.driver import Database, connect
from tests.bench.machine import cpu_seconds

P = TypeVar("P", bound=Program)

JOINING_MS = 1500
"""Two members that start at the same moment get their partitions together, without a second round of assignment."""

REST, PATIENCE = 0.1, 30.0
"""Of a core; seconds."""


class PatientKafka(Kafka):
    """The embedded broker with a larger heap, and a group that waits for all its members before it begins."""

    def __init__(self, folder: Path, guard: Guard | None = None) -> None:
        super().__init__(folder, heap="512m", guard=guard)

    async def prepare(self) -> None:
        await super().prepare()
        with (self.folder / "server.properties").open("a") as settings:
            settings.write(f"\ngroup.initial.rebalance.delay.ms={JOINING_MS}\n")


class RoomyMongod(Mongod):
    """The embedded mongod with a cache that holds what is measured, as a production server's would."""

    def command(self) -> Sequence[str | Path]:
        given = list(super().command())
        given[given.index("--wiredTigerCacheSizeGB") + 1] = "1"
        given[given.index("--oplogSize") + 1] = "2048"
        return given


@dataclass(frozen=True, slots=True)
class Servers:
    folder: Path
    kafka: PatientKafka
    mongod: RoomyMongod

    @property
    def bootstrap(self) -> str:
        return self.kafka.bootstrap

    @property
    def uri(self) -> str:
        return self.mongod.uri

    @property
    def kafka_login(self) -> dict[str, str]:
        """How the product reaches Kafka: what ``KafkaAccess`` takes."""
        return {"bootstrap": self.bootstrap}

    @property
    def of_everybody(self) -> dict[str, str]:
        return {"KPK_CALLERS_FILE": str(callers_file(self.folder))}

    @property
    def settings(self) -> dict[str, str]:
        """What every service is told of these servers."""
        return {**self.of_everybody, "KPK_MONGO_URI": self.uri, "KPK_KAFKA_BOOTSTRAP": self.bootstrap}

    @asynccontextmanager
    async def database(self, name: str) -> AsyncIterator[Database]:
        session = connect(self.uri, name, within=120)
        try:
            yield session.database
        finally:
            await session.close()


@asynccontextmanager
async def servers(folder: Path) -> AsyncIterator[Servers]:
    """Both up, with the declared topics and tokens for callers; the folder is gone afterwards."""
    ours = Servers(folder, PatientKafka(folder / "kafka"), RoomyMongod(folder / "mongod"))
    async with running(ours.mongod), running(ours.kafka):
        make_tokens(folder)
        await apply_topics(ours.kafka.access)
        yield ours
    shutil.rmtree(folder)


async def settled(ours: Servers, *others: Program) -> None:
    """Waits until what was filled in is at rest: servers and others use less than ``REST``, or ``PATIENCE`` is over."""
    until = time.monotonic() + PATIENCE
    busy = 1.0
    while busy > REST and time.monotonic() < until:
        before = _used(ours.kafka, ours.mongod, *others)
        await asyncio.sleep(1)
        busy = _used(ours.kafka, ours.mongod, *others) - before


def _used(*programs: Program) -> float:
    return sum(cpu_seconds(program.identity) for program in programs)


@asynccontextmanager
async def running(program: P) -> AsyncIterator[P]:
    await program.start()
    try:
        yield program
    finally:
        await program.stop()
