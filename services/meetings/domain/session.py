"""A session is planned, invited, held and written down: ten rooms, one stream, one decider."""

from __future__ import annotations

from collections.abc import Sequence

from services.meetings.domain import (
    session_answers,
    session_attendance,
    session_correction,
    session_day,
    session_invitation,
    session_minutes,
    session_minutes_due,
    session_planning,
    session_recipients,
    session_second,
)
from services.meetings.domain.session_answers import AnswersCommand
from services.meetings.domain.session_attendance import AttendanceCommand
from services.meetings.domain.session_correction import CorrectDecision
from services.meetings.domain.session_day import DayCommand
from services.meetings.domain.session_events import SessionEvent
from services.meetings.domain.session_invitation import InvitationCommand
from services.meetings.domain.session_minutes import MinutesCommand
from services.meetings.domain.session_minutes_due import AnnounceMinutesDraft
from services.meetings.domain.session_planning import PlanningCommand
from services.meetings.domain.session_recipients import RecipientsCommand
from services.meetings.domain.session_second import ScheduleSecondSession
from services.meetings.domain.session_state import Session, evolve
from shared.kernel.decider import Decider

SessionCommand = (
    PlanningCommand
    | ScheduleSecondSession
    | InvitationCommand
    | RecipientsCommand
    | AnswersCommand
    | AttendanceCommand
    | DayCommand
    | CorrectDecision
    | MinutesCommand
    | AnnounceMinutesDraft
)


def decide(session: Session, command: SessionCommand) -> Sequence[SessionEvent]:
    if isinstance(command, PlanningCommand):
        return session_planning.decide(session, command)
    if isinstance(command, ScheduleSecondSession):
        return session_second.decide(session, command)
    if isinstance(command, InvitationCommand):
        return session_invitation.decide(session, command)
    if isinstance(command, RecipientsCommand):
        return session_recipients.decide(session, command)
    if isinstance(command, AnswersCommand):
        return session_answers.decide(session, command)
    if isinstance(command, AttendanceCommand):
        return session_attendance.decide(session, command)
    if isinstance(command, DayCommand):
        return session_day.decide(session, command)
    if isinstance(command, CorrectDecision):
        return session_correction.decide(session, command)
    if isinstance(command, AnnounceMinutesDraft):
        return session_minutes_due.decide(session, command)
    return session_minutes.decide(session, command)


SESSION = Decider("session", Session(), evolve, decide)
