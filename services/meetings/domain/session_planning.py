"""A session gets a date and an agenda. Whoever was invited learns of every move, and of a cancellation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, assert_never

from pydantic import Field

from services.meetings.domain.session_attendance import not_there_then
from services.meetings.domain.session_events import SessionEvent
from services.meetings.domain.session_notice import must_keep_notice
from services.meetings.domain.session_recipients import released
from services.meetings.domain.session_second import must_have_an_agenda_of_its_own
from services.meetings.domain.session_stage import (
    must_be,
    must_be_ahead,
    must_be_invited,
    must_not_be_cancelled,
    must_start_before_end,
)
from services.meetings.domain.session_state import AboutSession, Session
from shared.contracts.meetings import (
    AgendaChanged,
    AgendaItem,
    AgendaSupplemented,
    Appointment,
    SessionCancelled,
    SessionKind,
    SessionRescheduled,
    SessionScheduled,
)
from shared.contracts.members import RulesOfProcedure
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.replacing import must_stand
from shared.kernel.text import Line
from shared.kernel.time import Moment, german_moment, local_day
from shared.kernel.values import Value

DEFAULT_RULES = RulesOfProcedure()
"""For old invitations, which do not name their rules."""

# Commands


class ScheduleSession(AboutSession):
    """Schedule a session of the plenary or of a working group, or a workshop."""

    kind: SessionKind
    working_group: Slug | None
    title: Line
    starts: Moment
    ends: Moment
    place: Line


class Agenda(Value):
    agenda: tuple[AgendaItem, ...]


class ChangeAgenda(AboutSession):
    """Replace the agenda."""

    agenda: Annotated[tuple[AgendaItem, ...], Field(min_length=1)]
    replaces: Agenda | None = None


class SupplementAgenda(AboutSession):
    """Add items to the agenda of the invitation; one mail tells everybody invited.

    The new items continue the numbers of the agenda.
    """

    items: Annotated[tuple[AgendaItem, ...], Field(min_length=1)]


class WhenAndWhere(Value):
    starts: Moment
    ends: Moment
    place: Line


class RescheduleSession(AboutSession):
    """Move a session to another time or place; everybody invited is asked again. Short notice needs a reason.

    Deputies are released until a holder declines the new appointment, too.
    """

    starts: Moment
    ends: Moment
    place: Line
    replaces: WhenAndWhere | None = None
    reason: Line | None = None


class CancelSession(AboutSession):
    """Cancel a session that was not opened. Everybody invited is told, unless its day is over."""

    reason: Line


PlanningCommand = ScheduleSession | ChangeAgenda | SupplementAgenda | RescheduleSession | CancelSession

# Rejections


class SessionScheduledDifferently(Rejected):
    """Die Sitzung „{session}“ ist bereits mit anderen Angaben angesetzt."""


class SessionCancelledDifferently(Rejected):
    """Die Sitzung „{session}“ ist bereits mit einem anderen Grund abgesagt."""


class WorkingGroupMismatch(Rejected):
    """Nur die Sitzung einer Arbeitsgruppe nennt eine Arbeitsgruppe, und sie muss es."""

    kind = Kind.INVALID


class AgendaNotNumbered(Rejected):
    """Die Tagesordnungspunkte müssen der Reihe nach von 1 bis {items} nummeriert sein."""

    kind = Kind.INVALID


class AgendaNotContinued(Rejected):
    """Die Tagesordnung hat {items} Punkte; was sie ergänzt, ist der Reihe nach ab {next} zu nummerieren."""

    kind = Kind.INVALID


class MovedIntoThePast(Rejected):
    """Auf den {starts} kann die Sitzung nicht verlegt werden: Dieser Zeitpunkt ist vorbei."""

    kind = Kind.INVALID


# decide


def decide(session: Session, command: PlanningCommand) -> Sequence[SessionEvent]:
    match command:
        case ScheduleSession():
            return _schedule(session, command)
        case ChangeAgenda():
            return _change_agenda(session, command)
        case SupplementAgenda():
            return _supplement(session, command)
        case RescheduleSession():
            return _reschedule(session, command)
        case CancelSession():
            return _cancel(session, command)
        case _:
            assert_never(command)


def _schedule(session: Session, schedule: ScheduleSession) -> Sequence[SessionEvent]:
    must_start_before_end(schedule.starts, schedule.ends)
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
    known = (session.kind, session.working_group, session.appointment, session.second_of)
    if known != (wanted.kind, wanted.working_group, wanted.appointment, wanted.second_of):
        raise SessionScheduledDifferently(session=schedule.session)
    must_not_be_cancelled(session, schedule.session)
    return []


def _change_agenda(session: Session, change: ChangeAgenda) -> Sequence[SessionEvent]:
    must_be(session, change.session, "planned")
    must_have_an_agenda_of_its_own(session, change.session)
    if not _is_numbered(change.agenda):
        raise AgendaNotNumbered(items=len(change.agenda))
    if change.agenda == session.agenda:
        return []
    must_stand(change.replaces, Agenda(agenda=session.agenda))
    return [AgendaChanged(session=change.session, agenda=change.agenda)]


def _supplement(session: Session, supplement: SupplementAgenda) -> Sequence[SessionEvent]:
    appointment = must_be_ahead(session, supplement.session, supplement.at)
    must_be_invited(session, supplement.session)
    must_have_an_agenda_of_its_own(session, supplement.session)
    is_told = session.agenda == session.agenda_told
    if is_told and session.agenda[-len(supplement.items) :] == supplement.items:
        return []
    agenda = (*session.agenda, *supplement.items)
    if not _is_numbered(agenda):
        raise AgendaNotContinued(items=len(session.agenda), next=len(session.agenda) + 1)
    return [
        AgendaSupplemented(
            session=supplement.session,
            agenda=agenda,
            added=supplement.items,
            appointment=appointment,
            recipients=session.invited,
        )
    ]


def _reschedule(session: Session, move: RescheduleSession) -> Sequence[SessionEvent]:
    now = must_be(session, move.session, "planned")
    must_start_before_end(move.starts, move.ends)
    if (now.starts, now.ends, now.place) == (move.starts, move.ends, move.place):
        return []
    must_stand(move.replaces, WhenAndWhere(starts=now.starts, ends=now.ends, place=now.place))
    _must_be_in_good_time(session, move)
    moved = _appointment(move, now.title, revision=now.revision + 1)
    return [
        *released(session),
        *not_there_then(session, move.session, moved),
        SessionRescheduled(
            session=move.session,
            appointment=moved,
            recipients=tuple(place for place in session.invited if place not in session.deputies),
            reason=move.reason,
            told_at=move.at,
            rules_version=session.invitation.rules_version if session.invitation else None,
        ),
    ]


def _must_be_in_good_time(session: Session, move: RescheduleSession) -> None:
    """A move needs as much notice as the invitation, by the rules that the invitation names."""
    if move.starts <= move.at:
        raise MovedIntoThePast(starts=german_moment(move.starts))
    if session.invitation is None:
        return
    usual, shortest = session.invitation.notice_days, session.invitation.shortest_notice_days
    must_keep_notice(
        move.starts,
        move,
        DEFAULT_RULES.notice_days if usual is None else usual,
        DEFAULT_RULES.shortest_notice_days if shortest is None else shortest,
    )


def _cancel(session: Session, cancel: CancelSession) -> Sequence[SessionEvent]:
    if session.cancelled:
        if session.cancelled.reason != cancel.reason:
            raise SessionCancelledDifferently(session=cancel.session)
        return []
    appointment = must_be(session, cancel.session, "planned")
    return [
        SessionCancelled(
            session=cancel.session,
            appointment=appointment,
            reason=cancel.reason,
            recipients=() if local_day(cancel.at) > local_day(appointment.ends) else session.invited,
        )
    ]


def _is_numbered(agenda: Sequence[AgendaItem]) -> bool:
    return [item.number for item in agenda] == list(range(1, len(agenda) + 1))


def _appointment(when: ScheduleSession | RescheduleSession, title: Line, revision: int) -> Appointment:
    return Appointment(title=title, starts=when.starts, ends=when.ends, place=when.place, revision=revision)
