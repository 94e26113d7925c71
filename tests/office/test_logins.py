"""A login is its browser's alone, and ends by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.office.desk.login.logins import IDLE, LONGEST, MOST_SEEN, NOTED_EVERY, SEEN_FOR, Login, Logins, form_token
from shared.runtime.mongo.driver import Database

pytestmark = pytest.mark.infra

TOKEN = "a-token-that-nobody-may-read"


async def test_whoever_reads_the_database_has_neither_token_nor_id(database: Database) -> None:
    logins = Logins(database["logins"])
    cookie = await logins.begin(TOKEN)
    [kept] = [one async for one in database["logins"].find()]
    assert TOKEN not in str(kept) and cookie not in str(kept) and form_token(cookie) not in str(kept)
    assert await logins.login(cookie) == Login(TOKEN)
    assert await logins.login(kept["_id"]) is None, "what is stored opens nothing"
    await logins.end(cookie)
    assert await logins.login(cookie) is None


async def test_it_ends_when_nobody_uses_it_and_in_any_case(database: Database) -> None:
    logins, collection = Logins(database["logins"]), database["logins"]
    cookie, now = await logins.begin(TOKEN), datetime.now(UTC)
    await collection.update_one({}, {"$set": {"ends": now + IDLE - 2 * NOTED_EVERY}})
    assert await logins.login(cookie) == Login(TOKEN)
    [used] = [one async for one in collection.find()]
    assert used["ends"] > now + IDLE - NOTED_EVERY, "it was used: half an hour from now on"
    assert used["last"] <= now + LONGEST + timedelta(seconds=1)
    await collection.update_one({}, {"$set": {"last": now - timedelta(seconds=1), "ends": now - NOTED_EVERY * 2}})
    assert await logins.login(cookie) is None
    await collection.update_one({}, {"$set": {"ends": now + timedelta(seconds=90)}})
    assert await logins.login(cookie) == Login(TOKEN)
    [late] = [one async for one in collection.find()]
    assert late["ends"] <= now + timedelta(seconds=91), "use does not lengthen it beyond its last moment"


async def test_looking_whether_it_lasts_makes_it_last_no_longer(database: Database) -> None:
    logins, collection = Logins(database["logins"]), database["logins"]
    cookie, soon = await logins.begin(TOKEN), datetime.now(UTC) + timedelta(minutes=5)
    await collection.update_one({}, {"$set": {"ends": soon}})
    assert await logins.login(cookie, is_use=False) == Login(TOKEN)
    [kept] = [one async for one in collection.find()]
    assert kept["ends"] <= soon


async def test_whoever_comes_later_sweeps_up(database: Database) -> None:
    logins = Logins(database["logins"])
    await logins.begin(TOKEN)
    await database["logins"].update_one({}, {"$set": {"ends": datetime.now(UTC) - timedelta(hours=1)}})
    await logins.begin(TOKEN)
    assert await database["logins"].count_documents({}) == 1


async def test_it_keeps_for_a_minute_what_was_done(database: Database) -> None:
    logins = Logins(database["logins"])
    cookie, other = await logins.begin(TOKEN), await logins.begin(TOKEN)
    for number in range(MOST_SEEN + 5):
        await logins.note(cookie, "meetings", f"stuttgart/session/plenum-1:{number}")
    await logins.note(cookie, "members", "stuttgart/seat-group/hospitals:3")
    assert await logins.login(other) == Login(TOKEN)
    login = await logins.login(cookie)
    assert login and login.seen["members"] == ["stuttgart/seat-group/hospitals:3"]
    assert login.seen["meetings"][-1].endswith(f":{MOST_SEEN + 4}") and len(login.seen["meetings"]) == MOST_SEEN - 1
    past = datetime.now(UTC) - SEEN_FOR
    await database["logins"].update_many({"seen": {"$exists": True}}, {"$set": {"seen.$[].at": past}})
    assert await logins.login(cookie) == Login(TOKEN)
