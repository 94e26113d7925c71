"""What a connection may cost: the real server as the product starts it, spoken to in bytes."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.embedded.mongod import Mongod
from shared.runtime.http import protocol
from shared.runtime.http.heads import LARGEST_HEAD, MOST_FIELDS, ONCE
from shared.runtime.http.server import Server as HttpServer
from tests.kit.eventually import eventually
from tests.shared.members_service import Service

pytestmark = pytest.mark.infra

BODY = json.dumps(
    {"conference": "stuttgart", "group": "hospitals", "number": 9, "name": "A", "kind": "delegated", "seats": 2}
).encode()
COMMAND = {
    "Host": "members",
    "Authorization": "Bearer office",
    "Idempotency-Key": "k",
    "Content-Type": "application/json",
    "Content-Length": str(len(BODY)),
}
LIVE = b"GET /health/live HTTP/1.1\r\nHost: members\r\n"


@dataclass
class Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *parts: bytes) -> None:
        self.writer.write(b"".join(parts))
        await self.writer.drain()

    async def answer(self) -> tuple[int, str]:
        """Status, and the rule that said no."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        fields = dict(line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:-2])
        content = json.loads(await self.reader.readexactly(int(fields["content-length"])))
        if fields["content-type"] == "application/problem+json":
            assert content["detail"].endswith(".")
            return content["status"], content["type"]
        return int(head.split()[1]), ""

    async def ends(self) -> None:
        assert await self.reader.read() == b""


@dataclass
class Server:
    port: int
    service: Service
    connections: set[Any]
    """Those that the server has at present."""

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        reader, writer = await asyncio.open_connection(sock=await connected(self.port))
        try:
            yield Connection(reader, writer)
        finally:
            writer.close()

    async def told(self, *parts: bytes) -> tuple[int, str]:
        async with self.connection() as connection:
            await connection.send(*parts)
            return await connection.answer()


@pytest.fixture
async def server(mongod: Mongod, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    monkeypatch.setattr(protocol, "LINGER", 0.2)
    service = await Service(mongod.uri, tmp_path, "system").prepare()
    listening = HttpServer(service.process.app, "127.0.0.1", 0)
    serving = asyncio.create_task(listening.serve())
    await eventually(lambda: listening.started, "it listens")
    port = listening.servers[0].sockets[0].getsockname()[1]
    yield Server(port, service, listening.server_state.connections)
    listening.should_exit = True
    await serving
    await service.close()


def head(fields: dict[str, str], *more: str, line: str = "POST /commands/OpenSeatGroup HTTP/1.1") -> bytes:
    lines = [line, *(f"{name}: {value}" for name, value in fields.items()), *more]
    return "".join(f"{one}\r\n" for one in lines).encode() + b"\r\n"


async def test_an_answer_says_when_it_was_made_however_long_nobody_asked(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with server.connection() as connection:
        for second, date in (
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (784_111_778, "Sun, 06 Nov 1994 08:49:38 GMT"),
        ):
            monkeypatch.setattr(protocol, "time", SimpleNamespace(time=lambda now=second: now + 0.9))
            await connection.send(LIVE, b"\r\n")
            answer = await connection.reader.readuntil(b"\r\n\r\n")
            assert f"date: {date}".encode() in answer
            await connection.reader.readexactly(int(answer.split(b"content-length: ")[1].split()[0]))


async def test_a_command_and_its_repetition_go_through_one_connection(server: Server) -> None:
    async with server.connection() as connection:
        for _ in range(2):
            await connection.send(head(COMMAND), BODY)
            assert await connection.answer() == (200, "")
    assert await server.service.events() == 1


# Bytes


@pytest.mark.parametrize(
    "endless",
    [b"x: " + b"x" * 1000 + b"\r\n", b"x" * 65_536, b"x: y\r\n" * 1000],
    ids=["fields", "one field", "short fields"],
)
async def test_a_head_without_end_is_refused_before_it_is_kept(server: Server, endless: bytes) -> None:
    before = memory()
    async with server.connection() as connection:
        await connection.send(LIVE, b"X: ")
        with suppress(ConnectionError):
            for _ in range(30_000_000 // len(endless)):
                await connection.send(endless)
                if connection.reader._buffer:  # type: ignore[attr-defined]
                    break
        assert await connection.answer() == (431, "HeadTooLarge")
    assert memory() - before < 20_000_000


@pytest.mark.parametrize("longest", [LARGEST_HEAD + 1, 200_000])
async def test_a_whole_head_has_a_size(server: Server, longest: int) -> None:
    for line in (f"GET /health/live?{'x' * longest} HTTP/1.1", "GET /health/live HTTP/1.1"):
        filled = "X: " + "x" * (0 if "?" in line else longest)
        assert await server.told(head({"Host": "members"}, filled, line=line)) == (431, "HeadTooLarge")
    fits = "X: " + "x" * (LARGEST_HEAD - 200)
    assert await server.told(head({"Host": "members"}, fits, line="GET /health/live HTTP/1.1")) == (200, "")


async def test_a_head_has_a_number_of_fields(server: Server) -> None:
    for number, status in ((MOST_FIELDS, 200), (MOST_FIELDS + 1, 431)):
        fields = [f"X-{one}: y" for one in range(number - 1)]
        told = await server.told(head({"Host": "members"}, *fields, line="GET /health/live HTTP/1.1"))
        assert told[0] == status


async def test_what_stands_beside_a_body_has_a_size_too(server: Server) -> None:
    chunked = head({**COMMAND, "Content-Length": "0"}).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    async with server.connection() as connection:
        await connection.send(chunked)
        assert await connection.answer() == (411, "LengthRequired")
        await connection.send(b"0\r\n", *[b"X: " + b"x" * 1000 + b"\r\n"] * 1000)
        assert await connection.answer() == (431, "HeadTooLarge")
        await connection.ends()
    assert await server.service.events() == 0


async def test_a_body_that_is_announced_as_too_large_is_not_waited_for(server: Server) -> None:
    assert await server.told(head({**COMMAND, "Content-Length": "9" * 12})) == (413, "BodyTooLarge")


# Fields


async def test_a_field_of_one_value_stands_once(server: Server) -> None:
    fields = {key.lower(): value for key, value in COMMAND.items()}
    for name in sorted(one.decode() for one in ONCE - {b"transfer-encoding"}):
        first = fields.get(name, "1")
        for second in (first, "2"):
            told = await server.told(head({**fields, name: first}, f"{name.title()}: {second}"), BODY)
            assert told in ((400, "FieldRepeated"), (400, "RequestMalformed")), name
    assert await server.service.events() == 0


@pytest.mark.parametrize("charset", ['"utf-8"', '"UTF-8"', "utf-8"])
async def test_a_charset_may_be_quoted(server: Server, charset: str) -> None:
    fields = {**COMMAND, "Content-Type": f"Application/JSON ; Charset={charset}"}
    assert await server.told(head(fields), BODY) == (200, "")


async def test_an_ambiguous_head_is_refused(server: Server) -> None:
    length = str(len(BODY))
    for more in (
        {"Transfer-Encoding": "chunked"},
        {"Content-Length": f"{length}, {length}"},
        {"Content-Length": f"+{length}"},
        {"Content-Length": "-1"},
        {"X": "a\x00b"},
        {"X": "a\r\n b"},
        {"X ": "a"},
    ):
        assert await server.told(head({**COMMAND, **more}), BODY) == (400, "RequestMalformed"), more
    assert await server.service.events() == 0


async def test_a_request_names_its_host(server: Server) -> None:
    assert await server.told(b"GET /health/live HTTP/1.1\r\n\r\n") == (400, "HostMissing")


async def test_what_is_not_http_is_refused(server: Server) -> None:
    for told in (b"\x16\x03\x01\x00\xa5", b"GET\r\n\r\n", b"GET / HTTP/3.7\r\n\r\n", b"\x00" * 100):
        async with server.connection() as connection:
            await connection.send(told)
            assert await connection.answer() == (400, "RequestMalformed")
            await connection.ends()


async def test_another_protocol_is_not_offered_and_nothing_read_after_it(server: Server) -> None:
    async with server.connection() as connection:
        await connection.send(LIVE, b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        assert await connection.answer() == (200, "")
        with suppress(ConnectionError):
            await connection.send(LIVE, b"\r\n")
        await connection.ends()


# Time


async def test_a_head_has_a_time_however_it_trickles(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_WITHIN", 0.3)
    for part, more in ((b"", b""), (b"G", b""), (LIVE, b""), (LIVE, b"X: y\r\n")):
        async with server.connection() as connection:
            await connection.send(part)
            trickling = asyncio.create_task(trickle(connection, more))
            assert await connection.answer() == (408, "RequestTooSlow")
            trickling.cancel()


async def test_a_later_request_has_its_own_time(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_WITHIN", 0.7)
    async with server.connection() as connection:
        for _ in range(3):
            await connection.send(LIVE, b"\r\n")
            assert await connection.answer() == (200, "")
            await asyncio.sleep(0.3)
        await connection.send(LIVE)
        assert await connection.answer() == (408, "RequestTooSlow")
        await connection.ends()


async def test_a_body_has_a_time(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "BODY_WITHIN", 0.3)
    async with server.connection() as connection:
        await connection.send(head(COMMAND), BODY[:10])
        assert await connection.answer() == (408, "RequestTooSlow")
        await connection.ends()
    assert await server.service.events() == 0


async def test_a_body_that_nobody_reads_has_a_time_too(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "BODY_WITHIN", 0.3)
    async with server.connection() as connection:
        await connection.send(head({**COMMAND, "Authorization": "Bearer nobody"}))
        assert await connection.answer() == (401, "TokenMissing")
        assert await connection.answer() == (408, "RequestTooSlow")
        await connection.ends()


async def test_who_hangs_up_in_the_middle_leaves_nothing(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    async with server.connection() as connection:
        await connection.send(head(COMMAND), BODY[:10])
    assert await server.told(LIVE, b"\r\n") == (200, "")
    assert await server.service.events() == 0
    assert [line.levelname for line in caplog.records if line.levelname != "INFO"] == []


async def test_who_does_not_take_his_answers_is_left(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "ANSWER_TAKEN_WITHIN", 0.3)
    async with server.connection() as connection:
        connection.writer.transport.pause_reading()  # type: ignore[attr-defined]
        ask = LIVE.replace(b"/health/live", b"/openapi.json") + b"\r\n"
        await connection.send(ask * 500)
        await eventually(lambda: not server.connections, "the server has left", 30)


# Number


async def test_connections_have_a_number(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MOST_CONNECTIONS", 3)
    async with server.connection(), server.connection(), server.connection(), server.connection() as one_too_many:
        assert await one_too_many.answer() == (503, "TooManyConnections")
        await one_too_many.ends()

    async def there_is_room() -> bool:
        return await server.told(LIVE, b"\r\n") == (200, "")

    await eventually(there_is_room, "there is room again")


async def connected(port: int) -> socket.socket:
    """The kernel keeps little for who does not read: what is not read stays with the server."""
    connection = socket.socket()
    connection.setblocking(False)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
    return connection


async def trickle(connection: Connection, part: bytes) -> None:
    while True:
        await asyncio.sleep(0.05)
        await connection.send(part)


def memory() -> int:
    """What this process holds at present, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
