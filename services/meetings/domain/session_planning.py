"""A session gets a date and an agenda. Whoever was invited learns of every move, and of a cancellation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, assert_never

from pydantic import Field

from services.meetings.domain.session_state import AboutSession, Session, SessionEvent, must_be
from shared.contracts.meetings import (
    AgendaChanged,
    AgendaItem,
    Appointment,
    SessionCancelled,
    SessionKind,
    SessionRescheduled,
    SessionScheduled,
)
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line
from shared.kernel.time import Moment, german_moment

# Commands


class ScheduleSession(AboutSession):
    """Schedule a session of the plenary or of a working group, or a workshop."""

    kind: SessionKind
    working_group: Slug | None
    title: Line
    starts: Moment
    ends: Moment
    place: Line


class ChangeAgenda(AboutSession):
    """Put a new agenda in the place of the old one."""

    agenda: Annotated[tuple[AgendaItem, ...], Field(min_length=1)]


class RescheduleSession(AboutSession):
    """Move a session to another time or place; everybody invited is told."""

    starts: Moment
    ends: Moment
    place: Line


class CancelSession(AboutSession):
    """Cancel a session that has not begun; everybody invited is told."""

    reason: Line


PlanningCommand = ScheduleSession | ChangeAgenda | RescheduleSession | CancelSession

# Rejections


class SessionScheduledDifferently(Rejected):
    """Die Sitzung „{session}“ ist bereits mit anderen Angaben angesetzt."""


class EndsBeforeItStarts(Rejected):
    """Die Sitzung beginnt am {starts} und kann nicht am {ends} enden."""

    kind = Kind.INVALID


class WorkingGroupMismatch(Rejected):
    """Nur die Sitzung einer Arbeitsgruppe nennt eine Arbeitsgruppe, und sie muss es."""

    kind = Kind.INVALID


class AgendaNotNumbered(Rejected):
    """Die Tagesordnungspunkte müssen der Reihe nach von 1 bis {items} nummeriert sein."""

    kind = Kind.INVALID


# decide


def decide(session: Session, command: PlanningCommand) -> Sequence[SessionEvent]:
    match command:
        case ScheduleSession():
            return _schedule(session, command)
        case ChangeAgenda():
            return _change_agenda(session, command)
        case RescheduleSession():
            return _reschedule(session, command)
        case CancelSession():
            return _cancel(session, command)
        case _:
            assert_never(command)


def _schedule(session: Session, schedule: ScheduleSession) -> Sequence[SessionEvent]:
    _must_start_before_end(schedule)
    if (schedule.kind == "working_group") != (schedule.working_group is not None):
        raise WorkingGroupMismatch
    wanted = SessionScheduled(
        session=schedule.session,
        kind=schedule.kind,
        working_group=schedule.working_group,
        appointment=_appointment(schedule, schedule.title, revision=0),
    )
    if session.appointment is None:
        return [wanted]
    if (session.kind, session.working_group, session.appointment) != (
        wanted.kind,
        wanted.working_group,
        wanted.appointment,
    ):
        raise SessionScheduledDifferently(session=schedule.session)
    return []


def _change_agenda(session: Session, change: ChangeAgenda) -> Sequence[SessionEvent]:
    must_be(session, change.session, "planned")
    if [item.number for item in change.agenda] != list(range(1, len(change.agenda) + 1)):
        raise AgendaNotNumbered(items=len(change.agenda))
    if change.agenda == session.agenda:
        return []
    return [AgendaChanged(session=change.session, agenda=change.agenda)]


def _reschedule(session: Session, move: RescheduleSession) -> Sequence[SessionEvent]:
    now = must_be(session, move.session, "planned")
    _must_start_before_end(move)
    if (now.starts, now.ends, now.place) == (move.starts, move.ends, move.place):
        return []
    moved = _appointment(move, now.title, revision=now.revision + 1)
    return [SessionRescheduled(session=move.session, appointment=moved, recipients=session.invited)]


def _cancel(session: Session, cancel: CancelSession) -> Sequence[SessionEvent]:
    if session.stage == "cancelled":
        return []
    appointment = must_be(session, cancel.session, "planned")
    return [
        SessionCancelled(
            session=cancel.session,
            appointment=appointment,
            reason=cancel.reason,
            recipients=session.invited,
        )
    ]


def _appointment(when: ScheduleSession | RescheduleSession, title: Line, revision: int) -> Appointment:
    return Appointment(title=title, starts=when.starts, ends=when.ends, place=when.place, revision=revision)


def _must_start_before_end(when: ScheduleSession | RescheduleSession) -> None:
    if when.starts >= when.ends:
        raise EndsBeforeItStarts(starts=german_moment(when.starts), ends=german_moment(when.ends))
