"""The mail sink as a server of the stack: it stores accepted mails in a folder, one file per mail."""

import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.embedded import process
from deploy.embedded.ports import free_port
from deploy.embedded.program import Program


class MailSink(Program):
    name = "mail"

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder = folder.resolve()
        self.port = port or free_port()
        super().__init__(self.folder.with_suffix(".log"), [self.port])

    def command(self) -> Sequence[str | Path]:
        module = "deploy.embedded.smtp_sink"
        return [sys.executable, "-m", module, "--port", str(self.port), "--folder", self.folder]

    async def is_ready(self) -> bool:
        return await process.port_is_open(self.port)
