"""A real mongod: majority writes are there after a stop, after a kill, and behind another port."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pymongo import AsyncMongoClient
from pymongo.write_concern import WriteConcern

from deploy.embedded.mongod import Mongod

pytestmark = pytest.mark.infra


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Mongod]:
    database = Mongod(tmp_path / "mongod")
    await database.start()
    yield database
    await database.stop()


async def test_majority_writes_survive_a_stop(database: Mongod) -> None:
    await write(database, "one")
    await database.stop()
    assert database.pid is None
    await database.start()
    assert await read(database) == ["one"]


async def test_majority_writes_survive_a_kill(database: Mongod) -> None:
    for word in ("one", "two", "three"):
        await write(database, word)
        await database.kill()
        await database.start()
    # Recovery does not keep the order of insertion: whoever needs an order must ask for it.
    assert sorted(await read(database)) == ["one", "three", "two"]


async def test_the_replica_set_follows_its_folder_to_another_port(database: Mongod) -> None:
    await write(database, "one")
    await database.stop()
    other = Mongod(database.folder)
    await other.start()
    try:
        await write(other, "two")
        assert await read(other) == ["one", "two"]
    finally:
        await other.stop()


async def test_starting_a_running_server_changes_nothing(database: Mongod) -> None:
    before = database.pid
    await database.start()
    assert database.pid == before


async def write(database: Mongod, word: str) -> None:
    async with AsyncMongoClient[dict[str, str]](database.uri) as client:
        words = client["test"].get_collection("words", write_concern=WriteConcern("majority", j=True))
        await words.insert_one({"word": word})


async def read(database: Mongod) -> list[str]:
    async with AsyncMongoClient[dict[str, str]](database.uri) as client:
        return [row["word"] async for row in client["test"]["words"].find()]
