"""A page of one conference looks at that conference's documents, however many conferences there are.

Two years of each are made up: what MongoDB had to look at is counted, by its own profiler; times are nobody's promise.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest

from services.office import queries
from services.office.desk.titles import titles_of
from services.office.projections import CONFERENCES, HAPPENED, NAMES, PROJECTIONS, THINGS
from shared.kernel.identifiers import derived_id
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.mongo.driver import Database, Document

pytestmark = [pytest.mark.infra, pytest.mark.long, pytest.mark.timeout(600)]

MANY = 200
STREAMS, OF_A_STREAM = 100, 10
"""A conference's things of two years, and what happened with each."""

HERE = "city-000"
STREAM = f"{HERE}/session/thing-001"

Question = Callable[[ProjectionStore], Awaitable[Any]]
QUESTIONS: dict[str, Question] = {
    "the conference": lambda store: store.get(CONFERENCES, HERE),
    "what things are called": lambda store: titles_of(store, HERE),
    "search": lambda store: queries.found(store, HERE, "thing 7"),
    "history": lambda store: queries.history(store, STREAM),
    "causes of open points": lambda store: queries.at(store, [f"{STREAM}:3", f"{STREAM}:4"]),
    "a story": lambda store: queries.story(store, derived_id(STREAM, "1")[:8]),
    "what happened here lately": lambda store: queries.lately(store, {"conference": HERE}),
    "what happened lately": lambda store: queries.lately(store, {}),
    "what a service did lately": lambda store: queries.lately(store, {"service": "meetings"}),
    "what was stored last": queries.newest,
}


def _conference(name: str) -> Iterator[tuple[Any, list[Document]]]:
    streams = [f"{name}/session/thing-{number:03}" for number in range(STREAMS)]
    yield CONFERENCES, [{"_id": name, "conference": name, "name": name, "pools": {}}]
    yield NAMES, [{"_id": one, "conference": name, "kind": "session", "key": one, "title": one} for one in streams]
    yield THINGS, [{**_about(name, one, 9), "_id": one, "kind": "session", "words": [one]} for one in streams]
    yield HAPPENED, [_happened(name, one, sequence) for one in streams for sequence in range(1, OF_A_STREAM + 1)]


def _about(name: str, stream: str, sequence: int) -> Document:
    return {"conference": name, "stream": stream, "at": f"2026-{sequence:02}-{int(stream[-2:]) % 28 + 1:02}T09:00:00Z"}


def _happened(name: str, stream: str, sequence: int) -> Document:
    """Ten events are one story."""
    ids = {"_id": derived_id(stream, str(sequence)), "causation": derived_id(stream, "0"), "correlation": stream}
    told = {"type": "AgendaChanged", "service": "meetings", "name": stream.rpartition("/")[2], "fields": {}}
    return {**_about(name, stream, sequence), **ids, **told, "sequence": sequence}


@pytest.fixture
async def profiled(database: Database) -> AsyncIterator[Database]:
    yield database
    await database.command("profile", 0)


async def looked_at(database: Database, store: ProjectionStore, question: Question) -> int:
    """Keys and documents."""
    await database.command("profile", 0)
    await database["system.profile"].drop()
    await database.command("profile", 2)
    await question(store)
    await database.command("profile", 0)
    ours = {"op": {"$in": ["query", "command", "getmore"]}, "ns": {"$regex": "view_"}}
    found = [one async for one in database["system.profile"].find(ours)]
    return sum(one.get("keysExamined", 0) + one.get("docsExamined", 0) for one in found)


async def test_with_two_hundred_conferences_no_more_is_looked_at_than_with_one(profiled: Database) -> None:
    store = ProjectionStore(profiled, PROJECTIONS)
    await store.prepare()
    seen: dict[str, list[int]] = {name: [] for name in QUESTIONS}
    for numbers in (range(1), range(1, MANY)):
        for number in numbers:
            for projection, documents in _conference(f"city-{number:03}"):
                await store.collection(projection).insert_many(documents, ordered=False)
        for name, question in QUESTIONS.items():
            seen[name].append(await looked_at(profiled, store, question))
    assert await store.collection(HAPPENED).estimated_document_count() == MANY * STREAMS * OF_A_STREAM
    assert {name: found for name, found in seen.items() if not found[0] or found[1] > 2 * found[0]} == {}
