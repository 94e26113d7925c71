"""A mail server that takes every mail and keeps none but the first: so fast that it is not what is measured.

``VRFY`` answers how many it has taken, when the last one was (the machine's monotonic clock), and how large the first.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import uvloop

from deploy.embedded import process
from deploy.embedded.ports import free_port
from deploy.embedded.program import Program

END = b"\r\n.\r\n"
ANSWERS = {
    b"EHLO": b"250-taker\r\n250-8BITMIME\r\n250 SIZE 33554432\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}


class Taken:
    """All connections of this server together. The first mail is written to ``first``."""

    def __init__(self, first: Path) -> None:
        self.first = first
        self.number = 0
        self.last = 0.0

    def take(self, mail: bytes) -> None:
        if not self.number:
            self.first.write_bytes(mail)
        self.number += 1
        self.last = time.monotonic()


class Session(asyncio.Protocol):
    def __init__(self, taken: Taken) -> None:
        self._taken = taken
        self._waiting = bytearray()
        self._reads_mail = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._answer(b"220 taker\r\n")

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while (end := self._waiting.find(END if self._reads_mail else b"\r\n")) >= 0:
            self._understand(end)

    def _understand(self, end: int) -> None:
        if self._reads_mail:
            self._taken.take(bytes(self._waiting[: end + 2]))
            del self._waiting[: end + len(END)]
            self._reads_mail = False
            self._answer(b"250 taken\r\n")
            return
        word = bytes(self._waiting[:4]).upper()
        del self._waiting[: end + 2]
        self._reads_mail = word == b"DATA"
        self._answer(self._told() if word == b"VRFY" else ANSWERS.get(word, b"250 ok\r\n"))

    def _told(self) -> bytes:
        return f"252 {self._taken.number} {self._taken.last}\r\n".encode()

    def _answer(self, line: bytes) -> None:
        assert self._transport
        self._transport.write(line)


class MailTaker(Program):
    """The server as a process of its own."""

    name = "mail taker"

    def __init__(self, first: Path) -> None:
        self.first = first
        self.port = free_port()
        super().__init__(first.with_suffix(".log"), [self.port])

    def command(self) -> Sequence[str | Path]:
        return [sys.executable, "-m", "tests.bench.mail_taker", str(self.port), self.first]

    async def is_ready(self) -> bool:
        return await process.port_is_open(self.port)

    async def taken(self) -> tuple[int, float]:
        """How many mails so far, and when the last of them was there."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            await reader.readline()
            writer.write(b"VRFY taken\r\n")
            _, number, last = (await reader.readline()).split()
            return int(number), float(last)
        finally:
            writer.close()


async def serve(port: int, first: Path) -> None:
    taken = Taken(first)
    server = await asyncio.get_running_loop().create_server(lambda: Session(taken), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
