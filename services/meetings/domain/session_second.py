"""A second session decides what the first could not for want of a quorum, by its own notice and its own quorum.

The pattern is § 37 (3) GemO: the invitation has to say so. Stuttgart's paper names no quorum; who has none needs none.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.meetings.domain.session_events import SessionEvent
from services.meetings.domain.session_stage import must_not_be_cancelled, must_start_before_end
from services.meetings.domain.session_state import AboutSession, Session
from shared.contracts.meetings import AgendaChanged, AgendaItem, Appointment, Missed, SessionScheduled
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line
from shared.kernel.time import Moment, german_moment, local_day
from shared.kernel.values import Supplied, Value

# Commands


class First(Value):
    """The session that missed its quorum, from its journal; ``undecided`` is empty if every item was decided."""

    appointment: Appointment
    is_without_quorum: bool
    undecided: tuple[AgendaItem, ...]


class ScheduleSecondSession(AboutSession):
    """Schedule a second session on the items that an earlier one could not decide without its quorum."""

    second_of: Slug
    starts: Moment
    ends: Moment
    place: Line
    first: Supplied[First]


# Rejections


class QuorumWasNotMissed(Rejected):
    """Die Sitzung „{session}“ wurde nicht ohne Beschlussfähigkeit geschlossen; eine zweite Sitzung setzt das voraus."""


class NothingLeftToDecide(Rejected):
    """In der Sitzung „{session}“ blieb nichts unbeschlossen."""


class NotBeforeTheFirst(Rejected):
    """Die zweite Sitzung kann nicht vor der ersten liegen, die am {first} war."""

    kind = Kind.INVALID


class SecondSessionScheduledDifferently(Rejected):
    """Die Sitzung „{session}“ ist bereits mit anderen Angaben angesetzt."""


class AgendaIsOfTheFirst(Rejected):
    """Die zweite Sitzung „{session}“ hat nur die Punkte der ersten; weitere brauchen eine eigene Sitzung."""


# decide


def decide(session: Session, command: ScheduleSecondSession) -> Sequence[SessionEvent]:
    first = command.first
    must_start_before_end(command.starts, command.ends)
    wanted = SessionScheduled(
        session=command.session,
        kind="plenary",
        working_group=None,
        appointment=_appointment(command),
        second_of=Missed(session=command.second_of, held_on=local_day(first.appointment.starts)),
    )
    if session.appointment is not None:
        return _again(session, wanted)
    _must_be_wanted(command)
    return [wanted, AgendaChanged(session=command.session, agenda=_numbered(first.undecided))]


def left_undecided(session: Session) -> tuple[AgendaItem, ...]:
    return tuple(item for item in session.agenda if item.number not in session.decided)


def must_have_an_agenda_of_its_own(session: Session, name: Slug) -> None:
    """The lower quorum of a second session is only for the items that were left open."""
    if session.second_of is not None:
        raise AgendaIsOfTheFirst(session=name)


def _again(session: Session, wanted: SessionScheduled) -> Sequence[SessionEvent]:
    if (session.second_of, session.appointment) != (wanted.second_of, wanted.appointment):
        raise SecondSessionScheduledDifferently(session=wanted.session)
    must_not_be_cancelled(session, wanted.session)
    return []


def _must_be_wanted(command: ScheduleSecondSession) -> None:
    if not command.first.is_without_quorum:
        raise QuorumWasNotMissed(session=command.second_of)
    if not command.first.undecided:
        raise NothingLeftToDecide(session=command.second_of)
    if command.starts <= command.first.appointment.starts:
        raise NotBeforeTheFirst(first=german_moment(command.first.appointment.starts))


def _numbered(items: Sequence[AgendaItem]) -> tuple[AgendaItem, ...]:
    return tuple(item.model_copy(update={"number": number}) for number, item in enumerate(items, 1))


def _appointment(command: ScheduleSecondSession) -> Appointment:
    about = command.first.appointment
    return about.model_copy(
        update={"starts": command.starts, "ends": command.ends, "place": command.place, "revision": 0}
    )
