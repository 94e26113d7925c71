"""A real SMTP server that stores every mail as a file; it answers 250 only when the mail is on the disk."""

import argparse
import asyncio
import json
import os
import re
import signal
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP as SMTP_POLICY
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.embedded.private_files import write_whole

INDEX = "accepted.jsonl"
NO_ROOM = "452 4.3.1 the mail cannot be kept now"


class Mailbox:
    """`000001-<message id>.eml`, …, numbered across restarts; one line for each recipient in the index."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for torn in folder.glob("*.part"):
            torn.unlink()
        self.folder = folder
        self.count = max((int(mail.name.split("-")[0]) for mail in folder.glob("[0-9]*-*.eml")), default=0)

    def keep(self, content: bytes, recipients: list[str]) -> str:
        self.count += 1
        message_id = message_id_of(content)
        name = f"{self.count:06d}-{file_name(message_id)}.eml"
        write_whole(self.folder / name, content)
        self._index(message_id, recipients, name)
        sync_folder(self.folder)
        return name

    def _index(self, message_id: str, recipients: list[str], name: str) -> None:
        now = datetime.now(UTC).isoformat()
        rows = [{"time": now, "message_id": message_id, "recipient": to, "file": name} for to in recipients]
        write_through(self.folder / INDEX, "".join(json.dumps(row) + "\n" for row in rows).encode())


class Keeper:
    """aiosmtpd calls it for each mail."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """A full disk passes (RFC 3463, X.3.1). An exception would be answered with 500: refused for good."""
        content = envelope.original_content or b""
        try:
            return f"250 kept as {self.mailbox.keep(content, list(envelope.rcpt_tos))}"
        except OSError:
            return NO_ROOM


def message_id_of(content: bytes) -> str:
    return str(message_from_bytes(content, policy=SMTP_POLICY).get("Message-ID", "")).strip()


def file_name(message_id: str) -> str:
    return re.sub(r"[^A-Za-z0-9.@_-]", "_", message_id.strip("<>"))[:120] or "without-id"


def write_through(file: Path, content: bytes) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "ab") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


async def serve(port: int, folder: Path) -> None:
    loop = asyncio.get_running_loop()
    keeper = Keeper(Mailbox(folder))
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    server = await loop.create_server(
        lambda: SMTP(keeper, hostname="localhost", enable_SMTPUTF8=True), "127.0.0.1", port
    )
    async with server:
        await ended.wait()


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--port", type=int, required=True)
    given.add_argument("--folder", type=Path, required=True)
    arguments = given.parse_args()
    asyncio.run(serve(arguments.port, arguments.folder))


if __name__ == "__main__":
    main()
