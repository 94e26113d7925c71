"""What a page shows of much is what came last."""

from __future__ import annotations

import pytest

from services.office import queries
from services.office.projections import HAPPENED, PROJECTIONS, THINGS
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.mongo.driver import Database

pytestmark = pytest.mark.infra

NUMBER = 12


@pytest.fixture
def store(database: Database, monkeypatch: pytest.MonkeyPatch) -> ProjectionStore:
    monkeypatch.setattr(queries, "MOST", 3)
    monkeypatch.setattr(queries, "LONGEST", 4)
    return ProjectionStore(database, PROJECTIONS)


async def test_a_search_finds_the_newest_things(store: ProjectionStore) -> None:
    named = {"conference": "stuttgart", "kind": "session", "words": ["pflege"]}
    await store.collection(THINGS).insert_many([{**named, "_id": one, "at": f"{one:02}"} for one in range(NUMBER)])
    assert [one["_id"] for one in await queries.found(store, "stuttgart", "Pfle")] == [11, 10, 9]
    await store.collection(THINGS).update_many({"_id": {"$gt": 1}}, {"$set": {"kind": "mail"}})
    assert [one["_id"] for one in await queries.found(store, "stuttgart", "Pfle")] == [1, 0, 11], "mails come last"
    await store.collection(THINGS).update_many({}, {"$set": {"kind": "open-point"}})
    assert await queries.found(store, "stuttgart", "Pfle") == []


async def test_what_reactions_reacted_to_is_found_by_its_place(store: ProjectionStore) -> None:
    places = [("a/session/x", 1), ("a/session/x", 2), ("a/session/y", 1)]
    told = [{"_id": f"{stream}-{number}", "stream": stream, "sequence": number} for stream, number in places]
    await store.collection(HAPPENED).insert_many(told)
    found = await queries.at(store, ["a/session/x:2", "a/session/z:1"])
    assert {place: one["_id"] for place, one in found.items()} == {"a/session/x:2": "a/session/x-2"}
    assert await queries.at(store, []) == {}


async def test_a_long_history_begins_with_what_came_last(store: ProjectionStore) -> None:
    await store.collection(HAPPENED).insert_many(
        [{"_id": one, "stream": "s", "sequence": one, "at": "same"} for one in range(NUMBER)]
    )
    assert [one["sequence"] for one in await queries.history(store, "s")] == [11, 10, 9, 8]
