"""A clerk who insists: over HTTP only, the same key again until there is an answer; remembers what was accepted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from deploy.demo.office import patiently
from deploy.embedded.tokens import read_tokens
from tests.journeys.stack import RunningStack

OWNER = {"conference": "members", "seat-group": "members", "session": "meetings"}


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was asked, and the answer."""

    service: str
    command: str
    key: str
    body: Mapping[str, Any]
    stream: str
    sequence: int
    events: list[dict[str, Any]]
    replayed: bool

    @property
    def seen(self) -> str:
        return f"{self.stream}:{self.sequence}"


class Clerk:
    """Of a conference of its own, so that one test's mails are not another's."""

    def __init__(self, client: httpx.AsyncClient, stack: RunningStack, conference: str) -> None:
        self.conference = conference
        self.accepted: list[Accepted] = []
        self._client = client
        self._stack = stack
        self._services = stack.state.services
        self._tokens = read_tokens(Path(stack.state.data))

    async def give(self, service: str, command: str, key: str, /, **fields: object) -> Accepted:
        """``key`` names this one intention: however often it is sent, it is carried out once."""
        body = {"conference": self.conference, **fields}
        return await self._send(service, command, f"{self.conference}-{command}-{key}", body)

    async def again(self, before: Accepted) -> Accepted:
        return await self._send(before.service, before.command, before.key, before.body)

    async def read(self, service: str, path: str, **query: str) -> list[dict[str, Any]]:
        answer = await self.ask("GET", service, path, params={"conference": self.conference, **query})
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    async def history(self, stream: str) -> list[dict[str, Any]]:
        return await self.read(OWNER[stream.split("/")[1]], f"/streams/{stream}")

    @property
    def ahead(self) -> timedelta:
        return self._stack.ahead

    async def let_pass(self, time: timedelta) -> None:
        """On every service's clock."""
        self._stack.ahead += time
        now = (datetime.now(UTC) + self._stack.ahead).isoformat()
        for service in self._services:
            await self.ask("PUT", service, "/admin/clock", "admin", json={"now": now})

    async def _send(self, service: str, command: str, key: str, body: Mapping[str, Any]) -> Accepted:
        path, headers = f"/commands/{command}", {"Idempotency-Key": key}
        answer = await self.ask("POST", service, path, headers=headers, json=body)
        replayed = answer.headers.get("Idempotent-Replayed") == "true"
        accepted = Accepted(service, command, key, body, replayed=replayed, **answer.json())
        self.accepted.append(accepted)
        return accepted

    async def ask(self, method: str, service: str, path: str, caller: str = "office", **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._tokens[caller]}", **more.pop("headers", {})}

        async def once() -> httpx.Response:
            return await self._client.request(method, f"{self._services[service]}{path}", headers=headers, **more)

        answer = await patiently(once, f"{service} {path}")
        assert answer.is_success, f"{service} {path}: {answer.text}"
        return answer


@asynccontextmanager
async def clerk_of(stack: RunningStack, conference: str) -> AsyncIterator[Clerk]:
    async with httpx.AsyncClient(trust_env=False, timeout=15) as client:
        yield Clerk(client, stack, conference)
