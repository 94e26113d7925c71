"""Health tells the truth: live = the loop turns, ready = the journal answers, degraded = works, but something waits."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from shared.runtime.http import allowed, as_json
from shared.runtime.parts import Parts
from shared.runtime.settings import Role
from shared.runtime.vitals import Extra, Vitals, read_vitals

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

    def degraded(self, vitals: Vitals) -> list[str]:
        """Each reason why something waits, in a sentence."""
        parts, reasons = self._parts, []
        if self._works and (vitals["kafka_unreachable_seconds"] or not parts.consumer.connected):
            reasons.append("kafka unreachable")
        if self._works and parts.publisher.unreachable_since is not None:
            reasons.append("kafka does not answer the relay")
        if seconds := vitals["failing_batch_seconds"]:
            reasons.append(f"a batch has been failing for {seconds:.0f} seconds")
        reasons += parts.lineage.found.sentences()
        if vitals["parked_records"]:
            reasons.append(f"{vitals['parked_records']:.0f} parked")
        return reasons

    async def status(self) -> dict[str, Any]:
        parts = self._parts
        if not await self.ready():
            parts.counters.show({"ready": 0})
            return {"service": parts.service, "ready": False, "degraded": ["database unreachable"]}
        vitals, more = await read_vitals(parts, self._extra)
        parts.counters.show({"ready": 1, **vitals})
        return {
            "service": parts.service,
            "ready": True,
            "degraded": self.degraded(vitals),
            "unpublished": int(vitals["unpublished_commits"]),
            "oldest_unpublished_seconds": vitals["oldest_unpublished_seconds"],
            "commits": await parts.journal.size(),
            "lag": await parts.consumer.lag(),
            "parked": int(vitals["parked_records"]),
            **more,
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
            vitals, _ = await read_vitals(self._parts, None)
            return as_json({"status": "ready", "degraded": self.degraded(vitals)})

        @router.get("/status", dependencies=[WATCHERS])
        async def status() -> Response:
            return as_json(await self.status())

        @router.get("/metrics", dependencies=[WATCHERS])
        async def metrics() -> Response:
            await self.status()
            return Response(self._parts.counters.text(), media_type="text/plain; version=0.0.4")

        return router
