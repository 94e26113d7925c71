"""P9: what it costs to be there while nobody wants anything: processor, questions to mongod, requests to Kafka."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from deploy.embedded.data_folder import claim, only_one
from deploy.embedded.kafka import LOG_SETTINGS, Kafka
from deploy.embedded.mongo_guard import MongoGuard
from deploy.embedded.program import Program
from deploy.embedded.service import SERVICES, ServiceDescription
from deploy.embedded.stack import Stack
from shared.runtime.mongo.driver import directly
from tests.bench.machine import cpu_seconds
from tests.bench.measured import Claim, Figures, Place
from tests.bench.row import PRODUCT, Row, Side

SETTLING_SECONDS, MEASURED_SECONDS = 20.0, 120.0
ALONE = "servers alone"
CORE = "% of a core, the busiest service"
OPERATIONS = ("query", "getmore", "command", "insert", "update", "delete")

EVERY_REQUEST = """
appender.file.type = File
appender.file.name = requests
appender.file.fileName = {file}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %m%n
logger.requests.name = kafka.request.logger
logger.requests.level = debug
logger.requests.additivity = false
logger.requests.appenderRef.file.ref = requests
"""


class CountingKafka(Kafka):
    """Writes down every request that it has answered, its controller's own left out."""

    async def prepare(self) -> None:
        await super().prepare()
        self._log_settings.write_text(LOG_SETTINGS.read_text() + EVERY_REQUEST.format(file=self._requests))

    def command(self) -> Sequence[str | Path]:
        known, ours = f"-Dlog4j2.configurationFile={LOG_SETTINGS}", f"-Dlog4j2.configurationFile={self._log_settings}"
        return [ours if one == known else one for one in super().command()]

    def requests(self) -> Counter[str]:
        text = self._requests.read_text() if self._requests.exists() else ""
        names = re.findall(r'"clientId":"(?:aiokafka|faststream)[^"]*","requestApiKeyName":"(\w+)"', text)
        return Counter(names)

    @property
    def _log_settings(self) -> Path:
        return self.folder / "log4j2.properties"

    @property
    def _requests(self) -> Path:
        return self.folder / "requests.log"


class Idle(Row):
    id = "P9-idle"
    title = "Idle"
    about = (
        "`kpk up` with all services, each with API and worker in one process, and nobody who asks for anything, for "
        "two minutes: processor time of each process, operations at mongod by its own counters, our requests at Kafka. "
        "Beside it the same mongod and Kafka with their topics and no service."
    )
    claims = (Claim("% of a core for a service", Place(PRODUCT, CORE), None, "at most", 0.5),)
    most_rounds = 3

    @asynccontextmanager
    async def prepared(self) -> AsyncIterator[Mapping[str, Side]]:
        async with _running(self.folder / "idle", SERVICES) as stack, _running(self.folder / "alone", ()) as alone:
            await asyncio.sleep(SETTLING_SECONDS)
            yield {PRODUCT: partial(_idle, stack), ALONE: partial(_used, alone)}


@asynccontextmanager
async def _running(data: Path, services: Sequence[ServiceDescription]) -> AsyncIterator[Stack]:
    with only_one(data):
        claim(data)
        stack = Stack(data, services, say=lambda _: None)
        ports = stack.ports["kafka"], stack.ports["kafka-controller"]
        stack.kafka = CountingKafka(data / "kafka", *ports, guard=stack.guard)
        await stack.start()
        try:
            yield stack
        finally:
            await stack.stop()


async def _idle(stack: Stack, side: str) -> Figures:
    kafka = stack.kafka
    assert isinstance(kafka, CountingKafka)
    operations, requests = await _operations(stack), kafka.requests()
    used = await _used(stack, side)
    asked = await _operations(stack) - operations
    sent = kafka.requests() - requests
    return {
        CORE: max(used[_share(service)] for service in stack.services),
        **used,
        "operations/s at mongod": asked.total() / MEASURED_SECONDS,
        "requests/s at Kafka": sent.total() / MEASURED_SECONDS,
        **{f"{name}/s": number / MEASURED_SECONDS for name, number in [*asked.items(), *sent.most_common()]},
    }


async def _used(stack: Stack, _: str) -> Figures:
    before = _cores(stack)
    await asyncio.sleep(MEASURED_SECONDS)
    return {name: (after - before[name]) / MEASURED_SECONDS * 100 for name, after in _cores(stack).items()}


def _share(program: Program) -> str:
    return f"% of a core, {program.name}"


def _cores(stack: Stack) -> dict[str, float]:
    return {_share(program): cpu_seconds(program.identity) for program in stack.programs}


async def _operations(stack: Stack) -> Counter[str]:
    login = MongoGuard(stack.mongo_secrets).own
    async with directly(f"127.0.0.1:{stack.mongod.port}", login=login) as server:
        told = (await server["admin"].command("serverStatus"))["opcounters"]
    return Counter({name: int(told[name]) for name in OPERATIONS})
