"""A real SMTP server on loopback, in the test's own event loop, that can be told to misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"


@dataclass
class Letterbox:
    """What arrived, and what is to be answered. ``drop`` breaks the connection off instead of answering."""

    arrived: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    delay: float = 0.0

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's own name for the hook
        self, _: SMTP, session: Session, envelope: Envelope, sender: str, *_options: object
    ) -> str:
        if session not in self.sessions:
            self.sessions.append(session)
        envelope.mail_from = sender
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, _: SMTP, _session: Session, envelope: Envelope, to: str, *_options: object
    ) -> str:
        answer = self.answers.get(to, self.answers.get("RCPT", "250 OK"))
        if answer.startswith("250"):
            envelope.rcpt_tos.append(to)
        return answer

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        await asyncio.sleep(self.delay)
        answer = self.answers.get("DATA", "250 OK")
        if answer.startswith("250"):
            assert envelope.mail_from and isinstance(envelope.content, bytes)
            self.arrived.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        if self.drop and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        return answer


@asynccontextmanager
async def listening(box: Letterbox) -> AsyncIterator[int]:
    """The server's port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, hostname="mail.example.org", loop=loop), HOST, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def scripted(*answers: bytes, hangs_up: bool = False) -> AsyncIterator[int]:
    """A server that says these lines, one for each line it hears, and then nothing more."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            writer.write(answer)
            if not await reader.readline():
                break
        if not hangs_up:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(talk, HOST, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
