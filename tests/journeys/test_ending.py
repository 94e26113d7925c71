"""A service that is told to go closes what it has open and ends with 0, also while the broker is away."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded import process
from deploy.embedded.kafka import Kafka
from deploy.embedded.mongod import Mongod
from deploy.embedded.ports import free_port
from deploy.embedded.service import Service, ServiceDescription
from deploy.embedded.tokens import callers_file, make_tokens
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.topics import apply_topics
from shared.runtime.start import END_WITHIN
from tests.kit.eventually import eventually

pytestmark = pytest.mark.journey

KILLED_AFTER = END_WITHIN + 2
"""What the one who told it to go would wait; then it would be killed and end with another code."""


def service_at(bootstrap: str, mongod: Mongod, folder: Path) -> Service:
    make_tokens(folder)
    settings = {
        "KPK_MONGO_URI": mongod.uri,
        "KPK_MONGO_DATABASE": f"test_ending_{free_port()}",
        "KPK_KAFKA_BOOTSTRAP": bootstrap,
        "KPK_CALLERS_FILE": str(callers_file(folder)),
    }
    command = [sys.executable, "-m", "services.members", "all"]
    return Service(ServiceDescription("members", command), settings, folder / "service.log", free_port())


@pytest.fixture(params=["kafka is there", "kafka is away"])
def bootstrap(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "kafka is away":
        yield f"127.0.0.1:{free_port()}"
    else:
        kafka: Kafka = request.getfixturevalue("kafka")
        yield kafka.bootstrap


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_told_to_go_it_ends_with_0(
    bootstrap: str, mongod: Mongod, tmp_path: Path, number: signal.Signals, request: pytest.FixtureRequest
) -> None:
    if "there" in request.node.name:
        await apply_topics(KafkaAccess(bootstrap))
    service = service_at(bootstrap, mongod, tmp_path)
    await service.start()
    assert service.identity
    process.send(service.identity, number)
    try:
        await eventually(lambda: service.exit_code is not None, "it has ended", KILLED_AFTER)
    finally:
        await service.kill()
    lines = [json.loads(line) for line in service.log.read_text().splitlines()]
    assert (service.exit_code, lines[-1]["event"], lines[-1]["status"]) == (0, "ended", 0)
