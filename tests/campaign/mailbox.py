"""What the mail sink kept: one file a mail. Its name and its time are all that is believed of the sink."""

from __future__ import annotations

import hashlib
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from tests.campaign.dump import Mail


def read_mailbox(folder: Path) -> tuple[Mail, ...]:
    return tuple(_mail(file) for file in sorted(folder.glob("*.eml")))


def _mail(file: Path) -> Mail:
    content = file.read_bytes()
    message = message_from_bytes(content, _class=EmailMessage, policy=SMTP)
    [to] = message["To"].addresses
    at = int(file.stat().st_mtime * 1000)
    return Mail(str(message["Message-ID"]).strip(), to.addr_spec, at, hashlib.sha256(content).hexdigest())
