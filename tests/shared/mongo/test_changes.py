"""What one process writes wakes the loops of another at once, on the real mongod; nobody has to ask for it often."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.typing import EventDict

from deploy.embedded.mongod import Mongod
from shared.runtime.mongo.changes import Changes, Nudge
from shared.runtime.mongo.driver import Database, Session, connect
from shared.runtime.observing.clock import LOOK_SECONDS, Clock, SystemClock, until_due
from tests.kit.eventually import eventually
from tests.shared.small_service import said

AGES = 3600.0
"""Longer than any test: whoever comes back was woken."""


@pytest.fixture
async def session(mongod: Mongod, database: Database) -> AsyncIterator[Session]:
    """Of another process on the same database."""
    session = connect(mongod.uri, database.name)
    yield session
    await session.close()


@pytest.fixture
async def changes(session: Session) -> AsyncIterator[Changes]:
    changes = Changes(session)
    yield changes
    await session.close()


@asynccontextmanager
async def running(changes: Changes, *nudges: Nudge) -> AsyncIterator[None]:
    """It has begun: everybody was told of what may have been written before."""
    task = asyncio.create_task(changes.run())
    try:
        for nudge in nudges:
            assert await asyncio.wait_for(nudge.within(AGES), 30)
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.infra
async def test_whoever_waits_for_a_collection_is_woken_by_whatever_is_written_to_it(
    database: Database, changes: Changes
) -> None:
    journal, either, people = changes.of("journal"), changes.of("journal", "people"), database["people"]
    async with running(changes, journal, either):
        await database["journal"].insert_one({"_id": 1})
        assert await asyncio.wait_for(journal.within(AGES), 30)
        assert await asyncio.wait_for(either.within(AGES), 30)
        await people.insert_one({"_id": 1})
        assert await asyncio.wait_for(either.within(AGES), 30)
        await people.update_one({"_id": 1}, {"$set": {"version": 2, "published": False}})
        assert await asyncio.wait_for(either.within(AGES), 30)
        await people.replace_one({"_id": 1}, {"version": 3})
        assert await asyncio.wait_for(either.within(AGES), 30)
        assert not await journal.within(0.2), "what is written elsewhere does not concern it"


@pytest.mark.infra
async def test_the_relay_is_not_woken_by_its_own_mark(database: Database, changes: Changes) -> None:
    await database["people"].insert_many([{"_id": number, "published": False} for number in (1, 2)])
    await database["unpublished"].insert_one({"_id": 1})
    people, journal = changes.of("people"), changes.of("journal")
    async with running(changes, people, journal):
        await database["people"].update_many({}, {"$set": {"published": True}})
        await database["unpublished"].delete_one({"_id": 1})
        assert not await people.within(0.3)
        assert not await journal.within(0.1)
        await database["people"].update_many({}, {"$set": {"published": False}})
        assert await asyncio.wait_for(people.within(AGES), 30), "what is to be published again is news"


@pytest.mark.infra
async def test_when_the_database_was_away_everybody_looks(tmp_path: Path, lines: list[EventDict]) -> None:
    own = Mongod(tmp_path / "mongod")
    await own.start()
    session = connect(own.uri, "test")
    changes = Changes(session)
    nudge = changes.of("journal")
    async with running(changes, nudge):
        await own.kill()
        await eventually(lambda: said(lines, "changes are not heard of at once"), "it is noticed", 30)
        await own.start()
        assert await asyncio.wait_for(nudge.within(AGES), 60)
        await session.database["journal"].insert_one({"_id": 1})
        assert await asyncio.wait_for(nudge.within(AGES), 30)
    await session.close()
    await own.stop()
    assert len(said(lines, "changes are not heard of at once")) == 1, "once, however long it lasts"


async def test_a_nudge_that_comes_while_nobody_waits_is_not_lost_and_wakes_once() -> None:
    nudge = Nudge()
    nudge.give()
    nudge.give()
    assert await nudge.within(AGES)
    assert not await nudge.within(0.01)


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.moment = datetime(2024, 1, 15, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    async def set(self, moment: datetime) -> None:
        self.moment = moment


async def test_whoever_waits_for_a_moment_goes_on_when_the_clock_is_set_behind_it() -> None:
    clock, due = Watch(), datetime(2024, 2, 1, tzinfo=UTC)
    waiting = asyncio.create_task(until_due(clock, due, Nudge(), AGES))
    await clock.set(due - timedelta(milliseconds=1))
    assert not (await asyncio.wait([waiting], timeout=0.6))[0]
    await clock.set(due)
    await asyncio.wait_for(waiting, 30)


class Asked(Nudge):
    """Comes at once, and remembers how long somebody would have waited for it."""

    async def within(self, seconds: float) -> bool:
        self.seconds = seconds
        return True


async def patience(clock: Clock, due: datetime | None) -> float:
    asked = Asked()
    await until_due(clock, due, asked, AGES)
    return asked.seconds


async def test_only_a_clock_that_may_be_set_is_looked_at_before_the_moment() -> None:
    due = SystemClock().now() + timedelta(minutes=10)
    assert LOOK_SECONDS < await patience(Watch(), None) <= AGES, "there is nothing that it could be set behind"
    assert LOOK_SECONDS < await patience(SystemClock(), due) < 601
    assert await patience(Watch(), due) == LOOK_SECONDS


async def test_whoever_waits_for_a_moment_goes_on_when_nudged_or_after_a_while() -> None:
    nudge = Nudge()
    waiting = asyncio.create_task(until_due(Watch(), None, nudge, AGES))
    nudge.give()
    await asyncio.wait_for(waiting, 30)
    await asyncio.wait_for(until_due(Watch(), None, nudge, 0.01), 30)
