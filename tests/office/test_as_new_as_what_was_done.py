"""Whatever page is opened after an act, it is asked to be as new as that; other services and other people are not."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, cast

import httpx
import pytest

from services.office.desk import visit
from services.office.desk.forms.drafts import Drafts
from services.office.desk.front import desk_app
from services.office.desk.login.entrance import COOKIE
from services.office.desk.login.logins import Logins
from services.office.desk.others import Others
from services.office.desk.visit import Desk
from services.office.projections import CONFERENCES, PROJECTIONS
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.http.access import access
from shared.runtime.http.app import new_app
from shared.runtime.http.callers import Account, Callers, hash_of
from shared.runtime.mongo.driver import Database
from shared.runtime.observing.metrics import Counters
from tests.kit.when import CONFERENCE

pytestmark = pytest.mark.infra

HOST, TOKEN = "https://desk.example", "office-token"
POSITION = f"{CONFERENCE}/dispatch/{CONFERENCE}:7"
GOES_OUT = {"is_stopped": False, "since": None, "reason": None}


Late = Callable[[], Awaitable[httpx.Response]]


async def says_so() -> httpx.Response:
    return httpx.Response(503, json={"type": "PositionNotReached", "detail": "Noch nicht."})


async def says_nothing() -> httpx.Response:
    await asyncio.Event().wait()
    raise AssertionError


class Clerk:
    """With services that note what they are asked."""

    def __init__(self, database: Database) -> None:
        self.asked: list[httpx.URL] = []
        self.late: Late | None = None
        store, logins = ProjectionStore(database, PROJECTIONS), Logins(database["logins"])
        addresses = {name: f"http://{name}" for name in ("members", "meetings", "funding", "notifications")}
        others = Others(addresses, transport=httpx.MockTransport(self.answer))
        desk = Desk(others, store, cast("Any", self), logins, Drafts(database["drafts"]), *cast("Any", (None, None)))
        accounts = [Account(name="office", role="office", sha256=hash_of(TOKEN))]
        service = new_app("office", Callers(accounts), access(None, 1_000), Counters("office"))
        service.mount("/desk", desk_app(desk, service))
        self.logins, self.store, self.transport = logins, store, httpx.ASGITransport(service)

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url)
        if self.late and "seen" in request.url.params:
            return await self.late()
        if request.method == "POST":
            stream, _, sequence = POSITION.rpartition(":")
            return httpx.Response(200, json={"stream": stream, "sequence": int(sequence)})
        return httpx.Response(200, json=GOES_OUT if request.url.path == "/dispatch" else {"items": []})

    async def ask(self, method: str, path: str, cookie: str, **more: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=self.transport, base_url=HOST) as client:
            return await client.request(method, f"/desk/{CONFERENCE}{path}", headers={"cookie": cookie}, **more)

    def seen(self) -> dict[str, set[str]]:
        """By service, what it was to have taken before it answers."""
        found: dict[str, set[str]] = {}
        for url in self.asked:
            found.setdefault(url.host, set()).update(url.params.get_list("seen"))
        self.asked.clear()
        return found


async def test_every_page_of_the_login_waits_for_what_it_did_and_for_nothing_else(database: Database) -> None:
    clerk = Clerk(database)
    await clerk.store.collection(CONFERENCES).insert_one({"_id": CONFERENCE, "conference": CONFERENCE, "name": "PK"})
    mine, colleagues = [f"{COOKIE}={await clerk.logins.begin(TOKEN)}" for _ in range(2)]
    page = await clerk.ask("GET", "/mails", mine)
    assert page.status_code == 200 and not any(clerk.seen().values())
    form = dict(re.findall(r'name="(form_token|key)" value="([^"]*)"', page.text.partition('value="StopDispatch"')[0]))
    key = re.search(r'value="StopDispatch">\s*<input type="hidden" name="key" value="([^"]*)"', page.text)
    assert key
    typed = {"command": "StopDispatch", "form_token": form["form_token"], "key": key[1], "reason": "Probe"}
    sent = await clerk.ask("POST", "/mails", mine, data=typed)
    assert (sent.status_code, sent.headers["location"]) == (303, f"/desk/{CONFERENCE}/mails?done=StopDispatch")
    clerk.asked.clear()
    for path in ("/mails?done=StopDispatch", "/", "/mails"):
        assert (await clerk.ask("GET", path, mine)).status_code == 200
        seen = clerk.seen()
        assert seen.pop("notifications") == {POSITION} and not any(seen.values()), path
    await clerk.ask("GET", "/mails", colleagues)
    assert not any(clerk.seen().values())


@pytest.mark.parametrize("late", [says_so, says_nothing])
async def test_a_page_whose_service_hangs_shows_what_there_is_and_says_so(
    database: Database, monkeypatch: pytest.MonkeyPatch, late: Late
) -> None:
    monkeypatch.setattr(visit, "WAITS", 0.05)
    clerk = Clerk(database)
    await clerk.store.collection(CONFERENCES).insert_one({"_id": CONFERENCE, "conference": CONFERENCE, "name": "PK"})
    cookie = await clerk.logins.begin(TOKEN)
    await clerk.logins.note(cookie, "notifications", POSITION)
    said = "„Schreiben“ wird gerade nachgeführt"
    assert said not in (await clerk.ask("GET", "/mails", f"{COOKIE}={cookie}")).text, "it is there"
    clerk.late = late
    page = await clerk.ask("GET", "/mails", f"{COOKIE}={cookie}")
    assert (page.status_code, page.text.count(said)) == (200, 1)
