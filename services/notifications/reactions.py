"""Foreign events that somebody has to be told of: one mail for each recipient, and only one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import assert_never

from services.notifications.domain.mail import QueueNotification
from shared.contracts.envelope import Envelope
from shared.contracts.meetings import (
    DeadlineStageReached,
    InvitationIssued,
    MinutesSent,
    SessionCancelled,
    SessionRescheduled,
)
from shared.contracts.members import DelegateAppointed, PostHolderChanged
from shared.contracts.notifications import (
    Cancellation,
    Content,
    Invitation,
    Minutes,
    Reminder,
    Update,
    Welcome,
)
from shared.declarations.reaction import reaction
from shared.kernel.identifiers import PersonId, Slug

SeatFilled = DelegateAppointed | PostHolderChanged
ToldToMany = InvitationIssued | SessionRescheduled | SessionCancelled | DeadlineStageReached | MinutesSent


@reaction("notify")
def notify(event: SeatFilled | ToldToMany, envelope: Envelope) -> Iterable[QueueNotification]:
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
        for person, seat in _recipients(event).items()
    ]


def content_of(event: SeatFilled | ToldToMany) -> Content:
    match event:
        case DelegateAppointed() | PostHolderChanged():
            return Welcome(group=event.group, since=event.since)
        case InvitationIssued():
            return _invitation(event)
        case SessionRescheduled():
            return Update(session=event.session, appointment=event.appointment)
        case SessionCancelled():
            return Cancellation(session=event.session, appointment=event.appointment, reason=event.reason)
        case DeadlineStageReached():
            return Reminder(session=event.session, appointment=event.appointment)
        case MinutesSent():
            return Minutes(session=event.session, appointment=event.appointment, document=event.document)
        case _:
            assert_never(event)


def _invitation(event: InvitationIssued) -> Invitation:
    return Invitation(
        session=event.session,
        session_kind=event.kind,
        issue=event.issue,
        appointment=event.appointment,
        agenda=event.agenda,
        voting_seats=event.voting_seats,
        quorum=event.quorum,
        short_notice=event.reason,
    )


def _useful_until(content: Content) -> datetime | None:
    """Nobody needs to be asked to a session that has begun; that it was cancelled remains worth knowing."""
    if isinstance(content, Invitation | Update | Reminder):
        return content.appointment.starts
    return None


def _recipients(event: SeatFilled | ToldToMany) -> dict[PersonId, Slug | None]:
    """Who sits on two seats gets one mail, for the first of them."""
    if isinstance(event, SeatFilled):
        return {event.person: event.seat}
    return {to.person: to.seat for to in reversed(event.recipients)}


REACTIONS = (notify,)
