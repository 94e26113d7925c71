"""Health tells the truth: live = the loop turns, ready = the journal answers, degraded = works, but something waits."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Response

from shared.runtime.http import allowed, as_json
from shared.runtime.parts import Parts
from shared.runtime.settings import Role

Extra = Callable[[], Awaitable[dict[str, Any]]]
WATCHERS = allowed("monitor", "admin", "office")


class Health:
    """``prepared`` is set once the database's indexes stand. ``extra`` is what only this service can tell."""

    def __init__(self, parts: Parts, role: Role, extra: Extra | None = None) -> None:
        self._parts = parts
        self._works = role != "api"
        self._extra = extra
        self.prepared = False

    async def ready(self) -> bool:
        return self.prepared and await self._parts.session.answers()

    def degraded(self, parked: int) -> list[str]:
        """Each reason why something waits, for the log, the status and the readiness answer."""
        parts, reasons = self._parts, []
        if self._works and not parts.consumer.connected:
            reasons.append("kafka unreachable for the consumer")
        if self._works and parts.publisher.unreachable_since is not None:
            reasons.append("kafka unreachable for the relay")
        if parts.consumer.failing_since is not None:
            seconds = time.monotonic() - parts.consumer.failing_since
            reasons.append(f"a batch has been failing for {seconds:.0f} seconds")
        if parked:
            reasons.append(f"{parked} parked")
        return reasons

    async def status(self) -> dict[str, Any]:
        parts = self._parts
        if not await self.ready():
            return {"service": parts.service, "ready": False, "degraded": ["database unreachable"]}
        parked, lag = await parts.parked.count(), await parts.consumer.lag()
        unpublished, oldest = await parts.journal.backlog()
        age = (parts.clock.now() - oldest).total_seconds() if oldest else 0.0
        parts.counters.show(
            {
                "ready": 1,
                "parked_records": parked,
                "unpublished_commits": unpublished,
                "oldest_unpublished_seconds": max(0.0, age),
                "consumer_lag": sum(lag.values()),
            }
        )
        return {
            "service": parts.service,
            "ready": True,
            "degraded": self.degraded(parked),
            "unpublished": unpublished,
            "oldest_unpublished_seconds": max(0.0, age),
            "events": await parts.journal.size(),
            "lag": lag,
            "parked": parked,
            **(await self._extra() if self._extra else {}),
        }

    def router(self) -> APIRouter:
        router = APIRouter()

        @router.get("/health/live")
        async def live() -> dict[str, str]:
            return {"status": "live"}

        @router.get("/health/ready")
        async def ready() -> Response:
            if not await self.ready():
                return as_json({"status": "not ready"}, 503)
            return as_json({"status": "ready", "degraded": self.degraded(await self._parts.parked.count())})

        @router.get("/status", dependencies=[WATCHERS])
        async def status() -> Response:
            return as_json(await self.status())

        @router.get("/metrics", dependencies=[WATCHERS])
        async def metrics() -> Response:
            if not (await self.status())["ready"]:
                self._parts.counters.show({"ready": 0})
            return Response(self._parts.counters.text(), media_type="text/plain; version=0.0.4")

        return router
