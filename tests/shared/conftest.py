"""Where a small service is installed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest

from deploy.embedded.kafka import Kafka
from deploy.embedded.mongod import Mongod
from shared.runtime.history import gate
from shared.runtime.kafka.topics import apply_topics
from shared.runtime.mongo.driver import Database, Session, connect
from shared.runtime.operating import rebuild, versions
from tests.shared.small_service import Held, Place


@pytest.fixture
async def place(kafka: Kafka, mongod: Mongod, database: Database, monkeypatch: pytest.MonkeyPatch) -> Place:
    """For a small service, which looks often at what it waits for."""
    await apply_topics(kafka.access)
    monkeypatch.setattr(versions, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(gate, "LOOK_AGAIN_SECONDS", 0.1)
    return Place(mongod.uri, kafka.bootstrap, database)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    held = Held()
    monkeypatch.setattr(rebuild, "read_to_end", held.read)
    return held


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    """For properties, whose every example runs on the same one."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def session(mongod: Mongod, loop: asyncio.Runner) -> Iterator[Session]:
    session = connect(mongod.uri, f"test_any_{uuid4().hex[:12]}")
    yield session
    loop.run(session.close())
