"""A real SMTP server with moods, in a process of its own; what it accepted lies where the mail sink would keep it.

`python -m tests.campaign.world.smtp_script --port … --folder …`; the moods are in the folder.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import ssl
import time
from pathlib import Path
from typing import Any, assert_never

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.embedded.smtp_sink import Mailbox, write_through
from tests.campaign.world.moods import SCRIPT, Deed, Mood, Script, Stage

ANSWERS, CERTIFICATE = "answers.jsonl", "certificate.pem"


class Desk:
    """Decides what is done, keeps the mails, and notes each deed."""

    def __init__(self, folder: Path) -> None:
        self.script = Script(folder / SCRIPT)
        self._mailbox = Mailbox(folder)
        self._answers = folder / ANSWERS

    def mood(self, stage: Stage, recipient: str = "") -> Mood:
        mood = self.script.mood(stage, recipient)
        self._note(stage, recipient, mood.do)
        return mood

    def keep(self, envelope: Envelope) -> str:
        return f"250 kept as {self._mailbox.keep(envelope.original_content or b'', list(envelope.rcpt_tos))}"

    def _note(self, stage: Stage, recipient: str, did: Deed) -> None:
        row = {"t": time.monotonic_ns(), "stage": stage, "recipient": recipient, "did": did}
        write_through(self._answers, json.dumps(row).encode() + b"\n")


class Moody(SMTP):
    """One connection."""

    def __init__(self, desk: Desk, tls: ssl.SSLContext | None) -> None:
        super().__init__(Clerk(desk, self), hostname="localhost", enable_SMTPUTF8=True, tls_context=tls)
        self._desk = desk
        self.byte_seconds = 0.0

    def drop(self) -> None:
        """RST instead of an answer."""
        assert isinstance(self.transport, asyncio.WriteTransport)
        self.transport.abort()

    async def push(self, status: Any) -> None:
        if not self.byte_seconds:
            await super().push(status)
            return
        for byte in f"{status}\r\n".encode():
            await asyncio.sleep(self.byte_seconds)
            self._writer.write(bytes([byte]))
            await self._writer.drain()

    async def _handle_client(self) -> None:
        mood = self._desk.mood("connect")
        match mood.do:
            case "serve":
                await super()._handle_client()
            case "drip":
                self.byte_seconds = mood.seconds
                await super()._handle_client()
            case "answer":
                await self.push(mood.answer)
                self._writer.close()
            case _:
                self.drop()


class Clerk:
    """What aiosmtpd asks at each stage."""

    def __init__(self, desk: Desk, line: Moody) -> None:
        self._desk = desk
        self._line = line

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's own name for the hook
        self, _server: SMTP, _session: Session, envelope: Envelope, to: str, *_options: object
    ) -> str:
        mood = self._desk.mood("RCPT", to)
        if mood.do == "drop":
            self._line.drop()
        if mood.do == "drip":
            self._line.byte_seconds = mood.seconds
        if mood.answer.startswith("250"):
            envelope.rcpt_tos.append(to)
        return mood.answer

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        [recipient] = envelope.rcpt_tos
        mood = self._desk.mood("DATA", recipient)
        match mood.do:
            case "serve":
                return self._desk.keep(envelope)
            case "answer":
                return mood.answer
            case "drop":
                self._line.drop()
                return "451 nobody hears this"
            case "keep and drop":
                kept = self._desk.keep(envelope)
                self._line.drop()
                return kept
            case "keep and wait":
                kept = self._desk.keep(envelope)
                await asyncio.sleep(mood.seconds)
                return kept
            case "drip":
                self._line.byte_seconds = mood.seconds
                return self._desk.keep(envelope)
            case _:
                assert_never(mood.do)


def tls_of(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / CERTIFICATE)
    return context


async def serve(port: int, folder: Path) -> None:
    loop, desk, ended = asyncio.get_running_loop(), Desk(folder), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)

    def connection() -> Moody:
        return Moody(desk, tls_of(folder) if desk.script.offers_tls else None)

    async with await loop.create_server(connection, "127.0.0.1", port):
        await ended.wait()


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--port", type=int, required=True)
    given.add_argument("--folder", type=Path, required=True)
    arguments = given.parse_args()
    asyncio.run(serve(arguments.port, arguments.folder))


if __name__ == "__main__":
    main()
