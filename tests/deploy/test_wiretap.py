"""What somebody hears who listens in on the line to Kafka: over TLS nothing that they know, without it no password."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka.conn import create_conn

from deploy.embedded.guard import Guard
from deploy.embedded.kafka import Kafka
from shared.runtime.kafka import rights

pytestmark = pytest.mark.infra

USER = "members"
CHUNK = 64 * 1024


@asynccontextmanager
async def tapped(target: int, heard: list[bytes]) -> AsyncIterator[int]:
    """A port that leads to ``target``; what goes either way is heard."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(CHUNK):
                heard.append(chunk)
                writer.write(chunk)
        finally:  # also when the other end was reset
            writer.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(copy(reader, far_writer), copy(far_reader, writer), return_exceptions=True)

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.mark.parametrize("tls", [False, True])
async def test_who_listens_in_hears_no_password_and_over_tls_nothing_at_all(own_folder: Path, tls: bool) -> None:
    guard = Guard(own_folder / f"secrets-{tls}", tls=tls)
    broker, heard = Kafka(own_folder / f"kafka-{tls}", guard=guard), list[bytes]()
    await broker.start()
    try:
        access = guard.access(broker.bootstrap, USER)
        options = {name: value for name, value in access.options().items() if name != "bootstrap_servers"}
        async with tapped(broker.port, heard) as port:
            connection = await create_conn("127.0.0.1", port, request_timeout_ms=30_000, **options)
            await connection.send(rights._Describe())
            connection.close()
    finally:
        await broker.stop()
    told = b"".join(heard)
    assert access.password and access.password.encode() not in told and len(told) > 500
    assert (USER.encode() in told) == (b"SCRAM-SHA-512" in told) == (not tls)
