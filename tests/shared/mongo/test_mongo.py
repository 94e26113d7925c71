"""What stands between us and the driver, on the real mongod: the same on motor and on PyMongo's own client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from deploy.embedded.mongod import REPLICA_SET, Mongod
from deploy.embedded.ports import free_port
from shared.runtime.mongo.driver import (
    Collection,
    MongoUnavailable,
    Session,
    aggregate,
    connect,
    directly,
    inserts_into,
    one_moment,
)
from shared.runtime.mongo.replica_set import is_primary_of_its_own
from tests.kit.servers import BOTH_DRIVERS

pytestmark = [pytest.mark.infra, BOTH_DRIVERS]

WITHIN, QUIET = 2.0, 2.5
"""The time of a call, and a while that is longer."""

MORE_THAN_A_BATCH = 150


@pytest.fixture
async def session(mongod: Mongod, mongo_driver: str) -> AsyncIterator[Session]:
    session = connect(mongod.uri, f"test_{mongo_driver}_{uuid4().hex[:12]}", WITHIN)
    yield session
    await session.close()


@pytest.fixture
def words(session: Session) -> Collection:
    return session.database["words"]


async def test_stages_are_followed_over_all_documents(words: Collection) -> None:
    await words.insert_many([{"_id": number, "odd": number % 2} for number in range(MORE_THAN_A_BATCH)])
    odd = aggregate(words, {"$match": {"odd": 1}}, {"$count": "number"})
    assert [one async for one in odd] == [{"number": MORE_THAN_A_BATCH // 2}]
    assert len([one async for one in aggregate(words, {"$project": {"_id": 1}})]) == MORE_THAN_A_BATCH


async def test_an_insert_is_heard_of_from_the_moment_one_listens(words: Collection) -> None:
    await words.insert_one({"_id": "before"})
    async with inserts_into(words) as inserts:
        await words.insert_one({"_id": "first"})
        await words.update_one({"_id": "before"}, {"$set": {"changed": True}})
        await words.insert_one({"_id": "second"})
        assert [await anext(inserts), await anext(inserts)] == [{"_id": "first"}, {"_id": "second"}]


async def test_who_listens_goes_on_when_nothing_comes_for_longer_than_a_call_may_take(words: Collection) -> None:
    async with inserts_into(words) as inserts:
        heard = asyncio.ensure_future(anext(inserts))
        await asyncio.wait([heard], timeout=QUIET)
        assert not heard.done()
        await words.insert_one({"_id": "late"})
        assert await heard == {"_id": "late"}


async def test_what_is_read_in_one_moment_is_as_it_was_at_the_first_read(words: Collection) -> None:
    await words.insert_many([{"_id": 1, "said": "old"}, {"_id": 2, "said": "old"}])
    async with one_moment(words) as moment:
        assert await words.find_one({"_id": 1}, session=moment) == {"_id": 1, "said": "old"}
        await words.insert_one({"_id": 3, "said": "new"})
        await words.update_one({"_id": 2}, {"$set": {"said": "new"}})
        read = [(one["_id"], one["said"]) async for one in words.find(session=moment).sort("_id")]
    assert read == [(1, "old"), (2, "old")]
    assert [one["said"] async for one in words.find().sort("_id")] == ["old", "new", "new"]


async def test_a_session_answers_until_it_is_closed_and_may_be_closed_twice(
    session: Session, words: Collection
) -> None:
    assert await session.answers()
    await session.close()
    await session.close()
    assert not await session.answers()
    with pytest.raises(MongoUnavailable):
        await words.find_one()


async def test_a_session_that_was_never_used_is_closed_too(session: Session) -> None:
    await session.close()
    assert not await session.answers()


async def test_where_nobody_is_nobody_answers(mongo_driver: str) -> None:
    session = connect(f"mongodb://127.0.0.1:{free_port()}/", "test")
    assert not await session.answers(within=0.2)
    await session.close()


async def test_one_server_is_asked_about_itself_and_left_again(mongod: Mongod, mongo_driver: str) -> None:
    async with directly(f"127.0.0.1:{mongod.port}") as client:
        told = await client.admin.command("hello")
        assert (told["setName"], told["isWritablePrimary"]) == (REPLICA_SET, True)
    with pytest.raises(MongoUnavailable):
        await client.admin.command("hello")


async def test_a_set_that_is_formed_stays(mongod: Mongod, mongo_driver: str) -> None:
    assert await is_primary_of_its_own(f"127.0.0.1:{mongod.port}", REPLICA_SET)
