"""A clerk who insists: over HTTP only, the same key again until there is an answer; remembers what was accepted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from deploy.demo.office import patiently
from deploy.embedded.tokens import read_tokens
from shared.runtime.http.requests import MOST_SEEN
from tests.journeys.stack import RunningStack

OWNER = {"conference": "members", "seat-group": "members", "session": "meetings", "grant": "funding"}


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
        self._last: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._client = client
        self._stack = stack
        self._services = stack.state.services
        self._tokens = read_tokens(Path(stack.state.data))

    async def give(self, service: str, command: str, key: str, /, **fields: object) -> Accepted:
        """``key`` names this one intention: however often it is sent, it is carried out once."""
        body = {"conference": self.conference, **fields}
        return await self._send(service, command, f"{self.conference}-{command}-{key}", body)

    async def refused(self, service: str, command: str, key: str, /, **fields: object) -> str:
        """By which rule."""
        asked = self._asking(f"{self.conference}-{command}-{key}", {"conference": self.conference, **fields})
        answer = await self._answer("POST", service, f"/commands/{command}", "office", **asked)
        assert answer.is_client_error, answer.text
        return str(answer.json()["type"]).rpartition(":")[2]

    async def approve(self, service: str, command: str, key: str, /, **fields: object) -> Accepted:
        """As the second person."""
        body = {"conference": self.conference, **fields}
        return await self._send(service, command, f"{self.conference}-{command}-{key}", body, "approver")

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

    async def _send(
        self, service: str, command: str, key: str, body: Mapping[str, Any], caller: str = "office"
    ) -> Accepted:
        answer = await self.ask("POST", service, f"/commands/{command}", caller, **self._asking(key, body))
        replayed = answer.headers.get("Idempotent-Replayed") == "true"
        accepted = Accepted(service, command, key, body, replayed=replayed, **answer.json())
        self.accepted.append(accepted)
        if accepted.sequence:
            last = self._last[service]
            last[accepted.stream] = max(accepted.sequence, last.pop(accepted.stream, 0))
        return accepted

    def _asking(self, key: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return {"headers": {"Idempotency-Key": key}, "json": body}

    async def ask(self, method: str, service: str, path: str, caller: str = "office", **more: Any) -> httpx.Response:
        """What is read is as new as what the service has accepted from here, unless ``seen`` names something else."""
        if method == "GET":
            more["params"] = {"seen": self._seen(service), **more.get("params", {})}
        answer = await self._answer(method, service, path, caller, **more)
        assert answer.is_success, f"{service} {path}: {answer.text}"
        return answer

    def _seen(self, service: str) -> list[str]:
        return [f"{stream}:{last}" for stream, last in self._last[service].items()][-MOST_SEEN:]

    async def _answer(self, method: str, service: str, path: str, caller: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._tokens[caller]}", **more.pop("headers", {})}

        async def once() -> httpx.Response:
            return await self._client.request(method, f"{self._services[service]}{path}", headers=headers, **more)

        return await patiently(once, f"{service} {path}")


@asynccontextmanager
async def clerk_of(stack: RunningStack, conference: str) -> AsyncIterator[Clerk]:
    async with httpx.AsyncClient(trust_env=False, timeout=15) as client:
        yield Clerk(client, stack, conference)
