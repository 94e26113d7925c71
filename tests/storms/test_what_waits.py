"""What the relay is told of, on a database whose majority stands still: only what can no longer be lost."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from pymongo.read_concern import ReadConcern

from shared.runtime.commands.commit import Commit, to_document
from shared.runtime.commands.group_commit import GroupCommit
from shared.runtime.commands.journal import Journal
from shared.runtime.mongo import driver
from shared.runtime.mongo.driver import Database, connect
from tests.shared.seat_groups import commit, opened, registered
from tests.storms.world.cluster import Cluster
from tests.storms.world.database import ModelClient
from tests.storms.world.surroundings import in_place
from tests.storms.world.wire import Wire

FIRST = commit(1, opened())


async def waiting(database: Database) -> list[Commit]:
    return [one async for batch in Journal(database["journal"]).unpublished(10) for one in batch]


@pytest.fixture
async def cluster() -> Cluster:
    return Cluster(Wire(asyncio.get_running_loop(), 0))


@pytest.fixture
def database(cluster: Cluster) -> Database:
    with in_place([(driver, "AsyncIOMotorClient", partial(ModelClient, cluster))]):
        return connect("mongodb://localhost", "test").database


async def test_a_commit_that_no_majority_has_is_not_published(cluster: Cluster, database: Database) -> None:
    cluster.lag(0.3)
    appending = asyncio.create_task(Journal(database["journal"]).append(FIRST))
    await asyncio.sleep(0.1)
    assert await waiting(database) == []
    assert await waiting(database.with_options(read_concern=ReadConcern("local"))) == [FIRST], "the primary has it"
    await appending
    assert await waiting(database) == [FIRST]


async def test_who_was_cancelled_amid_an_insert_goes_on_as_another_writer(cluster: Cluster, database: Database) -> None:
    """It may appear at any time later, but then as the last of the one before."""
    inserts = GroupCommit(database["journal"])
    await inserts.insert(to_document(FIRST))
    cluster.lag(0.3)
    under_way = asyncio.create_task(inserts.insert(to_document(commit(2, registered(1)))))
    await asyncio.sleep(0.1)
    assert inserts._writing
    inserts._writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await under_way
    await inserts.insert(to_document(commit(3, registered(2))))
    first, second, third = (one["writer"] for one in cluster.table("test", "journal").majority.values())
    assert first == second != third
