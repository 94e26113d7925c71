"""Three mongods: what a majority has survives its primary; a primary without a majority acknowledges nothing."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.embedded import process
from shared.runtime.mongo.driver import MongoUnavailable, Session, connect
from tests.campaign.world.mongo_set import MongoSet
from tests.kit.eventually import eventually

pytestmark = pytest.mark.cluster


@pytest.fixture
async def members(tmp_path: Path) -> AsyncIterator[MongoSet]:
    members = MongoSet(tmp_path)
    try:
        await members.start()
        yield members
    finally:
        await members.stop()


@pytest.fixture
async def session(members: MongoSet) -> AsyncIterator[Session]:
    session = connect(members.uri, f"test_{uuid4().hex[:12]}", within=20)
    yield session
    await session.close()


async def test_the_loss_of_two_primaries_in_turn_loses_nothing(members: MongoSet, session: Session) -> None:
    words = session.database["words"]
    for number in range(2):
        await words.insert_one({"_id": f"{number} before"})
        primary = await members.primary()
        assert primary is not None
        await members.members[primary].kill()
        await words.insert_one({"_id": f"{number} after"})
        assert await eventually(members.primary, "another is primary") != primary
        await members.members[primary].start()
    assert {row["_id"] async for row in words.find()} == {"0 before", "0 after", "1 before", "1 after"}


async def test_a_primary_without_a_majority_acknowledges_nothing(members: MongoSet) -> None:
    primary = await eventually(members.primary, "one is primary")
    others = [member.identity for name, member in members.members.items() if name != primary and member.identity]
    session = connect(members.uri, "test_alone", within=2)
    for other in others:
        process.send(other, signal.SIGSTOP)
    try:
        with pytest.raises(MongoUnavailable):
            await session.database["words"].insert_one({"_id": "alone"})
    finally:
        for other in others:
            process.send(other, signal.SIGCONT)
        await session.close()
    await eventually(members.primary, "all are back", within=20)


async def test_all_may_come_back_at_once(members: MongoSet, session: Session) -> None:
    await session.database["words"].insert_one({"_id": "one"})
    await asyncio.gather(*(member.kill() for member in members.members.values()))
    await members.start()
    assert await session.database["words"].count_documents({}) == 1
