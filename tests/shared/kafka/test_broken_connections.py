"""A line to Kafka that breaks just before it is written to, on the loop that services run on."""

from __future__ import annotations

import asyncio

import pytest
import uvloop
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.admin import ListGroupsRequest

from deploy.embedded.kafka import Kafka
from shared.runtime.kafka import broken_connections

pytestmark = pytest.mark.infra


async def ask_on_a_broken_line(bootstrap: str, turns: int) -> None:
    """So many turns of the loop after it broke: somewhere among them its end is known, and not yet to aiokafka."""
    host, _, port = bootstrap.partition(":")
    line = AIOKafkaConnection(host, int(port))
    async with asyncio.timeout(10):
        await line.connect()
        assert await line.send(ListGroupsRequest())
        line._writer.transport.abort()
        for _ in range(turns):
            await asyncio.sleep(0)
        try:
            await line.send(ListGroupsRequest())
        finally:
            line.close()


@pytest.mark.parametrize("turns", range(6))
def test_it_is_told_as_a_broken_line(kafka: Kafka, turns: int) -> None:
    broken_connections.survive()
    with pytest.raises(KafkaConnectionError):
        uvloop.run(ask_on_a_broken_line(kafka.bootstrap, turns))
