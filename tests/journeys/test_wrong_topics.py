"""A service does not work on topics that would break its promises: it ends and says which and why."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded import process
from deploy.embedded.kafka import Kafka
from deploy.embedded.mongod import Mongod
from deploy.embedded.service import Service, ServiceDescription
from deploy.embedded.tokens import callers_file, make_tokens
from shared.contracts.topics import Topic, events_of
from shared.runtime.kafka.topics import apply_topics
from tests.kit.eventually import eventually
from tests.kit.servers import running

FEW = replace(events_of("members"), partitions=3)
FEWER = "kpk.members.v1: partitions is 3, declared is 12"
FORGETFUL = replace(events_of("funding"), config={**events_of("funding").config, "cleanup.policy": "compact"})


@pytest.fixture(scope="module")
def broker(own_folder: Path) -> Iterator[Kafka]:
    """Of its own: elsewhere these topics are as declared."""
    kafka = Kafka(own_folder / "kafka")
    with running(kafka):
        asyncio.run(apply_topics(kafka.access, [FEW, FORGETFUL]))
        yield kafka


@pytest.mark.journey
@pytest.mark.parametrize(
    ("topic", "role", "difference"),
    [
        (FEW, "all", FEWER),
        (FORGETFUL, "worker", f"{FEWER}; kpk.funding.v1: cleanup.policy is compact, declared is delete"),
    ],
)
async def test_a_service_ends_with_1_and_names_the_difference(
    broker: Kafka, mongod: Mongod, tmp_path: Path, topic: Topic, role: str, difference: str
) -> None:
    service = service_on(broker, mongod, tmp_path, topic.owner, role)
    child = process.launch(service.command(), service.log, service.environment())
    try:
        await eventually(lambda: child.poll() is not None, f"{topic.owner} has ended", 60)
    finally:
        child.kill()
        child.wait(10)
    assert child.returncode == 1
    [said] = [line for line in lines_of(service.log) if line["level"] == "critical"]
    assert (said["event"], said["differences"]) == ("topics differ from their declaration", difference)


def service_on(broker: Kafka, mongod: Mongod, folder: Path, name: str, role: str) -> Service:
    make_tokens(folder)
    settings = {
        "KPK_MONGO_URI": mongod.uri,
        "KPK_MONGO_DATABASE": f"test_refused_{name}",
        "KPK_KAFKA_BOOTSTRAP": broker.bootstrap,
        "KPK_CALLERS_FILE": str(callers_file(folder)),
    }
    command = [sys.executable, "-m", f"services.{name}", role]
    return Service(ServiceDescription(name, command), settings, folder / "service.log")


def lines_of(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]
