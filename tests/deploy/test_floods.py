"""Who asks a broker for too much, or knocks without end: answered later, and nobody else is kept waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka.protocol.fetch import FetchRequest

from deploy.embedded.guard import CONNECTIONS, Guard
from deploy.embedded.kafka import Kafka
from deploy.rights import passwords
from deploy.rights.differences import differences
from deploy.rights.kafka import OF_READERS
from shared.runtime.kafka.topics import apply_topics
from tests.kit.attempts import batch, connected, produce
from tests.kit.servers import running

pytestmark = pytest.mark.infra

READER, TOPIC = "city-archive", "kpk.members.public.v1"
MUCH = 900_000
WINDOWS = 11
"""Of a second, over which the broker looks how much somebody took."""


@pytest.fixture(scope="module")
def guarded(own_folder: Path) -> Iterator[Kafka]:
    guard = Guard(own_folder / "secrets")
    passwords.make(guard.folder, [READER])
    broker = Kafka(own_folder / "kafka", guard=guard)
    with running(broker):
        asyncio.run(apply_topics(broker.access))
        yield broker


def login(broker: Kafka, user: str) -> dict[str, Any]:
    assert broker.guard
    return broker.guard.access(broker.bootstrap, user).options()


async def slowed_by(client: Any) -> int:
    """How many ms the broker lets this one wait after a record of much size."""
    answer = await client._send_request(FetchRequest(0, 0, 2 * MUCH, 0, [(TOPIC, [(0, 0, 2 * MUCH)])]))
    return int(answer.throttle_time_ms)


async def test_a_reader_without_measure_is_slowed_down_and_nobody_else(guarded: Kafka) -> None:
    async with connected(login(guarded, "members")) as members, connected(login(guarded, READER)) as reader:
        assert await produce(members, TOPIC, batch(value=bytes(MUCH))) == 0
        enough = int(WINDOWS * OF_READERS["consumer_byte_rate"] / MUCH)
        waits = [await slowed_by(reader) for _ in range(enough + 5)]
        assert waits[0] == 0 and waits[-1] > 0
        assert [await slowed_by(members) for _ in range(5)] == [0] * 5
        assert await produce(members, TOPIC) == 0


@asynccontextmanager
async def knocking(broker: Kafka, times: int) -> AsyncIterator[None]:
    """Lines that are opened and on which nothing is said."""
    lines = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", broker.port) for _ in range(times)))
    try:
        yield
    finally:
        for _, writer in lines:
            writer.close()


async def test_whoever_opens_lines_without_end_keeps_nobody_from_working_and_the_operator_gets_in(
    guarded: Kafka,
) -> None:
    async with connected(login(guarded, "members")) as members:
        assert await produce(members, TOPIC) == 0
        async with knocking(guarded, CONNECTIONS + 20):
            assert await produce(members, TOPIC) == 0
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(2), connected(login(guarded, READER)):
                    pass
            assert not await differences(guarded.access), "over the listener that is the broker's own"
    async with connected(login(guarded, READER)) as reader:
        assert await slowed_by(reader) >= 0
