"""A real SMTP server on loopback, in the test's own event loop, that can be told to misbehave."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

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

    async def handle_RSET(  # noqa: N802
        self, _: SMTP, _session: Session, _envelope: Envelope
    ) -> str:
        return self.answers.get("RSET", "250 OK")

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
async def listening(
    box: Letterbox, certificate: Path | None = None, accounts: Mapping[bytes, bytes] | None = None
) -> AsyncIterator[int]:
    """The server's port. With a certificate it wants STARTTLS and one of the accounts."""
    loop = asyncio.get_running_loop()

    def knows(server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, told: LoginPassword) -> AuthResult:
        if box.answers.get("AUTH") == "" and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        known = (accounts or {}).get(told.login) == told.password and "AUTH" not in box.answers
        return AuthResult(success=known, handled=False, message=box.answers.get("AUTH"))

    wants: dict[str, Any] = (
        {"require_starttls": True, "auth_required": True, "authenticator": knows} if certificate else {}
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if certificate else None
    if context and certificate:
        context.load_cert_chain(certificate)
    make = partial(SMTP, box, hostname="mail.example.org", loop=loop, tls_context=context, **wants)
    server = await loop.create_server(make, HOST, 0)
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
