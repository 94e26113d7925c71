"""Gives commands over HTTP/1.1 from a process of its own: few instructions a request, so that it is not the limit.

A connection is kept open for each client, and each client waits for its answer before it asks again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import TypedDict, cast

import httptools
import orjson

from tests.bench.data import CONFERENCE, NAME, group_of


@dataclass(frozen=True, slots=True)
class Commands:
    """Organisations that register, each for the next of so many groups; every one with a key of its own."""

    port: int
    token: str
    groups: int
    salt: str

    def requests(self) -> Iterator[bytes]:
        for number in count():
            body = {
                "conference": CONFERENCE,
                "group": group_of(number % self.groups),
                "organisation": f"{self.salt}-{number}",
                "name": NAME.format(number=number),
            }
            yield request(self.port, self.token, "RegisterOrganisation", f"{self.salt}-{number}", orjson.dumps(body))


def request(port: int, token: str, command: str, key: str, body: bytes) -> bytes:
    head = (
        f"POST /commands/{command} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        f"Idempotency-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class NotAccepted(Exception):
    """A command was refused: what was measured is not what was meant."""


class Client(asyncio.Protocol):
    """One connection. ``ask`` returns when the whole answer is there."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._body = bytearray()
        self._answer: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def connected(cls, port: int) -> Client:
        _, client = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, _: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(NotAccepted("the connection was closed"))

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        assert self._answer
        self._answer.set_result(None)

    async def ask(self, content: bytes) -> float:
        """Seconds until the answer. Raises ``NotAccepted`` with what the service said instead."""
        assert self._transport
        self._parser = httptools.HttpResponseParser(self)
        self._body.clear()
        self._answer = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        self._transport.write(content)
        await self._answer
        took = time.perf_counter() - began
        if self._parser.get_status_code() != 200:
            raise NotAccepted(self._body.decode())
        return took

    def close(self) -> None:
        assert self._transport
        self._transport.close()


class Driven(TypedDict):
    """The seconds of all commands together, and of each."""

    seconds: float
    took: list[float]


async def drive(port: int, token: str, groups: int, salt: str, clients: int, commands: int) -> Driven:
    ready = [await Client.connected(port) for _ in range(clients)]
    requests = iter(Commands(port, token, groups, salt).requests())
    coming = [next(requests) for _ in range(commands)]
    coming.reverse()
    took: list[float] = []

    async def work(client: Client) -> None:
        while coming:
            took.append(await client.ask(coming.pop()))

    began = time.monotonic()
    await asyncio.gather(*(work(client) for client in ready))
    seconds = time.monotonic() - began
    for client in ready:
        client.close()
    return {"seconds": seconds, "took": took}
