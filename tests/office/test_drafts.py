"""A draft is its browser's and its account's alone, and ends by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.office.desk.forms.drafts import KEPT_FOR, NOT_DONE, Drafts, Place, new_browser
from services.office.desk.funding.money import BOOK, CORRECT
from shared.runtime.mongo.driver import Database

pytestmark = pytest.mark.infra

HERE = Place(new_browser(), "office", "/desk/stuttgart/money/state-grant")
FORMS = (BOOK, CORRECT)
TYPED = {"form_token": ["f"], "command": ["BookExpense"], "key": ["k"], "receipt_number": ["2024/0611"], "payee": [""]}


async def test_what_was_typed_is_there_for_whoever_typed_it_and_nobody_else(database: Database) -> None:
    drafts = Drafts(database["drafts"])
    await drafts.keep(HERE, BOOK, TYPED, "k")
    [kept] = [one async for one in database["drafts"].find()]
    assert not any(told in str(kept) for told in ("2024/0611", "stuttgart", "office", HERE.browser))
    [draft] = await drafts.at(HERE, FORMS, "unknown")
    assert draft.is_of(BOOK, {}) and draft.is_draft and (draft.key, draft.sentence) == ("k", "unknown")
    assert draft.typed == {"receipt_number": ["2024/0611"], "payee": [""]}
    for change in ({"browser": new_browser()}, {"account": "office-2"}, {"path": "/desk/ulm/money/state-grant"}):
        assert await drafts.at(replace(HERE, **change), FORMS, "") == []
    await database["drafts"].update_one({}, {"$set": {"typed": "spoiled"}})
    assert await drafts.at(HERE, FORMS, "") == []


async def test_each_form_has_one_and_what_was_refused_is_another_act(database: Database) -> None:
    drafts, first = Drafts(database["drafts"]), {"expense": ["2024-0611"], "reason": ["doppelt"]}
    await drafts.keep(HERE, CORRECT, first, "k")
    await drafts.keep(HERE, CORRECT, {**first, "expense": ["2024-0612"]}, "l")
    await drafts.keep(HERE, CORRECT, first, None)
    found = {one.typed["expense"][0]: (one.key, one.sentence) for one in await drafts.at(HERE, FORMS, "unknown")}
    assert found == {"2024-0611": (None, NOT_DONE), "2024-0612": ("l", "unknown")}
    await drafts.drop(HERE, CORRECT, first)
    [left] = await drafts.at(HERE, FORMS, "")
    assert left.is_of(CORRECT, {"expense": "2024-0612"})


async def test_after_a_day_it_is_neither_shown_nor_there(database: Database) -> None:
    drafts, now = Drafts(database["drafts"]), datetime.now(UTC)
    await drafts.keep(HERE, BOOK, TYPED, None)
    [kept] = [one async for one in database["drafts"].find()]
    assert kept["ends"] - now <= KEPT_FOR + timedelta(minutes=1) <= timedelta(hours=24, minutes=1)
    await drafts.sweep()
    assert len(await drafts.at(HERE, FORMS, "")) == 1
    await database["drafts"].update_one({}, {"$set": {"ends": now - timedelta(seconds=1)}})
    assert await drafts.at(HERE, FORMS, "") == []
    await drafts.sweep()
    assert await database["drafts"].count_documents({}) == 0
