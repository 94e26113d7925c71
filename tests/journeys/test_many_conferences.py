"""The office's first page looks at its own conference's documents, however many other conferences there are.

A whole request: the desk, and each service that it asks. What MongoDB looks at is counted by its own profiler; times
are nobody's promise.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest

from shared.contracts.topics import SERVICES
from shared.runtime.mongo.driver import Database, Document
from tests.journeys import test_desk
from tests.journeys.desk import Visitor
from tests.journeys.test_desk import HERE, Desk

pytestmark = [pytest.mark.infra, pytest.mark.journey, pytest.mark.long, pytest.mark.timeout(600)]

desk, office = test_desk.desk, test_desk.office
MANY, TWO_YEARS = 200, 24
"""Conferences, and how often each has what the one here has."""

BESIDE = 20
"""Keys of others that end what is looked through, where there is nothing or little of one's own."""

COPIED = ("view_", "people")
FIRST_PAGE = f"/{HERE}/"


@pytest.fixture
async def databases(desk: Desk) -> AsyncIterator[dict[str, Database]]:
    async with AsyncExitStack() as stack:
        opened = {name: await stack.enter_async_context(desk.stack.database(name)) for name in SERVICES}
        yield opened
        for database in opened.values():
            await database.command("profile", 0)


async def fill(database: Database) -> None:
    """With so many conferences as the one here, each with so much more of everything."""
    for name in await database.list_collection_names():
        if name.startswith(COPIED):
            found = [one async for one in database[name].find({"conference": HERE})]
            for number in range(1, MANY):
                if copies := [*_copies(found, f"city-{number:03}")]:
                    await database[name].insert_many(copies, ordered=False)


def _copies(found: list[Document], conference: str) -> Iterator[Document]:
    """Of which nothing is due, so that nobody acts on them."""
    for document in found:
        kept = {name: value for name, value in document.items() if name not in ("commands", "due", "not_before")}
        told = json.dumps(kept, default=str).replace(HERE, conference)
        for number in range(TWO_YEARS):
            yield {**json.loads(told), "_id": f"{conference}/{document['_id']}/{number}"}


async def looked_at(databases: dict[str, Database], office: Visitor) -> dict[str, int]:
    """Keys and documents, by service."""
    for database in databases.values():
        await database.command("profile", 0)
        await database["system.profile"].drop()
        await database.command("profile", 2)
    office.text(FIRST_PAGE)
    return {name: await _counted(database) for name, database in databases.items()}


async def _counted(database: Database) -> int:
    await database.command("profile", 0)
    asked = {"op": {"$in": ["query", "command", "getmore"]}, "ns": {"$regex": "|".join(COPIED)}}
    found = [one async for one in database["system.profile"].find(asked)]
    return sum(one.get("keysExamined", 0) + one.get("docsExamined", 0) for one in found)


async def test_the_first_page_looks_at_no_more_with_two_hundred_conferences(
    desk: Desk, office: Visitor, databases: dict[str, Database]
) -> None:
    alone = await looked_at(databases, office)
    assert alone["members"] and alone["meetings"] and alone["funding"] and alone["office"]
    for database in databases.values():
        await fill(database)
    assert await databases["members"]["people"].estimated_document_count() > (MANY - 1) * TWO_YEARS
    among_many = await looked_at(databases, office)
    most = {name: 2 * number + BESIDE for name, number in alone.items()}
    assert {name: (alone[name], number) for name, number in among_many.items() if number > most[name]} == {}
