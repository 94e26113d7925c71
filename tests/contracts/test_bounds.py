"""Bounds: what callers may name, and what was recorded before there were any."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from services.meetings.domain.session import SESSION
from services.meetings.domain.session_planning import ChangeAgenda, ScheduleSession
from services.meetings.projections.reminders import REMINDERS
from services.members.domain.seat_group import SEAT_GROUP, OpenSeatGroup
from shared.contracts.members import SeatGroupOpened
from shared.kernel.decider import Decider
from shared.kernel.text import Line
from shared.kernel.time import BERLIN, Day, Moment, german_moment, local_day
from shared.runtime.commands import execute
from shared.runtime.commands.execute import EventTooLarge, Executor, Request, StreamIsFull
from tests.kit.delivered import folded
from tests.kit.when import edge
from tests.kit.world import ListedJournal
from tests.meetings.stuttgart import AGENDA, ENDS, MOVED, PLANNED, STARTS, STREAM, WHEN, invited, tell

FIRST, LAST = datetime(1990, 1, 1, tzinfo=BERLIN), datetime(2199, 12, 31, 23, 59, 59, 999000, tzinfo=BERLIN)
A_MILLISECOND = timedelta(milliseconds=1)
SCHEDULE = tell(
    ScheduleSession, kind="plenary", working_group=None, title="Sitzung", starts=STARTS, ends=ENDS, place="Rathaus"
)
END_OF_THE_CALENDAR = datetime(9999, 12, 31, 23, 30, tzinfo=UTC)


def test_a_moment_is_of_the_years_from_1990_to_2199_in_berlin() -> None:
    moment = TypeAdapter[datetime](Moment)
    assert [moment.validate_python(at) for at in (FIRST, LAST)] == [FIRST, LAST]
    for beyond in (FIRST - A_MILLISECOND, LAST + A_MILLISECOND, END_OF_THE_CALENDAR):
        with pytest.raises(ValidationError):
            moment.validate_python(beyond)


def test_a_day_is_of_the_years_from_1990_to_2199() -> None:
    day = TypeAdapter[date](Day)
    assert [day.validate_python(on) for on in (FIRST.date(), LAST.date())] == [FIRST.date(), LAST.date()]
    for beyond in (date(1989, 12, 31), date(2200, 1, 1), date.min, date.max):
        with pytest.raises(ValidationError):
            day.validate_python(beyond)


def test_what_was_recorded_at_the_end_of_the_calendar_is_still_read() -> None:
    assert local_day(END_OF_THE_CALENDAR) == date(9999, 12, 31)
    assert german_moment(END_OF_THE_CALENDAR) == "31.12.9999, 23:30 Uhr"
    assert local_day(datetime.min.replace(tzinfo=timezone(timedelta(hours=-1)))) == date(1, 1, 1)
    far = WHEN.model_copy(update={"starts": END_OF_THE_CALENDAR})
    moved = MOVED.model_copy(update={"appointment": far})
    [document] = folded(REMINDERS, [*PLANNED, invited(), moved], STREAM).values()
    assert document["due"] == "9999-12-24T23:30:00.000Z"


def test_a_text_is_as_long_as_it_is_kept() -> None:
    line = TypeAdapter[str](Line)
    assert line.validate_python("a\u0308" * 150) == "ä" * 150
    with pytest.raises(ValidationError):  # each becomes two when it is normalised
        line.validate_python("\u0958" * 300)


def test_a_group_has_room_for_the_numbers_of_its_seats() -> None:
    told = {"number": 1, "name": "Kliniken", "kind": "delegated", "seats": 50}
    opened = SEAT_GROUP.decide(SEAT_GROUP.initial, OpenSeatGroup.model_validate(edge(group="g" * 77, **told)))
    assert isinstance(opened[0], SeatGroupOpened)
    assert opened[0].seats[-1] == f"{'g' * 77}-50"
    with pytest.raises(ValidationError):
        OpenSeatGroup.model_validate(edge(group="g" * 78, **told))


def executor_of(decider: Decider[Any, Any, Any]) -> Executor:
    return Executor(ListedJournal(), dict.fromkeys(decider.commands, decider), lambda: None)


async def test_a_stream_has_an_end() -> None:
    """Else a document that gathers what it tells would outgrow the database's."""
    executor = executor_of(replace(SESSION, most_events=2))
    await executor.execute(SCHEDULE, Request("first"))
    await executor.execute(tell(ChangeAgenda, agenda=AGENDA), Request("second"))
    with pytest.raises(StreamIsFull):
        await executor.execute(tell(ChangeAgenda, agenda=AGENDA[:1]), Request("third"))
    again = await executor.execute(SCHEDULE, Request("first"))
    assert again.sequence == 1, "what was executed is answered as it was"


async def test_an_event_is_measured_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute, "LARGEST_EVENT", 1_000)
    with pytest.raises(EventTooLarge):
        await executor_of(SESSION).execute(SCHEDULE.model_copy(update={"title": "𝒳" * 250}), Request("first"))
