"""What the service remembers of its mails, and what the conference and its seat groups are called in them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import assert_never

from services.notifications.domain.mail import MailEvent
from shared.contracts.envelope import Envelope
from shared.contracts.members import ConferenceEstablished, SeatGroupOpened
from shared.contracts.notifications import (
    AddressBounced,
    NotificationAttempted,
    NotificationDeferred,
    NotificationFailed,
    NotificationQueued,
    NotificationSent,
    NotificationSuppressed,
    PrintLetterDue,
)
from shared.declarations.projection import Document, projection
from shared.kernel.time import iso

NamedEvent = ConferenceEstablished | SeatGroupOpened


def fold_mail(document: Document | None, event: MailEvent, envelope: Envelope) -> Document:
    known = document or {}
    return {**known, **_changes(known, event)}


def _changes(known: Document, event: MailEvent) -> Document:
    """``not_before`` is when somebody has to look at the mail again; None once it is over."""
    match event:
        case NotificationQueued():
            return _queued(event)
        case NotificationAttempted():
            return _attempting(known, event)
        case NotificationDeferred():
            return {"state": "deferred", "reason": event.reason, "not_before": iso(event.not_before)}
        case NotificationSent():
            return _over("sent")
        case NotificationFailed():
            return _over("failed", event.reason)
        case NotificationSuppressed():
            return _over("suppressed", event.reason)
        case PrintLetterDue():
            return _over("letter")
        case AddressBounced():
            return {"bounced": True}
        case _:
            assert_never(event)


def _queued(event: NotificationQueued) -> Document:
    told = event.model_dump(mode="json")
    return {
        **told,
        "kind": event.content.kind,
        "session": told["content"].get("session"),
        "state": "queued",
        "reason": None,
        "attempts": 0,
        "tried_again": False,
        "bounced": False,
        "not_before": iso(event.queued_at),
    }


def queued_of(document: Document) -> NotificationQueued:
    """The event that the document began with: all that is needed to write the mail."""
    told = {name: document[name] for name in NotificationQueued.model_fields}
    return NotificationQueued.model_validate_json(json.dumps(told))


def _attempting(known: Document, event: NotificationAttempted) -> Document:
    return {
        "state": "attempting",
        "attempts": event.attempt,
        "tried_again": known["tried_again"] or event.ambiguous,
        "not_before": iso(event.answer_by),
    }


def _over(state: str, reason: str | None = None) -> Document:
    return {"state": state, "reason": reason, "not_before": None}


def by_name(event: NamedEvent, envelope: Envelope) -> Iterable[str]:
    conference = envelope.conference
    return (f"{conference}/{event.group}" if isinstance(event, SeatGroupOpened) else conference,)


def fold_name(document: Document | None, event: NamedEvent, envelope: Envelope) -> Document:
    return {"name": event.name}


def seat_group_of(mail: Document) -> str | None:
    """The key of the name of the seat group that a mail is about."""
    group = mail["content"].get("group")
    return f"{mail['conference']}/{group}" if group else None


MAILS = projection("mails", fold_mail, indexes=("not_before", "session"))
NAMES = projection("names", fold_name, by_name)
PROJECTIONS = (MAILS, NAMES)
