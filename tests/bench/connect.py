"""Kafka Connect 4.3.1 with the MongoDB sink 2.0.1, with the best settings that we found for it.

Two tasks, unordered bulk writes, 5,000 records a poll, the document's id taken from the record's key. It writes once
for each event, checks no sequence and parks nothing; with two tasks the partition alone keeps the order.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.embedded import parts
from deploy.embedded.ports import free_port
from deploy.embedded.program import Program
from shared.runtime.mongo.driver import Collection
from tests.bench import data
from tests.bench.bare import watched
from tests.bench.catching_up import PROJECTION, Load, must_be_caught_up
from tests.bench.connect_jars import RUNTIME, SINK, NotToBeHad
from tests.bench.measured import Figures
from tests.bench.servers import Servers, running
from tests.bench.waiting import until

__all__ = ["NotToBeHad", "catch_up", "jars"]

LOG_SETTINGS = Path(__file__).with_name("connect-log4j2.properties")
TICK = 0.05
TASKS = 2

WORKER = """\
bootstrap.servers={bootstrap}
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
value.converter.schemas.enable=false
offset.storage.file.filename={folder}/offsets
listeners=http://127.0.0.1:{port}
plugin.path={plugins}
# The sink has no service manifest.
plugin.discovery=hybrid_warn
connector.client.config.override.policy=All
"""

# The stock strategy for ids makes a new one for each event: it has to be told that the key is the document's id.
SINK_SETTINGS: Mapping[str, str] = {
    "connector.class": "com.mongodb.kafka.connect.MongoSinkConnector",
    "tasks.max": str(TASKS),
    "topics": data.TOPIC,
    "bulk.write.ordered": "false",
    "consumer.override.max.poll.records": "5000",
    "consumer.override.auto.offset.reset": "earliest",
    "transforms": "id",
    "transforms.id.type": "org.apache.kafka.connect.transforms.HoistField$Key",
    "transforms.id.field": "_id",
    "document.id.strategy": "com.mongodb.kafka.connect.sink.processor.id.strategy.ProvidedInKeyStrategy",
    "document.id.strategy.overwrite.existing": "true",
}


@dataclass(frozen=True, slots=True)
class Jars:
    runtime: Sequence[Path]
    plugins: Path


def jars() -> Jars:
    """Brings them if they are not there yet. Raises ``NotToBeHad``."""
    SINK.jars()
    return Jars(RUNTIME.jars(), SINK.folder.parent)


async def catch_up(ours: Servers, load: Load, with_jars: Jars, name: str) -> Figures:
    """From the moment at which its consumers have their partitions until every document is at its end."""
    worker = Connect(ours, with_jars, ours.folder / name)
    async with running(worker), ours.database(name) as database:
        await worker.deploy(name, database.name)
        async with watched(ours.bootstrap, f"connect-{name}") as group:
            await until(group.has_partitions, tick=0.005)
        began = time.monotonic()
        ended = await _finished(database[PROJECTION], load)
        await must_be_caught_up(database[PROJECTION], load)
    return {"events/s": load.events / (ended - began)}


async def _finished(collection: Collection, load: Load) -> float:
    """Asked in a way that costs the server little: how many documents there are, then how many are at their end."""

    async def all_there() -> bool:
        return await collection.estimated_document_count() >= load.streams

    async def all_at_their_end() -> bool:
        return await collection.count_documents({"organisation": load.last}) >= load.streams

    await until(all_there, TICK)
    await until(all_at_their_end, TICK)
    return time.monotonic()


class Connect(Program):
    """One standalone worker; ready when its REST resources are in."""

    name = "connect"
    ready_within = 60.0

    def __init__(self, ours: Servers, with_jars: Jars, folder: Path) -> None:
        self._servers = ours
        self._jars = with_jars
        self._folder = folder
        self._port = free_port()
        super().__init__(folder / "connect.log", [self._port])

    async def prepare(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._settings.write_text(
            WORKER.format(
                bootstrap=self._servers.bootstrap,
                folder=self._folder,
                port=self._port,
                plugins=self._jars.plugins,
            )
        )

    def command(self) -> Sequence[str | Path]:
        class_path = ":".join(str(jar) for jar in self._jars.runtime)
        options = ("-Xmx1g", "-Xlog:disable", "-Xlog:all=error", f"-Dlog4j2.configurationFile={LOG_SETTINGS}")
        return [parts.java(), *options, "-cp", class_path, *self._main]

    async def is_ready(self) -> bool:
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            try:
                return (await client.get(f"{self._url}/connectors")).is_success
            except httpx.TransportError:
                return False

    async def deploy(self, name: str, database: str) -> None:
        uri = f"{self._servers.uri}&w=majority&journal=true"
        config = {**SINK_SETTINGS, "connection.uri": uri, "database": database, "collection": PROJECTION}
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            answer = await client.post(f"{self._url}/connectors", json={"name": name, "config": config})
            if not answer.is_success:
                raise RuntimeError(f"Kafka Connect refuses its settings: {answer.status_code} {answer.text[:500]}")

    @property
    def _main(self) -> Sequence[str | Path]:
        return ["org.apache.kafka.connect.cli.ConnectStandalone", self._settings]

    @property
    def _settings(self) -> Path:
        return self._folder / "worker.properties"

    @property
    def _url(self) -> str:
        return f"http://127.0.0.1:{self._port}"
