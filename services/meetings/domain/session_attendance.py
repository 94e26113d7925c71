"""Who is there, for which seat, from when until when: noted on the day or typed afterwards, corrected, withdrawn.

Whoever has no place at the session never counts. A correction changes times and who is there by now, never a decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import reduce
from typing import Annotated, assert_never

from pydantic import Field

from services.meetings.domain.session_events import SessionEvent
from services.meetings.domain.session_quorum import with_quorum
from services.meetings.domain.session_stage import NotInvited, must_be, must_be_invited
from services.meetings.domain.session_state import AboutSession, Session, evolve
from shared.contracts.meetings import (
    Appointment,
    ArrivalRecorded,
    AttendanceCorrected,
    AttendanceWithdrawn,
    DepartureRecorded,
    Recipient,
)
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.replacing import must_stand
from shared.kernel.text import Line
from shared.kernel.time import Moment, german_day, german_moment, local_day
from shared.kernel.values import Value

# Commands


class RecordArrival(AboutSession):
    """Record that an invited person is there; recorded afterwards, with the time."""

    person: PersonId
    arrived_at: Moment | None = None


class RecordDeparture(AboutSession):
    """Record that a person has left; recorded afterwards, with the time."""

    person: PersonId
    left_at: Moment | None = None


class Attended(Value):
    """A line of the attendance sheet; ``left_at`` is null for a person who stayed to the end."""

    person: PersonId
    arrived_at: Moment
    left_at: Moment | None = None


class RecordAttendance(AboutSession):
    """Record a whole attendance sheet, or nothing of it."""

    sheet: Annotated[tuple[Attended, ...], Field(min_length=1, max_length=500)]


class Stayed(Value):
    """The recorded times as the caller saw them; ``left_at`` is null for a person who stayed to the end."""

    arrived_at: Moment
    left_at: Moment | None = None


class CorrectAttendance(AboutSession):
    """Correct the times at which a person was there."""

    person: PersonId
    arrived_at: Moment
    left_at: Moment | None
    reason: Line
    replaces: Stayed | None = None


class WithdrawAttendance(AboutSession):
    """Withdraw a recorded attendance: the person was not there."""

    person: PersonId
    reason: Line


AttendanceCommand = RecordArrival | RecordDeparture | RecordAttendance | CorrectAttendance | WithdrawAttendance

# Rejections


class NotPresent(Rejected):
    """Die Person ist in der Sitzung „{session}“ nicht anwesend."""


class NeverAttended(Rejected):
    """Für die Person ist in der Sitzung „{session}“ keine Anwesenheit verzeichnet."""


class AttendedDifferently(Rejected):
    """Die Person ist in „{session}“ schon mit anderen Zeiten verzeichnet: bitte die Anwesenheit berichtigen."""


class NotOnItsDay(Rejected):
    """Die Sitzung „{session}“ findet am {day} statt; ein anderer Tag ist hier nicht möglich."""

    kind = Kind.INVALID


class NotYet(Rejected):
    """Der Zeitpunkt {moment} liegt noch in der Zukunft."""

    kind = Kind.INVALID


class LeavesBeforeArrival(Rejected):
    """Wer am {arrived} kommt, kann nicht schon am {left} gehen."""

    kind = Kind.INVALID


# decide


def decide(session: Session, command: AttendanceCommand) -> Sequence[SessionEvent]:
    _must_take_attendance(session, command)
    invitation = must_be_invited(session, command.session)
    return with_quorum(session, invitation, _decided(session, command))


def _decided(session: Session, command: AttendanceCommand) -> Sequence[SessionEvent]:
    match command:
        case RecordArrival():
            return _arrive(session, command, command.person, command.arrived_at)
        case RecordDeparture():
            return _depart(session, command, command.person, command.left_at)
        case RecordAttendance():
            return _attend(session, command)
        case CorrectAttendance():
            return _correct(session, command)
        case WithdrawAttendance():
            return _withdraw(session, command)
        case _:
            assert_never(command)


def _must_take_attendance(session: Session, command: AttendanceCommand) -> None:
    """After the session only entries with a time, and only until the minutes are approved."""
    is_timed = not isinstance(command, RecordArrival | RecordDeparture) or bool(_typed(command))
    if is_timed and session.stage == "closed" and session.minutes != "approved":
        return
    must_be(session, command.session, "planned", "open")


def _typed(command: RecordArrival | RecordDeparture) -> datetime | None:
    return command.arrived_at if isinstance(command, RecordArrival) else command.left_at


def _arrive(session: Session, said: AboutSession, person: PersonId, at: datetime | None) -> Sequence[SessionEvent]:
    places = session.places_of(person)
    if not places:
        raise NotInvited(session=said.session)
    arrived_at = must_be_on_its_day(session, said, at)
    for place in places:
        _must_not_contradict(session, said.session, place, None if at is None else arrived_at)
    return [
        ArrivalRecorded(session=said.session, person=person, seat=place.seat, arrived_at=arrived_at)
        for place in places
        if place not in session.present
    ]


def _must_not_contradict(session: Session, name: Slug, place: Recipient, arrived_at: datetime | None) -> None:
    """A present person cannot arrive at another time; a person who has left can come back only later."""
    since, until = session.stays.get(place, (None, None))
    if arrived_at is None or since is None:
        return
    if arrived_at != since if place in session.present else until is not None and arrived_at < until:
        raise AttendedDifferently(session=name)


def _depart(session: Session, said: AboutSession, person: PersonId, at: datetime | None) -> Sequence[SessionEvent]:
    there = [place for place in session.present if place.person == person]
    if not there:
        raise NotPresent(session=said.session)
    left_at = must_be_on_its_day(session, said, at)
    for place in there:
        _must_leave_after(session.stays.get(place, (None, None))[0], left_at)
    return [DepartureRecorded(session=said.session, person=person, seat=place.seat, left_at=left_at) for place in there]


def _attend(session: Session, attendance: RecordAttendance) -> Sequence[SessionEvent]:
    """A line that is recorded already leads to no event."""
    events: list[SessionEvent] = []
    for line in attendance.sheet:
        known = reduce(evolve, events, session)
        if _is_known(known, line):
            continue
        events += _arrive(known, attendance, line.person, line.arrived_at)
        if line.left_at:
            events += _depart(reduce(evolve, events, session), attendance, line.person, line.left_at)
    return events


def _is_known(session: Session, line: Attended) -> bool:
    stays = {stay for place, stay in session.stays.items() if place.person == line.person}
    return stays == {(line.arrived_at, line.left_at)}


def _correct(session: Session, correct: CorrectAttendance) -> Sequence[SessionEvent]:
    arrived_at = must_be_on_its_day(session, correct, correct.arrived_at)
    left_at = must_be_on_its_day(session, correct, correct.left_at) if correct.left_at else None
    if left_at:
        _must_leave_after(arrived_at, left_at)
    places = _attended(session, correct.session, correct.person)
    others = [place for place in places if session.stays[place] != (arrived_at, left_at)]
    for place in others:
        _must_be_as_seen(session, place, correct.replaces)
    return [
        AttendanceCorrected(
            session=correct.session,
            person=place.person,
            seat=place.seat,
            arrived_at=arrived_at,
            left_at=left_at,
            reason=correct.reason,
        )
        for place in others
    ]


def _must_be_as_seen(session: Session, place: Recipient, seen: Stayed | None) -> None:
    """A time that an old event lacks is not compared: the page shows the time of recording, unknown here."""
    if seen is None:
        return
    since, until = session.stays[place]
    left_at = until if until or place in session.present else seen.left_at
    now = Stayed(arrived_at=since or seen.arrived_at, left_at=left_at)
    until_when = german_moment(now.left_at) if now.left_at else "zum Ende"
    must_stand(seen, now, f"von {german_moment(now.arrived_at)} bis {until_when}")


def _withdraw(session: Session, withdraw: WithdrawAttendance) -> Sequence[SessionEvent]:
    return [
        AttendanceWithdrawn(session=withdraw.session, person=place.person, seat=place.seat, reason=withdraw.reason)
        for place in _attended(session, withdraw.session, withdraw.person)
    ]


def _attended(session: Session, name: Slug, person: PersonId) -> Sequence[Recipient]:
    places = [place for place in session.stays if place.person == person]
    if not places:
        raise NeverAttended(session=name)
    return places


def not_there_then(session: Session, name: Slug, moved: Appointment) -> Sequence[AttendanceWithdrawn]:
    """A session that moves to another day takes nobody along who came on the day before: they are yet to come."""
    first, last = _days_of(moved)
    return [
        AttendanceWithdrawn(session=name, person=place.person, seat=place.seat, reason="Die Sitzung ist verlegt.")
        for place, (since, _) in session.stays.items()
        if not first <= _day_of_arrival(session, since) <= last
    ]


def _day_of_arrival(session: Session, since: datetime | None) -> date:
    """An old event without a time is of the session's day."""
    return local_day(since) if since else _days_of(_appointment(session))[0]


def must_be_on_its_day(session: Session, said: AboutSession, at: datetime | None) -> datetime:
    """The given moment, by default now. It has to be on the session's day, and not in the future."""
    moment = said.at if at is None else at
    first, last = _days_of(_appointment(session))
    if not first <= local_day(moment) <= last:
        raise NotOnItsDay(session=said.session, day=german_day(first))
    if moment > said.at:
        raise NotYet(moment=german_moment(moment))
    return moment


def _days_of(appointment: Appointment) -> tuple[date, date]:
    return local_day(appointment.starts), local_day(appointment.ends)


def _appointment(session: Session) -> Appointment:
    assert session.appointment
    return session.appointment


def _must_leave_after(arrived_at: datetime | None, left_at: datetime) -> None:
    if arrived_at and left_at < arrived_at:
        raise LeavesBeforeArrival(arrived=german_moment(arrived_at), left=german_moment(left_at))
