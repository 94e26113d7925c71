"""A broker of a test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.embedded.kafka import Kafka
from shared.runtime.kafka.topics import apply_topics


@pytest.fixture
async def own_kafka(tmp_path: Path) -> AsyncIterator[Kafka]:
    """A broker of the test's own, to be stopped and started."""
    broker = Kafka(tmp_path / "kafka")
    await broker.start()
    await apply_topics(broker.bootstrap)
    yield broker
    await broker.stop()
