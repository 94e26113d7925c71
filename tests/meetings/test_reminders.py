"""A reminder is due some days before the session, once for each day that it is moved to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.meetings.domain.session_invitation import AnnounceReminder
from services.meetings.projections import DEADLINES
from services.meetings.projections.reminders import REMINDER, REMINDERS
from shared.contracts.meetings import Appointment, DeadlineStageReached, SessionCancelled, SessionRescheduled
from tests.kit.when import CONFERENCE, NOW
from tests.meetings.stuttgart import (
    EVERYBODY,
    GUEST,
    INVITED,
    MOVED,
    NAME,
    OPENED,
    PLANNED,
    STARTS,
    WHEN,
    invited,
    shown,
)

WEEK_BEFORE = "2024-04-16T12:00:00.000Z"
REMINDED = DeadlineStageReached(session=NAME, deadline="session", appointment=WHEN, recipients=EVERYBODY)
CANCELLED = SessionCancelled(session=NAME, appointment=WHEN, reason="Saal gesperrt", recipients=EVERYBODY)


def due(*events: Any, at: datetime = NOW) -> Any:
    return shown(REMINDERS, events, at=at)["due"]


def moved_by(time: timedelta) -> SessionRescheduled:
    appointment = WHEN.model_copy(update={"starts": STARTS + time, "revision": 1})
    return SessionRescheduled(session=NAME, appointment=appointment, recipients=EVERYBODY)


def at_time(starts: datetime) -> Appointment:
    return WHEN.model_copy(update={"starts": starts, "ends": starts + timedelta(hours=3)})


def test_a_reminder_is_due_once_people_are_invited() -> None:
    assert due(*INVITED) == WEEK_BEFORE
    assert due(*PLANNED, invited(reminder_days=3)) == "2024-04-20T12:00:00.000Z"
    assert due(*PLANNED, MOVED) is None


def test_a_conference_may_do_without() -> None:
    assert due(*PLANNED, invited(reminder_days=0)) is None


def test_a_move_moves_the_reminder() -> None:
    assert due(*INVITED, MOVED) == "2024-04-30T12:00:00.000Z"


def test_what_was_announced_is_not_due_again() -> None:
    assert due(*INVITED, REMINDED) is None
    assert due(*INVITED, REMINDED, invited(issue=2)) is None


def test_a_move_to_a_later_day_makes_another_reminder_due() -> None:
    assert due(*INVITED, REMINDED, MOVED) == "2024-04-30T12:00:00.000Z"


@pytest.mark.parametrize("time", [timedelta(days=-1), timedelta(hours=2)])
def test_a_move_to_an_earlier_day_or_another_hour_does_not(time: timedelta) -> None:
    assert due(*INVITED, REMINDED, moved_by(time)) is None


@pytest.mark.parametrize("event", [CANCELLED, OPENED])
def test_what_is_cancelled_or_has_begun_owes_no_reminder(event: Any) -> None:
    assert due(*INVITED, event) is None


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (STARTS - timedelta(days=8), WEEK_BEFORE),
        (STARTS - timedelta(days=7, hours=23), "2024-04-16T13:00:00.000Z"),
        (STARTS - timedelta(days=2), "2024-04-22T12:00:00.000Z"),
        (STARTS - timedelta(days=1), None),
        (STARTS, None),
    ],
)
def test_a_reminder_keeps_a_day_away_from_the_invitation(at: datetime, expected: str | None) -> None:
    assert due(*INVITED, at=at) == expected
    assert due(*INVITED, moved_by(timedelta()), at=at) == expected


def test_days_are_those_of_the_calendar_whatever_the_clocks_do() -> None:
    """On 31 March 2024 an hour was left out in Berlin, on 27 October one came twice."""
    spring, autumn = datetime(2024, 4, 2, 12, 0, tzinfo=UTC), datetime(2024, 10, 30, 13, 0, tzinfo=UTC)
    assert due(*PLANNED, invited(appointment=at_time(spring))) == "2024-03-26T13:00:00.000Z"
    assert due(*PLANNED, invited(appointment=at_time(autumn))) == "2024-10-23T12:00:00.000Z"


def test_a_copy_for_a_guest_as_of_old_moves_nothing() -> None:
    copy = invited(GUEST, appointment=at_time(STARTS + timedelta(days=1)))
    assert due(*INVITED, copy) == WEEK_BEFORE


def test_a_due_reminder_is_announced_by_the_clock() -> None:
    document = shown(REMINDERS, INVITED)
    assert REMINDER.command(document, NOW) == AnnounceReminder(conference=CONFERENCE, at=NOW, by="clock", session=NAME)
    assert REMINDER in DEADLINES


def test_a_reminder_may_be_of_the_day_before_or_of_none() -> None:
    assert due(*PLANNED, invited(reminder_days=1)) == "2024-04-22T12:00:00.000Z"
    assert due(*PLANNED, invited(reminder_days=0)) is None
