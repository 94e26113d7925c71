"""Foreign events that somebody has to be told of: one mail for each recipient, and only one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from services.notifications.domain.address import SuspendAddress
from services.notifications.domain.contents import Tells, content_of, recipients_of
from services.notifications.domain.mail_commands import QueueNotification
from shared.contracts.envelope import Envelope
from shared.contracts.notifications import (
    AddressBounced,
    Content,
    Invitation,
    MissingAnswers,
    Reminder,
    Supplement,
    Update,
)
from shared.declarations.reaction import reaction


@reaction("notify")
def notify(event: Tells, envelope: Envelope) -> Iterable[QueueNotification]:
    """One mail for each recipient, and only one."""
    content = content_of(event)
    return [
        QueueNotification(
            conference=envelope.conference,
            at=envelope.time,
            by="reaction",
            person=person,
            seat=seat,
            cause=envelope.id,
            content=content,
            useful_until=_useful_until(content),
        )
        for person, seat in recipients_of(event, envelope.conference).items()
    ]


def _useful_until(content: Content) -> datetime | None:
    """Nobody needs to be asked to a session that has begun; that it was cancelled remains worth knowing."""
    if isinstance(content, Invitation | Update | Supplement | Reminder | MissingAnswers):
        return content.appointment.starts
    return None


@reaction("suspend-address")
def suspend(event: AddressBounced, envelope: Envelope) -> Iterable[SuspendAddress]:
    """Not the office's own: it is told of what is suspended by mail, and of events of old nobody knows which it was."""
    if event.address is None:
        return []
    return [
        SuspendAddress(
            conference=envelope.conference,
            at=envelope.time,
            by="reaction",
            address=event.address,
            person=event.person,
            seat=event.seat,
        )
    ]


REACTIONS = (notify, suspend)
