"""A fresh database on the real mongod for each test, and the members service's own deciders to fill it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.embedded.kafka import Kafka
from deploy.embedded.mongod import Mongod
from shared.runtime.kafka.topics import apply_topics
from shared.runtime.mongo.driver import Database, connect


@pytest.fixture
async def database(mongod: Mongod) -> AsyncIterator[Database]:
    session = connect(mongod.uri, f"test_{uuid4().hex[:12]}")
    yield session.database
    await session.close()


@pytest.fixture
async def own_kafka(tmp_path: Path) -> AsyncIterator[Kafka]:
    """A broker of the test's own, to be stopped and started."""
    broker = Kafka(tmp_path / "kafka")
    await broker.start()
    await apply_topics(broker.bootstrap)
    yield broker
    await broker.stop()
