"""The office owes the draft of a session's minutes by a day of the rules; until it is there, its stages are said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from services.meetings.domain.session_events import SessionEvent
from services.meetings.domain.session_state import AboutSession, Session
from shared.contracts.meetings import MinutesDraftDue
from shared.kernel.decider import GivenBy
from shared.kernel.time import days, local_day


class AnnounceMinutesDraft(AboutSession):
    """Announce the stages that the due draft has reached."""

    given_by: ClassVar[GivenBy] = "service"

    says: Annotated[tuple[MinutesDraftDue, ...], Field(min_length=1)]


def minutes_due(session: Session) -> date | None:
    """By the rules in the session's invitation, like the quorum: a session can be closed while members is away."""
    if session.appointment is None or session.invitation is None or session.invitation.minutes_days is None:
        return None
    return local_day(session.appointment.starts) + days(session.invitation.minutes_days)


def decide(session: Session, announce: AnnounceMinutesDraft) -> Sequence[SessionEvent]:
    return [event for event in announce.says if _is_to_say(session, event)]


def _is_to_say(session: Session, event: MinutesDraftDue) -> bool:
    is_owed = session.minutes is None and session.minutes_due == event.due_on
    return is_owed and event not in session.announced
