"""Gives one command until its outcome is known, always under the same key, and writes down what it was told.

2xx is ok, 4xx is fail; everything else (no answer, half an answer, 5xx) is info: the outcome is unknown.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx

from tests.campaign.history import History

# Longer than the services' own limit of ten seconds for a call of the database.
ANSWER_SECONDS = 25.0
PAUSE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Order:
    """A command that somebody wants, by the caller's name."""

    service: str
    command: str
    fields: Mapping[str, object]
    by: str = "office"
    seen: tuple[str, ...] = ()
    """Positions that the decision must know of."""

    @property
    def content(self) -> bytes:
        return json.dumps(self.fields, ensure_ascii=False).encode()

    @property
    def sha(self) -> str:
        """As the journal keeps it: of the command's name and what was sent."""
        return hashlib.sha256(self.command.encode() + b"\n" + self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Told:
    """``kind`` info only when the run ended before the outcome was known."""

    kind: Literal["ok", "fail", "info"]
    rule: str = ""
    events: tuple[str, ...] = ()
    answer: Mapping[str, Any] = field(default_factory=dict)
    """As it was told."""


@dataclass
class Doors:
    """Where the services listen: one address for each running process of a service."""

    urls: dict[str, list[str]]
    tokens: Mapping[str, str]
    dice: random.Random
    closing: bool = False
    """Set at the end of a run: what is unknown then stays unknown."""
    accepted: int = 0

    def url(self, service: str) -> str:
        return self.dice.choice(self.urls[service])


class Caller:
    def __init__(self, worker: int, doors: Doors, history: History) -> None:
        self._worker = worker
        self._doors = doors
        self._history = history
        self._client = httpx.AsyncClient(trust_env=False, timeout=ANSWER_SECONDS)

    async def give(self, order: Order, key: str) -> Told:
        while True:
            self.note("invoke", order, key)
            told = await self._once(order, key)
            if told.kind != "info" or self._doors.closing:
                return told
            await asyncio.sleep(PAUSE_SECONDS)

    async def close(self) -> None:
        await self._client.aclose()

    async def _once(self, order: Order, key: str) -> Told:
        try:
            answer = await self._client.post(
                f"{self._doors.url(order.service)}/commands/{order.command}",
                content=order.content,
                params={"seen": order.seen},
                headers={
                    "Authorization": f"Bearer {self._doors.tokens[order.by]}",
                    "Idempotency-Key": key,
                    "Content-Type": "application/json",
                },
            )
            body: dict[str, Any] = answer.json()
        except httpx.ReadTimeout:
            return self._unknown(order, key, "timeout")
        except (httpx.TransportError, ValueError) as error:
            return self._unknown(order, key, type(error).__name__)
        return self._told(order, key, answer, body)

    def _told(self, order: Order, key: str, answer: httpx.Response, body: Mapping[str, Any]) -> Told:
        if answer.is_success:
            return self._ok(order, key, answer, body)
        if answer.is_client_error:
            rule = str(body["type"])
            self.note("fail", order, key, http=answer.status_code, rule=rule)
            return Told("fail", rule)
        return self._unknown(order, key, str(answer.status_code))

    def _ok(self, order: Order, key: str, answer: httpx.Response, body: Mapping[str, Any]) -> Told:
        events = tuple(event["id"] for event in body["events"])
        stands: dict[str, object] = {"stream": body["stream"], "sequence": body["sequence"], "events": events}
        replayed = answer.headers.get("Idempotent-Replayed") == "true"
        self.note("ok", order, key, http=answer.status_code, replayed=replayed, **stands)
        self._doors.accepted += 1
        return Told("ok", events=events, answer=body)

    def _unknown(self, order: Order, key: str, how: str) -> Told:
        self.note("info", order, key, how=how)
        return Told("info")

    def note(self, kind: str, order: Order, key: str, **facts: object) -> None:
        op = f"{order.service}.{order.command}"
        self._history.write(kind, w=self._worker, op=op, key=f"{order.by}:{key}", body=order.sha, **facts)
