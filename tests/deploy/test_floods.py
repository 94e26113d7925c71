"""Who asks a broker for too much, or knocks without end: answered later, and nobody else is kept waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka.protocol.fetch import FetchRequest

from deploy.embedded.guard import CONNECTIONS, Guard
from deploy.embedded.kafka import Kafka
from deploy.rights import passwords
from deploy.rights.differences import differences
from deploy.rights.kafka import OF_READERS
from shared.runtime.kafka.quotas import set_quotas
from shared.runtime.kafka.topics import administering, apply_topics
from tests.kit.attempts import batch, connected, produce
from tests.kit.eventually import eventually
from tests.kit.servers import running

pytestmark = pytest.mark.infra

READER, TOPIC = "city-archive", "kpk.members.public.v1"
MUCH = 900_000
SECONDS = 11
"""Over which the broker looks how much somebody took. A busy machine is too slow for what a reader may really take."""


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
        async with administering(guarded.access) as admin:
            await set_quotas(admin, {READER: {**OF_READERS, "consumer_byte_rate": float(MUCH // SECONDS)}})

        async def is_slowed() -> bool:
            return await slowed_by(reader) > 0

        await eventually(is_slowed, "a reader who takes more than is theirs waits")
        assert [await slowed_by(members) for _ in range(5)] == [0] * 5
        assert await produce(members, TOPIC) == 0
    await guarded.guard.apply(60)  # type: ignore[union-attr]


@asynccontextmanager
async def knocking(broker: Kafka, times: int) -> AsyncIterator[None]:
    """Lines that are opened and on which nothing is said: one after the other, for the kernel forgets some of many."""
    with ExitStack() as lines:
        for _ in range(times):
            _, writer = await asyncio.open_connection("127.0.0.1", broker.port)
            lines.callback(writer.close)
        yield


async def is_let_in(broker: Kafka) -> bool:
    """Whether the broker takes a new line and looks at what is said there: nonsense, upon which it hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", broker.port)
    writer.write(bytes([255] * 4))
    try:
        async with asyncio.timeout(2):
            return await reader.read(1) == b""
    except TimeoutError:
        return False
    finally:
        writer.close()


async def test_lines_without_end_keep_nobody_from_working_and_the_operator_gets_in(guarded: Kafka) -> None:
    await eventually(lambda: is_let_in(guarded), "a newcomer is let in")
    async with connected(login(guarded, "members")) as members:
        assert await produce(members, TOPIC) == 0
        async with knocking(guarded, CONNECTIONS + 20):
            assert await produce(members, TOPIC) == 0
            assert not await is_let_in(guarded)
            assert not await differences(guarded.access), "over the listener that is the broker's own"
    await eventually(lambda: is_let_in(guarded), "newcomers are let in again")
