"""One tenant cannot touch another: whoever acts for Ulm gets nowhere with anything of Stuttgart's, on any route."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any, get_args

from fastapi.routing import APIRoute, iter_route_contexts
from httpx import ASGITransport, AsyncClient, Response
from structlog.testing import capture_logs

from shared.runtime.commands.routes import body_model
from shared.runtime.http.callers import Account, CallerRole, Callers
from shared.runtime.process import Process
from tests.contracts.test_cloudevents import value_of

CONVERTER = re.compile(r":\w+\}")
PARAMETER = re.compile(r"\{\w+\}")
TELLS_OF_NO_CONFERENCE = {"/health/live", "/health/ready", "/status", "/metrics"}
OF_ULM = [
    Account(
        name=f"ulm.{role}",
        role=role,
        sha256=hashlib.sha256(role.encode()).hexdigest(),
        conferences=frozenset({"ulm"}),
    )
    for role in get_args(CallerRole)
]


def described(process: Process) -> Iterator[tuple[str, set[str]]]:
    """What stands on the OpenAPI page: path and methods."""
    for route in iter_route_contexts(process.app.routes):
        if isinstance(route.original_route, APIRoute) and route.include_in_schema:
            yield CONVERTER.sub("}", route.path or ""), route.methods or set()


def requests(process: Process) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Each route once, as it is declared, and about Stuttgart."""
    about = {"conference": "stuttgart"}
    for told, methods in described(process):
        path = PARAMETER.sub("a", told.replace("{stream}", "stuttgart/session/a").replace("{row_id}", "topic:0:1"))
        for method in methods if told not in TELLS_OF_NO_CONFERENCE else ():
            asked: dict[str, Any] = {"params": about} if method == "GET" else {"json": {}, "params": about}
            if path.startswith("/commands/"):
                asked = {"json": {**sample(process, path.rpartition("/")[2]), **about}}
            yield told, method, path, asked


def sample(process: Process, name: str) -> dict[str, Any]:
    schema = body_model(process.service.given[name]).model_json_schema()
    body: dict[str, Any] = value_of(schema, schema.get("$defs", {}))
    if "details" in body:
        body["details"]["email"] = None
    return body


async def ask(client: AsyncClient, role: str, method: str, path: str, asked: dict[str, Any]) -> Response:
    headers = {"authorization": f"Bearer {role}", "idempotency-key": "a"}
    return await client.request(method, path, headers=headers, **asked)


async def test_no_route_leads_to_another_conference(process: Process) -> None:
    process.app.state.callers = Callers(OF_ULM)
    every = list(requests(process))
    assert {path.split("/")[1] for _, _, path, _ in every} >= {
        *(["commands"] if process.service.given else []),
        "streams",
        "admin",
    }
    async with AsyncClient(transport=ASGITransport(process.app), base_url="http://service") as client:
        for _, method, path, asked in every:
            for account in OF_ULM:
                with capture_logs() as lines:
                    answer = await ask(client, account.role, method, path, asked)
                told = answer.json()
                assert answer.status_code == 403, (method, path, account.role, told)
                assert told["type"] in ("ConferenceNotAllowed", "OperatorOnly", "RoleNotAllowed")
                assert [(line["event"], line["by"]) for line in lines] == [("request refused", account.name)]


async def test_nor_does_a_position_that_is_named(process: Process) -> None:
    process.app.state.callers = Callers(OF_ULM)
    seen = "stuttgart/session/a:1"
    async with AsyncClient(transport=ASGITransport(process.app), base_url="http://service") as client:
        for _, method, path, asked in requests(process):
            if path.startswith(("/commands/", "/admin/", "/streams/", "/feed")):
                continue
            asked["params"] = {"conference": "ulm", "seen": seen}
            answer = await ask(client, "office", method, path, asked)
            assert answer.json()["type"] == "ConferenceNotAllowed", path
