"""A bad line: what goes through it can be cut, reset, held up in one direction, delayed, torn off or left unanswered.

``up`` is from the client to the server, ``down`` the way back. Runs in the event loop that starts it: whoever blocks
that loop on an answer through this line waits in vain (a driver's synchronous ``close``, for instance).
"""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass, field
from typing import Literal

from tests.kit.eventually import eventually

Direction = Literal["up", "down"]
End = tuple[asyncio.StreamReader, asyncio.StreamWriter]

CHUNK = 64 * 1024
AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER of no seconds: closing says RST, not FIN."""


class TornOff(Exception):
    """What was let through is on its way; nothing follows it."""


@dataclass
class Proxy:
    """On ``port``, for the server on ``target``. The line is good until a field says otherwise."""

    port: int
    target: int
    is_cut: bool = False
    """Everything new is refused. `cut` ends what is open, too."""
    delay: float = 0.0
    """Seconds that each chunk takes longer, each way."""
    torn_after: dict[Direction, int] = field(default_factory=dict)
    """The connection that carries the last of so many bytes in this direction ends there, wherever that is."""
    unanswered: bytes = b""
    """Whoever says this gets no answer: when the server gives one, his connection is reset instead."""
    times: int = 0
    """How often `unanswered` happens; counts down."""

    def __post_init__(self) -> None:
        self._open: set[asyncio.StreamWriter] = set()
        self._passable: dict[Direction, asyncio.Event] = {"up": asyncio.Event(), "down": asyncio.Event()}
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self.heal()
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", self.port)

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        self.heal()
        self.cut()
        await eventually(lambda: not self._open, "all connections are closed")

    def cut(self) -> None:
        self.is_cut = True
        self.reset()

    def hold(self, *ways: Direction) -> None:
        """A hole: what goes this way is held up and nobody is told; healed in time, it arrives late, as with TCP."""
        for way in ways:
            self._passable[way].clear()

    def reset(self) -> None:
        """RST to both ends of everything that is open."""
        for end in self._open:
            abort(end)

    def heal(self) -> None:
        self.is_cut, self.delay, self.times = False, 0.0, 0
        self.torn_after.clear()
        for way in self._passable.values():
            way.set()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self.is_cut:
                raise ConnectionRefusedError
            server = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            abort(writer)
            return
        ends = {writer, server[1]}
        self._open |= ends
        await self._carry_both_ways((reader, writer), server)
        self._open -= ends

    async def _carry_both_ways(self, client: End, server: End) -> None:
        asked = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._carry("up", client[0], server[1], asked))
                both.create_task(self._carry("down", server[0], client[1], asked))
        except* OSError:
            abort(client[1])
            abort(server[1])
        except* TornOff:
            pass
        client[1].close()
        server[1].close()

    async def _carry(
        self, way: Direction, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: asyncio.Event
    ) -> None:
        """``asked`` is set once this connection's client has said what is not answered."""
        while data := await reader.read(CHUNK):
            await asyncio.sleep(self.delay)
            await self._passable[way].wait()
            if way == "up" and self._is_unanswered(data):
                asked.set()
            if way == "down" and asked.is_set():
                raise ConnectionResetError
            await self._pass_on(way, data, writer)
        writer.write_eof()

    def _is_unanswered(self, data: bytes) -> bool:
        hit = self.times > 0 and self.unanswered in data
        self.times -= hit
        return hit

    async def _pass_on(self, way: Direction, data: bytes, writer: asyncio.StreamWriter) -> None:
        left = self.torn_after.get(way, len(data) + 1)
        writer.write(data[:left])
        await writer.drain()
        if left <= len(data):
            del self.torn_after[way]
            raise TornOff
        if way in self.torn_after:
            self.torn_after[way] -= len(data)


def abort(end: asyncio.StreamWriter) -> None:
    line = end.get_extra_info("socket")
    if line is not None and line.fileno() >= 0:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    end.transport.abort()
