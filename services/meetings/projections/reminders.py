"""Which sessions still owe their people a reminder, and since when it is due."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from services.meetings.domain.session_invitation import REMINDER_KEEPS_AWAY, AnnounceReminder
from shared.contracts.envelope import Envelope
from shared.contracts.meetings import (
    DeadlineStageReached,
    InvitationIssued,
    SessionCancelled,
    SessionOpened,
    SessionRescheduled,
)
from shared.declarations.projection import Document, projection
from shared.declarations.reaction import Deadline
from shared.kernel.time import days_before, iso, local_day

ReminderEvent = InvitationIssued | SessionRescheduled | DeadlineStageReached | SessionCancelled | SessionOpened


def fold_reminder(document: Document | None, event: ReminderEvent, envelope: Envelope) -> Document:
    before = document or {"days": 0, "reminded": "", "issue": 0}
    return {**before, "session": event.session, **_reminder(before, event, envelope.time)}


def _reminder(before: Document, event: ReminderEvent, at: datetime) -> Document:
    match event:
        case InvitationIssued():
            return _invited(before, event, at)
        case SessionRescheduled():
            return {"due": _due(before, event.appointment.starts, at)}
        case DeadlineStageReached():
            return {"due": None, "reminded": local_day(event.appointment.starts).isoformat()}
        case SessionCancelled() | SessionOpened():
            return {"due": None}
        case _:
            assert_never(event)


def _invited(before: Document, event: InvitationIssued, at: datetime) -> Document:
    """A copy of an issue for a guest is no news for everybody."""
    if event.issue == before["issue"]:
        return {}
    known = {"days": event.reminder_days, "issue": event.issue}
    return {**known, "due": _due({**before, **known}, event.appointment.starts, at)}


def _due(before: Document, starts: datetime, at: datetime) -> str | None:
    """Once for each day of a moved session; not within a day of what it repeats, and not after its beginning."""
    told = local_day(starts).isoformat() <= before["reminded"]
    due = max(days_before(starts, before["days"]), at + REMINDER_KEEPS_AWAY)
    if told or before["days"] == 0 or due >= starts:
        return None
    return iso(due)


def announce(document: Document, now: datetime) -> AnnounceReminder:
    return AnnounceReminder(conference=document["conference"], session=document["session"], at=now, by="clock")


REMINDERS = projection("reminders", fold_reminder, version=2, indexes=("due",))
REMINDER = Deadline(REMINDERS, announce)
