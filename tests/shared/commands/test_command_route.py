"""A command is found by its whole address, and nobody gives it before their right was asked."""

from __future__ import annotations

import pytest
from fastapi import FastAPI, Request, Response
from httpx import ASGITransport, AsyncClient
from httpx import Response as Answer

from shared.runtime.commands.routes import CommandRoute
from shared.runtime.http.access import access
from shared.runtime.http.app import new_app
from shared.runtime.http.callers import Account, Caller, Callers, hash_of
from shared.runtime.http.requests import allowed
from shared.runtime.observing.metrics import Counters

CALLERS = Callers([Account(name=role, role=role, sha256=hash_of(role)) for role in ("office", "admin")])


async def give(request: Request, caller: Caller = allowed("office")) -> Response:  # noqa: B008 - FastAPI's way
    return Response(caller.name)


@pytest.fixture
def app() -> FastAPI:
    app = new_app("service", CALLERS, access(None, 100), Counters("service"))
    app.router.routes.append(CommandRoute("/commands/Open", give, methods=["POST"]))
    return app


async def ask(app: FastAPI, method: str, path: str, who: str = "office") -> Answer:
    async with AsyncClient(transport=ASGITransport(app), base_url="http://service") as client:
        return await client.request(method, path, headers={"authorization": f"Bearer {who}"})


@pytest.mark.parametrize("path", ["/commands/Open", "/commands/Open?seen=1", "/commands/%4Fpen"])
async def test_a_command_is_found_by_its_address(app: FastAPI, path: str) -> None:
    answer = await ask(app, "POST", path)
    assert (answer.status_code, answer.text) == (200, "office")


@pytest.mark.parametrize(
    "path",
    ["/commands/Open/", "/commands/Open%0A", "/commands/open", "/commands/Close", "//commands/Open"],
)
async def test_another_address_is_no_command(app: FastAPI, path: str) -> None:
    assert (await ask(app, "POST", path)).status_code == 404


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_another_method_is_told_the_right_one(app: FastAPI, method: str) -> None:
    answer = await ask(app, method, "/commands/Open")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(("who", "status"), [("", 401), ("nobody", 401), ("admin", 403)])
async def test_the_declared_right_is_asked_first(app: FastAPI, who: str, status: int) -> None:
    assert (await ask(app, "POST", "/commands/Open", who)).status_code == status


async def free(request: Request) -> Response:
    return Response()


def test_a_command_without_a_right_is_none() -> None:
    with pytest.raises(ValueError, match="not enough values"):
        CommandRoute("/commands/Open", free, methods=["POST"])
