"""mongod is made to say what is not so, or is not heard; what it did is looked up afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.runtime.mongo.driver import Collection, MongoUnavailable, connect
from tests.campaign.world.fail_points import WRITE_CONCERN_FAILED, concern_not_met, connection_closed, failing
from tests.campaign.world.mongo_line import INSERT_INTO_JOURNAL, MongodBehindLine
from tests.kit.eventually import eventually

pytestmark = pytest.mark.infra


@pytest.fixture
async def mongod(tmp_path: Path) -> AsyncIterator[MongodBehindLine]:
    mongod = MongodBehindLine(tmp_path)
    await mongod.start()
    await mongod.line.start()
    yield mongod
    await mongod.line.stop()
    await mongod.stop()


@pytest.fixture
async def journal(mongod: MongodBehindLine) -> AsyncIterator[Collection]:
    session = connect(mongod.far_uri, "test", within=5)
    yield session.database["journal"]
    await session.close()


async def test_a_write_that_was_applied_is_called_uncertain(mongod: MongodBehindLine, journal: Collection) -> None:
    async with failing(mongod.address, times=1, **concern_not_met(WRITE_CONCERN_FAILED)) as hits:
        with pytest.raises(MongoUnavailable):
            await journal.insert_one({"_id": 1})
    assert hits.number == 1
    await eventually(lambda: journal.find_one({"_id": 1}), "it was applied all the same")


async def test_a_closed_connection_is_tried_again_by_the_driver(mongod: MongodBehindLine, journal: Collection) -> None:
    async with failing(mongod.address, times=2, **connection_closed()) as hits:
        await journal.insert_one({"_id": 1})
    assert hits.number == 2
    assert await journal.count_documents({}) == 1


async def test_a_lost_answer_is_asked_for_again_by_the_driver(mongod: MongodBehindLine, journal: Collection) -> None:
    mongod.line.unanswered, mongod.line.times = INSERT_INTO_JOURNAL, 2
    await journal.insert_one({"_id": 1})
    assert mongod.line.times == 0
    assert await journal.count_documents({}) == 1


async def test_answers_lost_for_longer_than_the_driver_asks_leave_the_outcome_open(
    mongod: MongodBehindLine, journal: Collection
) -> None:
    mongod.line.unanswered, mongod.line.times = INSERT_INTO_JOURNAL, 1_000_000
    with pytest.raises(MongoUnavailable):
        await journal.insert_one({"_id": 1})
    assert await journal.count_documents({}) == 1
