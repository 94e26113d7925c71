"""One line for each thing that happens to a mail: what it is about, and by which ids it is found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import structlog

from services.notifications.domain.mail_state import MailEvent
from shared.contracts.notifications import (
    AddressBounced,
    LetterPosted,
    NotificationAttempted,
    NotificationDeferred,
    NotificationFailed,
    NotificationHeld,
    NotificationQueued,
    NotificationRequeued,
    NotificationReturned,
    NotificationSent,
    NotificationSuperseded,
    NotificationSuppressed,
    PrintLetterDue,
)
from shared.declarations.projection import Document

log = structlog.get_logger()

LINES: Mapping[type[MailEvent], tuple[str, str]] = {
    NotificationQueued: ("info", "mail queued"),
    NotificationAttempted: ("debug", "mail attempted"),
    NotificationSent: ("info", "mail sent"),
    NotificationDeferred: ("warning", "mail deferred"),
    NotificationFailed: ("warning", "mail failed"),
    NotificationReturned: ("warning", "mail returned"),
    AddressBounced: ("warning", "address bounced"),
    NotificationHeld: ("warning", "mail held"),
    NotificationSuppressed: ("info", "mail suppressed"),
    NotificationSuperseded: ("info", "mail superseded"),
    NotificationRequeued: ("info", "mail requeued"),
    PrintLetterDue: ("info", "letter due"),
    LetterPosted: ("info", "letter posted"),
}
SHOWN = ("attempt", "reason", "not_before", "by")


def about(mail: Document) -> Document:
    """Without the recipient's name or address."""
    names = {"kind": mail["kind"], "session": mail["session"], "seat": mail["seat"]}
    return {**{name: value for name, value in names.items() if value is not None}, "stream": mail["stream"]}


def tell(events: Iterable[MailEvent], named: Document, answer: str = "") -> None:
    """``answer`` is the mail server's code."""
    more = {"answer": answer} if answer else {}
    for event in events:
        level, line = LINES[type(event)]
        shown = {name: str(getattr(event, name)) for name in SHOWN if hasattr(event, name)}
        getattr(log, level)(line, **named, **shown, **more)


def counted(event: MailEvent) -> tuple[str, str]:
    """The mail's outcome in one word, with the reason."""
    return LINES[type(event)][1].rpartition(" ")[2], getattr(event, "reason", "")
