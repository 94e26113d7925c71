"""Open pages hear that something was written, and ask the database nothing while nothing is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from services.office import queries
from services.office.desk.news import News
from services.office.projections import HAPPENED, PROJECTIONS
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import Database
from tests.kit.eventually import eventually

pytestmark = pytest.mark.infra


class Page:
    """Counts how often it was told."""

    def __init__(self, news: News, conference: str) -> None:
        self.told = 0
        self._news, self._conference = news, conference

    async def wait(self) -> None:
        async for _ in self._news.told(self._conference.__eq__, 60):
            self.told += 1


@asynccontextmanager
async def looking(news: News, pages: list[Page]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(one) for one in (news.keep_looking(), *(page.wait() for page in pages))]
    try:
        await asyncio.sleep(0)
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_fifty_pages_cost_one_look_and_only_those_concerned_are_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    newest = queries.newest

    async def counted(store: ProjectionStore) -> list[dict[str, str]]:
        nonlocal looks
        looks += 1
        return await newest(store)

    monkeypatch.setattr(queries, "newest", counted)
    store, nudge = ProjectionStore(database, PROJECTIONS), Nudge()
    happened = store.collection(HAPPENED)
    await happened.insert_one({"_id": "before", "conference": "ulm", "at": "2024-01-02"})
    news = News(store, nudge)
    ours, theirs = [Page(news, "filderstadt") for _ in range(50)], Page(news, "ulm")
    async with looking(news, [*ours, theirs]):
        nudge.give()
        await eventually(lambda: theirs.told == 1, "what was there before is told once")
        await happened.insert_one({"_id": "late", "conference": "filderstadt", "at": "2023-01-01"})
        nudge.give()
        await eventually(
            lambda: all(page.told == 1 for page in ours), "whoever is concerned is told of what comes late"
        )
        assert (looks, theirs.told) == (2, 1)
    assert not news._waiting, "pages that are closed are forgotten"
