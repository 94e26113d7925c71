"""The line does exactly what it is told, and is a good line otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from deploy.embedded.ports import free_port
from tests.campaign.world.proxy import Proxy
from tests.kit.eventually import eventually

SHORT = 0.2


class Echo:
    """Answers every line with itself; remembers what arrived."""

    def __init__(self) -> None:
        self.heard = b""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1000):
                self.heard += data
                writer.write(data)
        except ConnectionResetError:
            pass
        writer.close()


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
async def proxy(echo: Echo) -> AsyncIterator[Proxy]:
    port, target = free_port(), free_port()
    server = await asyncio.start_server(echo.talk, "127.0.0.1", target)
    proxy = Proxy(port, target)
    await proxy.start()
    yield proxy
    await proxy.stop()
    server.close()


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, word: bytes, within: float = 5.0) -> bytes:
        self.writer.write(word)
        return await asyncio.wait_for(self.reader.read(1000), within)


@asynccontextmanager
async def connected(proxy: Proxy) -> AsyncIterator[Client]:
    client = Client(*await asyncio.open_connection("127.0.0.1", proxy.port))
    try:
        yield client
    finally:
        client.writer.close()


@pytest.fixture
async def client(proxy: Proxy) -> AsyncIterator[Client]:
    async with connected(proxy) as client:
        assert await client.ask(b"hello") == b"hello"
        yield client


async def answer_to_another(proxy: Proxy, word: bytes) -> bytes:
    async with connected(proxy) as client:
        return await client.ask(word)


async def test_a_large_message_passes_whole(proxy: Proxy, echo: Echo) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    sent = b"".join(b"%08d" % number for number in range(100_000))
    writer.write(sent)
    assert await asyncio.wait_for(reader.readexactly(len(sent)), 10) == sent
    writer.write_eof()
    assert await reader.read() == b""
    writer.close()


async def test_cut_resets_what_is_open_and_refuses_what_is_new(proxy: Proxy, client: Client) -> None:
    proxy.cut()
    with pytest.raises(ConnectionResetError):
        await client.ask(b"still there?")
    with pytest.raises(ConnectionResetError):
        await answer_to_another(proxy, b"anybody?")
    proxy.heal()
    assert await answer_to_another(proxy, b"hello") == b"hello"


async def test_what_falls_into_a_hole_going_up_arrives_late(proxy: Proxy, client: Client, echo: Echo) -> None:
    proxy.hold("up")
    with pytest.raises(TimeoutError):
        await client.ask(b" one", within=SHORT)
    assert echo.heard == b"hello"
    proxy.heal()
    assert await client.ask(b"") == b" one"


async def test_in_a_hole_coming_down_the_server_hears_but_is_not_heard(
    proxy: Proxy, client: Client, echo: Echo
) -> None:
    proxy.hold("down")
    with pytest.raises(TimeoutError):
        await client.ask(b" one", within=SHORT)
    assert echo.heard == b"hello one"
    proxy.heal()
    assert await client.ask(b"") == b" one"


async def test_a_torn_line_ends_in_the_middle_once(proxy: Proxy, client: Client, echo: Echo) -> None:
    proxy.torn_after["up"] = 4
    client.writer.write(b"12")
    assert b"1234".startswith(await client.ask(b"345678"))
    await eventually(lambda: echo.heard == b"hello1234", "only so much arrives")
    assert await answer_to_another(proxy, b"12345678") == b"12345678"


async def test_what_is_unanswered_was_heard_and_only_so_often(proxy: Proxy, client: Client, echo: Echo) -> None:
    proxy.unanswered, proxy.times = b"pay", 1
    assert await client.ask(b"look") == b"look"
    with pytest.raises(ConnectionResetError):
        await client.ask(b"pay")
    assert echo.heard == b"hellolookpay"
    assert await answer_to_another(proxy, b"pay") == b"pay"


async def test_a_server_that_is_away_is_told_by_a_reset(proxy: Proxy) -> None:
    proxy.target = free_port()
    with pytest.raises(ConnectionResetError):
        await answer_to_another(proxy, b"anybody?")


async def test_delay_makes_an_answer_late(proxy: Proxy, client: Client) -> None:
    proxy.delay = 3 * SHORT
    with pytest.raises(TimeoutError):
        await client.ask(b"one", within=SHORT)
    assert await client.ask(b"") == b"one"
