"""A session's date and agenda: what can be planned, and who is told when it changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from services.meetings.domain.session import SESSION
from services.meetings.domain.session_invitation import IssueInvitation
from services.meetings.domain.session_notice import NoticeTooShort
from services.meetings.domain.session_planning import (
    AgendaNotContinued,
    AgendaNotNumbered,
    CancelSession,
    ChangeAgenda,
    MovedIntoThePast,
    RescheduleSession,
    ScheduleSession,
    SessionCancelledDifferently,
    SessionScheduledDifferently,
    SupplementAgenda,
    WorkingGroupMismatch,
)
from services.meetings.domain.session_stage import (
    EndsBeforeItStarts,
    InvitationMissing,
    SessionHasBegun,
    SessionIsCancelled,
    SessionIsClosed,
    SessionIsOpen,
    SessionUnknown,
)
from shared.contracts.meetings import (
    AgendaChanged,
    AgendaItem,
    AttendanceWithdrawn,
    DepartureRecorded,
    SessionCancelled,
    SessionRescheduled,
)
from shared.kernel.decider import Command, Event
from shared.kernel.rejections import Rejected
from tests.kit.given import given_of
from tests.kit.when import NOW, person
from tests.meetings.stuttgart import (
    AGENDA,
    AGREED,
    CLOSED,
    ENDS,
    EVERYBODY,
    FURTHER,
    INVITED,
    LATER,
    MOVED,
    MOVED_TO,
    NAME,
    OF_GROUP,
    OPEN,
    PLANNED,
    SCHEDULED,
    STARTS,
    SUPPLEMENTED,
    WHEN,
    arrived,
    invited,
    roster,
    tell,
)

given = given_of(SESSION)

CANCELLED = SessionCancelled(session=NAME, appointment=WHEN, reason="Saal gesperrt", recipients=EVERYBODY)


def schedule(**fields: Any) -> ScheduleSession:
    told = {"kind": "plenary", "working_group": None, **WHEN.model_dump(exclude={"revision"})}
    return tell(ScheduleSession, **{**told, **fields})


def move(**fields: Any) -> RescheduleSession:
    return tell(RescheduleSession, **{**WHEN.model_dump(include={"starts", "ends", "place"}), **fields})


CHANGE_AGENDA = tell(ChangeAgenda, agenda=AGENDA)
SUPPLEMENT = tell(SupplementAgenda, items=FURTHER)
CANCEL = tell(CancelSession, reason="Saal gesperrt")


def test_a_session_is_scheduled_once() -> None:
    given().when(schedule()).then(SCHEDULED)
    given(SCHEDULED).when(schedule()).then_nothing()
    given(SCHEDULED).when(schedule(place="Treffpunkt Rotebühlplatz")).rejected(SessionScheduledDifferently)
    given(SCHEDULED).when(schedule(kind="workshop")).rejected(SessionScheduledDifferently, session=NAME)


def test_a_cancelled_session_is_not_scheduled_again_by_its_name() -> None:
    given(SCHEDULED, CANCELLED).when(schedule()).rejected(SessionIsCancelled, session=NAME)
    given(*CLOSED).when(schedule()).then_nothing()


@pytest.mark.parametrize("ends", [STARTS, datetime(2024, 4, 23, 11, 0, tzinfo=UTC)])
def test_a_session_ends_after_it_starts(ends: datetime) -> None:
    given().when(schedule(ends=ends)).rejected(EndsBeforeItStarts, starts="23.04.2024, 14:00 Uhr")
    given(SCHEDULED).when(move(ends=ends)).rejected(EndsBeforeItStarts)


def test_a_working_groups_session_names_its_group_and_no_other_does() -> None:
    given().when(schedule(kind="working_group", working_group="staff")).then(OF_GROUP)
    given().when(schedule(kind="working_group")).rejected(WorkingGroupMismatch)
    given().when(schedule(kind="workshop", working_group="staff")).rejected(WorkingGroupMismatch)


def test_an_agenda_is_agreed_and_replaced() -> None:
    given(SCHEDULED).when(CHANGE_AGENDA).then(AGREED)
    given(*PLANNED).when(CHANGE_AGENDA).then_nothing()
    given(*PLANNED).when(tell(ChangeAgenda, agenda=AGENDA[:1])).then(AgendaChanged(session=NAME, agenda=AGENDA[:1]))


@pytest.mark.parametrize("numbers", [(1, 1), (1, 3), (2, 1), (2, 3)])
def test_agenda_items_are_numbered_in_order(numbers: Sequence[int]) -> None:
    agenda = tuple(AgendaItem(number=number, title="Punkt", public=True) for number in numbers)
    given(SCHEDULED).when(tell(ChangeAgenda, agenda=agenda)).rejected(AgendaNotNumbered, items=2)


def test_an_agenda_has_at_least_one_item() -> None:
    with pytest.raises(ValidationError):
        tell(ChangeAgenda, agenda=())


def test_nobody_is_told_that_a_session_was_called_off_whose_day_is_over() -> None:
    """It was not held and is not: a mail would say so of a day that everybody has seen pass."""
    told = SessionCancelled(session=NAME, appointment=WHEN, reason="Saal gesperrt", recipients=EVERYBODY)
    same_day = datetime(2024, 4, 23, 21, 59, tzinfo=UTC)
    given(*INVITED).when(CANCEL.model_copy(update={"at": same_day})).then(told)
    day_after = CANCEL.model_copy(update={"at": same_day + timedelta(minutes=1)})
    given(*INVITED).when(day_after).then(told.model_copy(update={"recipients": ()}))


def test_a_move_tells_everybody_invited_and_raises_the_revision() -> None:
    given(*INVITED).when(move(**LATER)).then(MOVED)
    given(*PLANNED).when(move(**LATER)).then(
        SessionRescheduled(session=NAME, appointment=MOVED_TO, recipients=(), told_at=NOW)
    )


@pytest.mark.parametrize("change", [{"ends": ENDS.replace(hour=16)}, {"place": "Bürgerhaus"}])
def test_another_end_or_place_is_a_move_too(change: dict[str, Any]) -> None:
    moved = WHEN.model_copy(update={**change, "revision": 1})
    given(*INVITED).when(move(**change)).then(
        SessionRescheduled(session=NAME, appointment=moved, recipients=EVERYBODY, told_at=NOW)
    )


def not_there(number: int) -> AttendanceWithdrawn:
    seat = f"hospitals-{number}"
    return AttendanceWithdrawn(session=NAME, person=person(number), seat=seat, reason="Die Sitzung ist verlegt.")


def left(number: int) -> DepartureRecorded:
    return DepartureRecorded(session=NAME, person=person(number), seat=f"hospitals-{number}", left_at=ENDS)


def test_whoever_came_on_a_day_from_which_the_session_moves_is_yet_to_come() -> None:
    without_time = arrived(2).model_copy(update={"arrived_at": None})
    given(*INVITED, arrived(1), without_time, arrived(3), left(3)).when(move(**LATER)).then(
        not_there(1), not_there(2), not_there(3), MOVED
    )
    anew = SESSION.fold([*INVITED, arrived(1), not_there(1), MOVED])
    assert (anew.present, anew.stays, anew.seats_present) == ((), {}, 0)


def test_whoever_came_is_there_where_the_session_moves_within_its_day_or_over_it() -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    for told in ({"starts": STARTS + hour}, {"ends": ENDS + day}, {"place": "Bürgerhaus"}):
        wanted = move(**told, at=STARTS - hour, reason="Saal gesperrt")
        decided = SESSION.decide(
            SESSION.fold([*INVITED, arrived(1).model_copy(update={"arrived_at": wanted.at})]), wanted
        )
        assert [type(event) for event in decided] == [SessionRescheduled]


def test_the_same_time_and_place_are_no_move() -> None:
    given(*INVITED).when(move()).then_nothing()
    given(*INVITED, MOVED).when(move()).then(
        SessionRescheduled(
            session=NAME, appointment=WHEN.model_copy(update={"revision": 2}), recipients=EVERYBODY, told_at=NOW
        )
    )


NINE_DAYS_BEFORE = datetime(2024, 4, 28, 8, 0, tzinfo=UTC)


def test_a_move_needs_the_notice_of_an_invitation_or_a_reason() -> None:
    late = {**LATER, "at": NINE_DAYS_BEFORE}
    given(*INVITED).when(move(**late)).rejected(NoticeTooShort, left=9, notice=14, shortest=10)
    moved = MOVED.model_copy(update={"reason": "Saal gesperrt", "told_at": NINE_DAYS_BEFORE})
    given(*INVITED).when(move(**late, reason="Saal gesperrt")).then(moved)
    given(*INVITED).when(move(place="Bürgerhaus", at=STARTS - timedelta(days=1))).rejected(NoticeTooShort, left=1)


def test_nobody_was_told_what_is_moved_before_the_invitation() -> None:
    moved = MOVED.model_copy(update={"recipients": (), "told_at": NINE_DAYS_BEFORE})
    given(*PLANNED).when(move(**LATER, at=NINE_DAYS_BEFORE)).then(moved)


def test_the_notice_of_a_move_is_by_the_rules_of_the_invitation() -> None:
    of_old = invited(notice_days=None, shortest_notice_days=None)
    given(*PLANNED, of_old).when(move(**LATER, at=NINE_DAYS_BEFORE)).rejected(NoticeTooShort, notice=14, shortest=10)
    short = invited(notice_days=5, shortest_notice_days=0)
    given(*PLANNED, short).when(move(**LATER, at=NINE_DAYS_BEFORE)).then(
        MOVED.model_copy(update={"told_at": NINE_DAYS_BEFORE})
    )


@pytest.mark.parametrize("history", [PLANNED, INVITED])
def test_nothing_is_moved_into_the_past(history: Sequence[Event]) -> None:
    late = move(**LATER, at=LATER["starts"], reason="Eile")
    given(*history).when(late).rejected(MovedIntoThePast, starts="07.05.2024, 14:00 Uhr")


def test_a_supplement_is_told_to_everybody_invited() -> None:
    given(*INVITED).when(SUPPLEMENT).then(SUPPLEMENTED)
    given(*INVITED, SUPPLEMENTED).when(SUPPLEMENT).then_nothing()
    given(*PLANNED).when(SUPPLEMENT).rejected(InvitationMissing, session=NAME)
    given(*INVITED).when(tell(SupplementAgenda, items=FURTHER, at=STARTS)).rejected(SessionHasBegun)


@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_supplement_continues_the_numbers(number: int) -> None:
    items = (AgendaItem(number=number, title="Verschiedenes", public=True),)
    given(*INVITED).when(tell(SupplementAgenda, items=items)).rejected(AgendaNotContinued, items=2, next=3)


def test_what_was_supplemented_needs_no_other_invitation() -> None:
    issue = tell(IssueInvitation, reason=None, roster=roster())
    given(*INVITED, SUPPLEMENTED).when(issue).then_nothing()


def test_what_nobody_was_told_is_not_taken_for_supplemented() -> None:
    changed = AgendaChanged(session=NAME, agenda=SUPPLEMENTED.agenda)
    given(*INVITED, changed).when(SUPPLEMENT).rejected(AgendaNotContinued, items=len(changed.agenda))


def test_a_cancellation_tells_everybody_invited() -> None:
    given(*INVITED).when(CANCEL).then(CANCELLED)
    given(*PLANNED).when(CANCEL).then(CANCELLED.model_copy(update={"recipients": ()}))
    given(*INVITED, CANCELLED).when(CANCEL).then_nothing()


def test_a_session_is_cancelled_for_one_reason() -> None:
    other = tell(CancelSession, reason="Zu wenige Zusagen")
    given(*INVITED, CANCELLED).when(other).rejected(SessionCancelledDifferently, session=NAME)


@pytest.mark.parametrize("command", [CHANGE_AGENDA, move(**LATER), CANCEL])
@pytest.mark.parametrize(("history", "rule"), [((), SessionUnknown), (OPEN, SessionIsOpen), (CLOSED, SessionIsClosed)])
def test_only_a_planned_session_is_planned_anew(
    command: Command, history: Sequence[Event], rule: type[Rejected]
) -> None:
    given(*history).when(command).rejected(rule, session=NAME)


@pytest.mark.parametrize("command", [CHANGE_AGENDA, move(**LATER)])
def test_a_cancelled_session_is_not_planned_anew(command: Command) -> None:
    given(*PLANNED, CANCELLED).when(command).rejected(SessionIsCancelled, session=NAME)


def test_a_move_names_the_rules_that_its_notice_is_of() -> None:
    decided = SESSION.decide(SESSION.fold((*PLANNED, invited(rules_version=3))), move(**LATER))
    assert [event.rules_version for event in decided if isinstance(event, SessionRescheduled)] == [3]
