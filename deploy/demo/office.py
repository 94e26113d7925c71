"""The office at its desk: speaks to the services over HTTP only, and tries again while one is away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

import httpx

RETRY_SECONDS = 60.0
PAUSE_SECONDS = 0.25
AT_ONCE = 8

SHOWS = {"members": "/vacancies", "meetings": "/sessions", "funding": "/grants", "notifications": "/mails/summary"}

Document = dict[str, Any]


class Refusal(Exception):
    """A service's rejection: the rule's name, and its German sentence."""

    def __init__(self, rule: str, sentence: str) -> None:
        self.rule, self.sentence = rule, sentence
        super().__init__(f"{rule}: {sentence}")


class NoAnswer(Exception):
    """A service did not answer in time."""


@dataclass(frozen=True, slots=True)
class Written:
    """The position of a command's events; sequence 0 if it has none, like records about people."""

    stream: str
    sequence: int

    @property
    def seen(self) -> str:
        return f"{self.stream}:{self.sequence}"


class Office:
    def __init__(self, services: Mapping[str, str], tokens: Mapping[str, str], conference: str) -> None:
        self._services = services
        self._tokens = tokens
        self._conference = conference
        self._client = httpx.AsyncClient(trust_env=False, timeout=15)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._newest: dict[str, tuple[str, Written]] = {}
        self.now: datetime | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def send(self, service: str, command: str, key: str, /, **fields: object) -> Written:
        """``key`` stands for one intention: sent any number of times, it is executed once."""
        return await self.send_as("office", service, command, key, **fields)

    async def send_as(self, caller: str, service: str, command: str, key: str, /, **fields: object) -> Written:
        async with self._slots:
            answer = await self._ask(
                "POST",
                service,
                f"/commands/{command}",
                caller,
                json={"conference": self._conference, **fields},
                params={"seen": self._answered_by_others(service)},
                headers={"Idempotency-Key": f"demo-{command}-{key}"},
            )
        written = Written(answer["stream"], answer["sequence"])
        if written.sequence:
            self._newest[written.stream] = (service, written)
        return written

    async def read(self, service: str, path: str, seen: Written | None = None, /, **query: str) -> Document:
        """With ``seen`` the answer is at least as new as that position."""
        params = {"conference": self._conference, **query}
        if seen and seen.sequence:
            params["seen"] = seen.seen
        async with self._slots:
            return await self._ask("GET", service, path, "office", params=params)

    def _answered_by_others(self, service: str) -> list[str]:
        """Positions of other services that this one may not have reached yet."""
        return [written.seen for by, written in self._newest.values() if by != service]

    async def until_views_are_current(self) -> None:
        """Waits until everything that the office wrote can be read where it was written."""
        newest = self._newest.values()
        await asyncio.gather(*(self.read(service, SHOWS[service], written) for service, written in newest))

    async def items(self, service: str, path: str, /, **query: str) -> list[Document]:
        found: list[Document] = (await self.read(service, path, **query))["items"]
        return found

    async def take_in(self, sheet: bytes, key: str) -> Document:
        """Imports a roster as CSV; returns the result row by row. Raises ``Refusal``: then nothing was imported."""
        about: Document = {
            "headers": {"Content-Type": "text/csv", "Idempotency-Key": f"demo-roster-{key}"},
            "params": {"conference": self._conference},
        }
        return await self._ask("POST", "members", "/roster/import", "office", content=sheet, **about)

    async def document(self, service: str, path: str) -> bytes:
        """A response that is no JSON: a letter."""
        headers = {"Authorization": f"Bearer {self._tokens['office']}"}
        url, params = f"{self._services[service]}{path}", {"conference": self._conference}
        answer = await patiently(lambda: self._client.get(url, params=params, headers=headers), f"{service} {path}")
        answer.raise_for_status()
        return answer.content

    async def status(self, service: str) -> Document:
        return await self._ask("GET", service, "/status", "monitor")

    async def set_clock(self, moment: datetime) -> None:
        """Sets all services at once; clocks only run forward."""
        if self.now and moment <= self.now:
            return
        await asyncio.gather(*(self._set_clock(service, moment) for service in self._services))
        self.now = moment

    async def advance(self, by: timedelta) -> None:
        assert self.now
        await self.set_clock(self.now + by)

    async def _set_clock(self, service: str, moment: datetime) -> None:
        try:
            await self._ask("PUT", service, "/admin/clock", "admin", json={"now": moment.isoformat()})
        except Refusal as no:
            if no.rule != "ClockRunsForward":
                raise
            # It was set, but the answer was lost: the clock has run on since.

    async def _ask(self, method: str, service: str, path: str, caller: str, **more: Any) -> Document:
        headers = {"Authorization": f"Bearer {self._tokens[caller]}", **more.pop("headers", {})}

        async def once() -> httpx.Response:
            return await self._client.request(method, f"{self._services[service]}{path}", headers=headers, **more)

        answer = await patiently(once, f"{service} {path}")
        told: Document = answer.json() if answer.content else {}
        if answer.is_error:
            raise Refusal(str(told.get("type", answer.status_code)), str(told.get("detail", "")))
        return told


async def patiently(once: Callable[[], Awaitable[httpx.Response]], what: str) -> httpx.Response:
    """Waits for a service that is being restarted, for a limited time."""
    until = time.monotonic() + RETRY_SECONDS
    while True:
        try:
            answer = await once()
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return answer
            why = "503"
        except httpx.TransportError as error:
            why = type(error).__name__
        if time.monotonic() > until:
            raise NoAnswer(f"{what} gibt seit {RETRY_SECONDS:.0f} Sekunden keine Antwort ({why})")
        await asyncio.sleep(PAUSE_SECONDS)


async def together(all_of: Iterable[Awaitable[None]]) -> None:
    await asyncio.gather(*all_of)
