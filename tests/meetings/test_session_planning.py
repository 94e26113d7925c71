"""A session's date and agenda: what can be planned, and who is told when it changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from services.meetings.domain.session import SESSION
from services.meetings.domain.session_planning import (
    AgendaNotNumbered,
    CancelSession,
    ChangeAgenda,
    EndsBeforeItStarts,
    RescheduleSession,
    ScheduleSession,
    SessionScheduledDifferently,
    WorkingGroupMismatch,
)
from services.meetings.domain.session_state import (
    SessionIsCancelled,
    SessionIsClosed,
    SessionIsOpen,
    SessionUnknown,
)
from shared.contracts.meetings import (
    AgendaChanged,
    AgendaItem,
    SessionCancelled,
    SessionRescheduled,
)
from shared.kernel.decider import Command, Event
from shared.kernel.rejections import Rejected
from tests.kit.given import given_of
from tests.meetings.stuttgart import (
    AGENDA,
    AGREED,
    CLOSED,
    ENDS,
    EVERYBODY,
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
    WHEN,
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
CANCEL = tell(CancelSession, reason="Saal gesperrt")


def test_a_session_is_scheduled_once() -> None:
    given().when(schedule()).then(SCHEDULED)
    given(SCHEDULED).when(schedule()).then_nothing()
    given(SCHEDULED).when(schedule(place="Treffpunkt Rotebühlplatz")).rejected(SessionScheduledDifferently)
    given(SCHEDULED).when(schedule(kind="workshop")).rejected(SessionScheduledDifferently, session=NAME)


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


def test_a_move_tells_everybody_invited_and_raises_the_revision() -> None:
    given(*INVITED).when(move(**LATER)).then(MOVED)
    given(*PLANNED).when(move(**LATER)).then(SessionRescheduled(session=NAME, appointment=MOVED_TO, recipients=()))


@pytest.mark.parametrize("change", [{"ends": ENDS.replace(hour=16)}, {"place": "Bürgerhaus"}])
def test_another_end_or_place_is_a_move_too(change: dict[str, Any]) -> None:
    moved = WHEN.model_copy(update={**change, "revision": 1})
    given(*INVITED).when(move(**change)).then(SessionRescheduled(session=NAME, appointment=moved, recipients=EVERYBODY))


def test_the_same_time_and_place_are_no_move() -> None:
    given(*INVITED).when(move()).then_nothing()
    given(*INVITED, MOVED).when(move()).then(
        SessionRescheduled(session=NAME, appointment=WHEN.model_copy(update={"revision": 2}), recipients=EVERYBODY)
    )


def test_a_cancellation_tells_everybody_invited() -> None:
    given(*INVITED).when(CANCEL).then(CANCELLED)
    given(*PLANNED).when(CANCEL).then(CANCELLED.model_copy(update={"recipients": ()}))
    given(*INVITED, CANCELLED).when(CANCEL).then_nothing()


@pytest.mark.parametrize("command", [CHANGE_AGENDA, move(**LATER), CANCEL])
@pytest.mark.parametrize(("history", "rule"), [((), SessionUnknown), (OPEN, SessionIsOpen), (CLOSED, SessionIsClosed)])
def test_only_a_planned_session_is_planned_anew(
    command: Command, history: Sequence[Event], rule: type[Rejected]
) -> None:
    given(*history).when(command).rejected(rule, session=NAME)


@pytest.mark.parametrize("command", [CHANGE_AGENDA, move(**LATER)])
def test_a_cancelled_session_is_not_planned_anew(command: Command) -> None:
    given(*PLANNED, CANCELLED).when(command).rejected(SessionIsCancelled, session=NAME)
