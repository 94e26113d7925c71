"""What a request's head may hold, without a server."""

from __future__ import annotations

import pytest
from httpx import ASGITransport, AsyncClient
from starlette.types import Receive, Scope, Send

from shared.runtime.http.heads import GuardedHeads


async def nothing(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("Authorization", 400),
        ("Idempotency-Key", 400),
        ("Cookie", 400),
        ("Sec-Fetch-Site", 400),
        ("Sec-Fetch-Dest", 400),
        ("Access-Control-Request-Method", 400),
        ("Accept", 204),
        ("If-Match", 204),
    ],
)
async def test_what_decides_stands_once_and_a_list_may_be_in_parts(name: str, status: int) -> None:
    async with AsyncClient(transport=ASGITransport(GuardedHeads(nothing)), base_url="http://members") as client:
        assert (await client.get("/", headers=[(name, "1")])).status_code == 204
        assert (await client.get("/", headers=[(name, "1"), (name, "2")])).status_code == status
