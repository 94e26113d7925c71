"""The city's mail server: one recipient for each message, over connections that stay open.

Up to the envelope's end nothing is delivered, so every failure there means later or never. From the first
byte of the content on only the server's answer tells; when it does not come, nobody knows: ``Unanswered``.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Literal

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from services.notifications.mailserver.outcomes import Later, Outcome, Sent, Unanswered, refused

Security = Literal["none", "starttls", "tls"]

ENVELOPE_SECONDS = 45.0
CONTENT_SECONDS = 530.0
"""Seconds for the content, after the minute in which it has to begin: together less than the ten minutes after which
another process may act.
"""

PERMANENT = 500
"""Replies from here on say no (RFC 5321, 4.2.1); those of class 4 say not now."""

InTime = Callable[[], bool]
"""Whether the content may still go out; asked when everything before it is done."""


def at_any_time() -> bool:
    return True


class _NoTls(Exception):
    """The connection cannot be encrypted, so it is not used."""


class _LoginRefused(Exception):
    """The server does not know us."""


class _BrokenOffAtRecipient(Exception):
    """The server stopped answering after the recipient's address."""


class SmtpSender:
    """Sends mails to one server, over at most ``connections`` at a time."""

    def __init__(
        self,
        host: str,
        port: int,
        security: Security,
        username: str | None = None,
        password: str | None = None,
        connections: int = 4,
        envelope_seconds: float = ENVELOPE_SECONDS,
        content_seconds: float = CONTENT_SECONDS,
    ) -> None:
        if username is not None and security == "none":
            raise ValueError("a password is sent over TLS only")
        self._host = host
        self._port = port
        self._security = security
        self._login = (username, password or "") if username is not None else None
        self._envelope_seconds = envelope_seconds
        self._content_seconds = content_seconds
        self._slots = asyncio.Semaphore(connections)
        self._idle: list[SMTP] = []

    async def send(self, message: bytes, sender: str, recipient: str, in_time: InTime = at_any_time) -> Outcome:
        """Never raises because of a mail server or the network."""
        ends = asyncio.get_running_loop().time() + self._envelope_seconds
        try:
            async with asyncio.timeout_at(ends):
                await self._slots.acquire()
        except TimeoutError:
            return Later("timed_out")
        try:
            connection = await self._ready(sender, recipient, ends)
            if not in_time():
                self._idle.append(connection)
                return Later("timed_out")
            return await self._deliver(connection, message)
        except (SMTPException, OSError, _NoTls, _LoginRefused, _BrokenOffAtRecipient) as error:
            return _before_content(error)
        finally:
            self._slots.release()

    async def close(self) -> None:
        for connection in self._idle:
            connection.close()
        self._idle.clear()

    async def _ready(self, sender: str, recipient: str, ends: float) -> SMTP:
        """A connection on which the server has accepted sender and recipient, until a time of the loop's clock."""
        connection = await self._greeted(sender, ends)
        try:
            async with asyncio.timeout_at(ends):
                await connection.rcpt(recipient)
        except SMTPRecipientRefused:
            self._idle.append(connection)
            raise
        except (SMTPException, OSError) as error:
            connection.close()
            raise _BrokenOffAtRecipient from error
        except BaseException:
            connection.close()
            raise
        return connection

    async def _greeted(self, sender: str, ends: float) -> SMTP:
        """A connection on which the server has accepted the sender. A server that does not answer in time is away."""
        async with asyncio.timeout_at(ends):
            connection = await self._reused() or await self._connected()
            try:
                await connection.mail(sender)
            except BaseException:
                connection.close()
                raise
        return connection

    async def _deliver(self, connection: SMTP, message: bytes) -> Outcome:
        try:
            async with asyncio.timeout(self._content_seconds):
                await connection.data(message)
        except SMTPDataError as error:
            self._idle.append(connection)
            return refused("content", error.code, error.message)
        except (SMTPException, OSError):
            connection.close()
            return Unanswered()
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
        return Sent()

    async def _reused(self) -> SMTP | None:
        """An open connection that still answers: servers close idle ones without notice."""
        while self._idle:
            connection = self._idle.pop()
            try:
                await connection.rset()
            except (SMTPException, OSError):
                connection.close()
            except BaseException:
                connection.close()
                raise
            else:
                return connection
        return None

    async def _connected(self) -> SMTP:
        connection = SMTP(
            hostname=self._host,
            port=self._port,
            local_hostname=socket.gethostname(),
            timeout=None,
            use_tls=self._security == "tls",
            start_tls=False,
        )
        try:
            await connection.connect()
            await self._secure(connection)
            await self._identify(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    async def _secure(self, connection: SMTP) -> None:
        if self._security == "starttls":
            try:
                await connection.starttls()
            except (SMTPException, OSError) as error:
                raise _NoTls from error

    async def _identify(self, connection: SMTP) -> None:
        if self._login is not None:
            try:
                await connection.login(*self._login)
            except SMTPException as error:
                if _may_pass(error):
                    raise
                raise _LoginRefused from error


def _may_pass(error: SMTPException) -> bool:
    """Of a login: the connection broke, or the server cannot judge it now (RFC 4954, 6)."""
    return isinstance(error, OSError) or (isinstance(error, SMTPResponseException) and error.code < PERMANENT)


def _before_content(error: Exception) -> Outcome:
    match error:
        case SMTPAuthenticationError():
            return Later("busy", answer=str(error.code))
        case SMTPRecipientRefused():
            return refused("recipient", error.code, error.message)
        case SMTPSenderRefused():
            return refused("sender", error.code, error.message)
        case SMTPResponseException():
            return refused("connection", error.code, error.message)
        case _NoTls():
            return Later("tls_unavailable")
        case _LoginRefused():
            return Later("login_refused")
        case _BrokenOffAtRecipient():
            is_late = isinstance(error.__cause__, TimeoutError)
            return Later("timed_out") if is_late else Later("refused_us", sign="broken off")
        case _:
            return Later("tls_unavailable" if isinstance(error.__cause__, ssl.SSLError) else "unreachable")
