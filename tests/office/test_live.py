"""What an open page asks for by itself: it hears nothing for somebody who is out, and keeps nobody in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from httpx import ASGITransport, AsyncClient
from starlette.requests import Request
from starlette.responses import StreamingResponse

from services.office.desk.front import desk_app
from services.office.desk.live import live
from services.office.desk.login.entrance import COOKIE, Door
from services.office.desk.login.logins import IDLE, Login, Logins
from services.office.desk.visit import Desk, Visit
from shared.runtime.http.access import access
from shared.runtime.http.app import new_app
from shared.runtime.http.callers import Caller, Callers
from shared.runtime.http.problems import Refused
from shared.runtime.mongo.driver import Database
from shared.runtime.observing.metrics import Counters

OFFICE = Caller("office", "office")


class ThreeNews:
    async def told(self, *_asked: object) -> AsyncIterator[None]:
        for _ in range(3):
            yield


async def heard(*lets_in: bool) -> list[str]:
    left = iter(lets_in)

    async def is_still_in() -> bool:
        return next(left)

    desk = Desk(*cast("Any", (None, None, None, None, None, ThreeNews(), None)))
    visit = Visit(desk, Request({"type": "http"}), OFFICE, Login(""), "", "stuttgart", is_still_in=is_still_in)
    answer = await live(visit)
    assert isinstance(answer, StreamingResponse)
    return [str(line).strip() async for line in answer.body_iterator if str(line).startswith("data")]


async def test_a_page_whose_visitor_is_out_hears_of_nothing_more() -> None:
    assert await heard(True, True, True) == ["data: changed"] * 3
    assert await heard(True, False) == ["data: changed"]


@pytest.mark.infra
async def test_who_is_in_is_told_by_login_and_token(database: Database) -> None:
    logins = Logins(database["logins"])
    cookie = await logins.begin("somebody")

    def door(known: Caller | Refused | None) -> Door:
        async def now(_token: str) -> Caller | None:
            if isinstance(known, Refused):
                raise known
            return known

        return Door(logins, cast("Any", None), now, None, lambda: None)

    assert await door(OFFICE).still_knows(cookie)
    assert not await door(None).still_knows(cookie), "the token was revoked"
    assert not await door(Refused(503, "CallersUnknown", "")).still_knows(cookie)
    await logins.end(cookie)
    assert not await door(OFFICE).still_knows(cookie), "they have logged out"


@pytest.mark.infra
@pytest.mark.parametrize(("asks", "lasts_longer"), [("document", True), ("empty", False), (None, True)])
async def test_a_page_that_stays_open_is_no_use_of_a_login(
    database: Database, asks: str | None, lasts_longer: bool
) -> None:
    logins, collection = Logins(database["logins"]), database["logins"]
    service = new_app("office", Callers([]), access(None, 1_000), Counters("office"))
    service.mount("/desk", desk_app(Desk(*cast("Any", (None, None, None, logins, None, None, None))), service))
    cookie, soon = await logins.begin("somebody"), datetime.now(UTC) + timedelta(minutes=5)
    await collection.update_one({}, {"$set": {"ends": soon}})
    headers = {"cookie": f"{COOKIE}={cookie}", **({"sec-fetch-dest": asks} if asks else {})}
    async with AsyncClient(transport=ASGITransport(service), base_url="https://desk.example") as client:
        await client.get("/desk/stuttgart/live", headers=headers)
    [kept] = [one async for one in collection.find()]
    assert (kept["ends"] > soon + IDLE / 2) is lasts_longer
