"""A report that a mail could not be delivered (RFC 3464 in a multipart/report, RFC 6522), read without trusting it.

Whoever can send a mail can send this one. What is read says what the mail claims, and nothing of who wrote it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from typing import Literal

import structlog

from services.notifications.mailbox.nesting import parts_of
from services.notifications.mailserver.status_codes import Bearing, bearing_at_recipient
from shared.contracts.notifications import Return
from shared.kernel.identifiers import Uuid

log = structlog.get_logger()

Claim = Return | Literal["delayed"]

RETURNS: dict[Bearing, Return] = {
    "us": "refused_us",
    "mailbox_full": "gave_up",
    "mailbox_passing": "gave_up",
    "mailbox_final": "rejected",
    "message": "content_refused",
}
FAILED = 550
"""The plain code of a permanent failure (RFC 5321, 4.2.3); reports have only the enhanced code."""

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_MESSAGE_ID = re.compile(rf"<({_UUID})@([a-zA-Z0-9.-]+)>")
_STATUS = re.compile(r"[45]\.\d{1,3}\.\d{1,3}\b")
_REPLY = re.compile(r"smtp;\s*([45]\d\d)[ -](.*)", re.IGNORECASE | re.DOTALL)
_RECIPIENT = re.compile(r"rfc822;\s*<?([^\s<>;]{1,254}@[^\s<>;]{1,254})>?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Report:
    """``mail`` and ``domain`` are the two halves of the undelivered mail's Message-ID. ``recipients`` are the addresses
    that the report names for its one recipient: the original one and the one it was forwarded to.
    """

    mail: Uuid
    domain: str
    recipients: frozenset[str]
    claim: Claim


def report_in(mail: bytes) -> Report | None:
    """None if the mail is no valid report. Never raises, whatever the mail contains."""
    try:
        return _report(parts_of(mail))
    except Exception as error:  # noqa: BLE001 - a mail on which the libraries fail is no report
        log.info("mail unreadable", error=type(error).__name__)
        return None


def _report(mail: Message) -> Report | None:
    """Only the mail itself counts: a report within another mail was forwarded by somebody."""
    kind = (mail.get_content_type(), str(mail.get_param("report-type", "")).lower())
    parts = _parts(mail) if kind == ("multipart/report", "delivery-status") else []
    statuses = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    originals = [one for one in map(_original, parts) if one]
    if len(statuses) != 1 or len(originals) != 1:
        return None
    found = _MESSAGE_ID.fullmatch(_field(originals[0], "message-id"))
    block = _only_recipient(statuses[0])
    claim = _claim(block) if block else None
    if not (found and block and claim):
        return None
    return Report(found[1], found[2].casefold(), _recipients(block), claim)


def _parts(mail: Message) -> list[Message]:
    payload = mail.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _original(part: Message) -> Message | None:
    """The returned mail, in full or only its headers."""
    match part.get_content_type():
        case "message/rfc822":
            return next(iter(_parts(part)), None)
        case "text/rfc822-headers":
            content = part.get_payload(decode=True)
            return message_from_string(content.decode("ascii", "replace")) if isinstance(content, bytes) else None
        case _:
            return None


def _only_recipient(status: Message) -> Message | None:
    """Our mails have one recipient. The first block is about the mail as a whole."""
    named = [block for block in _parts(status) if block.get("final-recipient")]
    return named[0] if len(named) == 1 else None


def _claim(block: Message) -> Claim | None:
    status = _STATUS.match(_field(block, "status"))
    match _field(block, "action").lower():
        case "failed" if status:
            return RETURNS[_bearing(status.group(), _field(block, "diagnostic-code"))]
        case "delayed":
            return "delayed"
        case _:
            return None


def _bearing(status: str, diagnostic: str) -> Bearing:
    """Some servers always say 5.0.0, with the real answer in words. An unclear answer suspends no mailbox."""
    if not status.startswith("5.0."):
        return bearing_at_recipient(FAILED, status)
    reply = _REPLY.match(diagnostic)
    return bearing_at_recipient(int(reply[1]), reply[2]) if reply else "mailbox_passing"


def _recipients(block: Message) -> frozenset[str]:
    named = (_RECIPIENT.fullmatch(_field(block, name)) for name in ("original-recipient", "final-recipient"))
    return frozenset(one[1].casefold() for one in named if one)


def _field(block: Message, name: str) -> str:
    return str(block.get(name, "")).strip()
