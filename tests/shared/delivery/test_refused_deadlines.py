"""A deadline that a rule refuses is an open point, once; unless it is not due any more as soon as all is known."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.meetings.projections.reminders import REMINDER, REMINDERS
from services.meetings.service import SERVICE
from shared.contracts.meetings import ReactionRefused, SessionCancelled
from shared.declarations.projection import Document, Projection
from shared.kernel.decider import Command
from shared.kernel.time import iso
from shared.runtime.commands.execute import Answer, Executor, Request
from shared.runtime.commands.journal import Journal
from shared.runtime.delivery import deadlines
from shared.runtime.delivery.deadlines import Deadlines
from shared.runtime.delivery.stores import POSITIONS, Positions, ProjectionStore
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import Database
from shared.runtime.observing.clock import Clock, SystemClock
from tests.kit.eventually import eventually
from tests.kit.when import CONFERENCE, NOW
from tests.meetings.stuttgart import SCHEDULED
from tests.shared.delivery.test_refused_reactions import WHERE, executor, types
from tests.shared.seat_groups import commit

CANCELLED = SessionCancelled(session="first", appointment=SCHEDULED.appointment, reason="Sturm", recipients=())


class Clockwork:
    """The deadline of session ``first``, which the journal does not know, due for long."""

    def __init__(self, database: Database, own: Executor) -> None:
        self.store, self.positions = ProjectionStore(database, [REMINDERS]), Positions(database[POSITIONS])
        self.journal, self.own = Journal(database["journal"]), own

    async def due(self, at: str) -> None:
        told = {"_id": WHERE, "stream": WHERE, "sequence": 3, "conference": CONFERENCE, "session": "first", "due": at}
        await self.store.collection(REMINDERS).replace_one({"_id": WHERE}, told, upsert=True)

    def begun(self, clock: Clock | None = None) -> Deadlines:
        """As a process has it that has just begun."""
        now = clock or SystemClock()
        return Deadlines((REMINDER,), self.store, self.own, now, Nudge(), self.journal, self.positions)


class Leaps(SystemClock):
    """It is another year after the first look: a clock that is set while deadlines are looked for."""

    def __init__(self) -> None:
        self._looks = 0

    def now(self) -> datetime:
        self._looks += 1
        return NOW if self._looks == 1 else NOW + timedelta(days=365)


class MovedMeanwhile(Executor):
    """Whatever it decides, the session has another date by then."""

    clockwork: Clockwork

    async def execute(self, command: Command, request: Request) -> Answer:
        await self.clockwork.due("2199-01-01T00:00:00.000Z")
        return await super().execute(command, request)


LONG_AGO, LATER = "2024-01-01T00:00:00.000Z", "2024-01-02T00:00:00.000Z"


@pytest.mark.infra
async def test_a_refused_deadline_is_an_open_point_once_for_each_moment_that_it_was_due(database: Database) -> None:
    clockwork = Clockwork(database, await executor(database))
    for due in (LONG_AGO, LATER):
        await clockwork.due(due)
        begun = clockwork.begun()
        await begun.announce(REMINDER, NOW)
        await begun.announce(REMINDER, NOW)
    await clockwork.begun().announce(REMINDER, NOW)
    assert await types(database) == ["ReactionRefused", "ReactionRefused"]
    [first, _] = [commit async for commit, _ in clockwork.journal.commits()]
    told = first.events[0].event()
    assert isinstance(told, ReactionRefused)
    assert (told.reaction, told.reacted_to, told.rule) == ("reminders", f"{WHERE}:3", "SessionUnknown")


@pytest.mark.infra
async def test_what_was_refused_does_not_stand_before_what_falls_due_later(database: Database) -> None:
    """Each look takes so many; those that were refused stay due."""
    clockwork = Clockwork(database, await executor(database))
    await clockwork.due(LONG_AGO)
    begun = clockwork.begun()
    await begun.announce(REMINDER, NOW)
    found: list[Document] = []

    async def find(_: Projection, where: Mapping[str, Any], sort: str) -> list[Document]:
        found.extend(await ProjectionStore.find(clockwork.store, REMINDERS, where, sort))
        return found

    clockwork.store.find = find  # type: ignore[method-assign,assignment]
    await begun.announce(REMINDER, NOW)
    assert found == []
    await clockwork.due(LATER)
    await begun.announce(REMINDER, NOW)
    assert [one["due"] for one in found] == [LATER]


@pytest.mark.infra
async def test_a_deadline_of_which_not_all_is_known_yet_is_not_refused(database: Database) -> None:
    """The session was called off a moment ago, and the projection has not heard of it."""
    clockwork = Clockwork(database, await executor(database))
    await clockwork.due(LONG_AGO)
    for sequence, event in enumerate((SCHEDULED, CANCELLED), start=1):
        await clockwork.journal.append(commit(sequence, event, WHERE))
    await clockwork.begun().announce(REMINDER, NOW)
    assert "ReactionRefused" not in await types(database)
    await clockwork.positions.advance([({"_id": WHERE, "last": 2, "event": "", "held": False}, None)])
    await clockwork.begun().announce(REMINDER, NOW)
    assert "ReactionRefused" in await types(database)


@pytest.mark.infra
async def test_a_deadline_that_is_not_due_any_more_is_not_refused(database: Database) -> None:
    journal = Journal(database["journal"])
    await journal.prepare()
    own = MovedMeanwhile(journal, SERVICE.decided_by, lambda: None)
    own.clockwork = clockwork = Clockwork(database, own)
    await clockwork.due(LONG_AGO)
    await clockwork.begun().announce(REMINDER, NOW)
    assert await types(database) == []


@pytest.mark.infra
async def test_what_falls_due_while_deadlines_are_looked_for_is_not_slept_over(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at what is due and the look at what will be."""
    monkeypatch.setattr(deadlines, "POLL_SECONDS", 3600.0)
    clockwork = Clockwork(database, await executor(database))
    await clockwork.due(iso(NOW + timedelta(days=1)))
    running = asyncio.create_task(clockwork.begun(Leaps()).run())
    await eventually(lambda: types(database), "it is followed", 30)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
