"""What an admin does to a running service wants a reason, and is in the log, with account and reason, beforehand."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from httpx import ASGITransport, AsyncClient
from structlog.testing import capture_logs
from structlog.typing import EventDict

from shared.runtime.http.callers import Account, Callers, hash_of
from shared.runtime.process import Process
from tests.kit.eventually import eventually

ADMIN = Account(name="admin", role="admin", sha256=hash_of("admin"))
WHY = "Broker kam leer zurück"
MADE_UP = {"id": "kpk.members.v1:0:1", "view": "none", "topic": "kpk.none.v1"}


def acts(process: Process) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each path, and a body without a reason. The clock that can be set is a demo's and a test's alone."""
    page = process.app.openapi()
    for path, methods in page["paths"].items():
        if path.startswith("/admin/") and "post" in methods:
            reference = methods["post"]["requestBody"]["content"]["application/json"]["schema"]
            yield path, {name: MADE_UP[name] for name in reference["required"] if name != "why"}


async def said_when_begun(client: AsyncClient, path: str, body: dict[str, Any]) -> list[EventDict]:
    """Neither Kafka nor MongoDB is there: an act is begun, and no more."""
    with capture_logs() as lines:
        doing = asyncio.create_task(client.post(path, json=body))
        found = await eventually(lambda: [line for line in lines if line["event"] == "admin act"], f"{path} is said")
        doing.cancel()
        await asyncio.wait([doing])
    return found


async def test_every_act_wants_a_reason_and_is_a_line_before_it_is_done(process: Process) -> None:
    process.app.state.callers = Callers([ADMIN])
    every = list(acts(process))
    assert len(every) == 7
    transport = ASGITransport(process.app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://service") as client:
        client.headers["authorization"] = "Bearer admin"
        for path, body in every:
            for nothing in ({}, {"why": ""}, {"why": " "}, {"why": None}, {"why": "a\nb"}):
                with capture_logs() as lines:
                    answer = await client.post(path, json={**body, **nothing})
                assert answer.status_code == 422, (path, nothing, answer.text)
                assert [fault["field"] for fault in answer.json()["fields"]] == ["why"]
                assert lines == []
            [line] = await said_when_begun(client, path, {**body, "why": WHY})
            assert (line["by"], line["why"]) == ("admin", WHY)
            assert body.items() <= line.items()
