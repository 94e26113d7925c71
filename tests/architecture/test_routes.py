"""Every route that a service has is in a list that people have looked at, with who may ask it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from httpx import ASGITransport, AsyncClient

from shared.runtime.http.callers import Account, CallerRole, Callers, hash_of
from shared.runtime.http.requests import Allowed
from shared.runtime.process import Process
from tests.architecture.test_conferences import CONVERTER, ask, requests

LIST = Path(__file__).with_name("routes.txt")


def test_the_list_of_routes_is_complete_and_true(process: Process) -> None:
    listed = [line for line in LIST.read_text().splitlines() if line.startswith(f"{process.service.name} ")]
    found = sorted(lines(process))
    assert len(found) > 10
    told = difflib.unified_diff(listed, found, LIST.name, "as it is", lineterm="", n=0)
    assert listed == found, "\n" + "\n".join(told)


async def test_nobody_gets_further_than_the_list_says(process: Process) -> None:
    process.app.state.callers = Callers(
        [Account(name=role, role=role, sha256=hash_of(role)) for role in get_args(CallerRole)]
    )
    listed = [CONVERTER.sub("}", line).split() for line in lines(process)]
    allowed = {(method, path): told for _, method, path, told, *_ in listed}
    async with AsyncClient(transport=ASGITransport(process.app), base_url="http://service") as client:
        for template, method, path, asked in requests(process):
            roles = allowed[method, template].split(",")
            answer = await client.request(method, path, **asked)
            assert (answer.status_code, answer.json()["type"]) == (401, "TokenMissing"), path
            for role in set(get_args(CallerRole)) - set(roles):
                answer = await ask(client, role, method, path, asked)
                assert (answer.status_code, answer.json()["type"]) == (403, "RoleNotAllowed"), (path, role)


def lines(process: Process) -> Iterator[str]:
    for route in iter_route_contexts(process.app.routes):
        for method in (route.methods or set()) - {"HEAD"}:
            yield f"{process.service.name} {method} {route.path} {who(route)}"


def who(route: RouteContext) -> str:
    """Whoever fulfils every dependency of the route."""
    asked = list(rights(route.dependant)) if isinstance(route.original_route, APIRoute) else []
    if not asked:
        return "everybody"
    roles = frozenset[str].intersection(*(one.roles for one in asked))
    return ",".join(sorted(roles)) + (" of the operator" if any(one.everywhere for one in asked) else "")


def rights(dependant: Dependant) -> Iterator[Allowed]:
    for one in dependant.dependencies:
        if isinstance(one.call, Allowed):
            yield one.call
        yield from rights(one)
