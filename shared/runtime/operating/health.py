"""Health checks: live = the loop runs, ready = the journal answers, degraded = works, but something waits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from shared.runtime.commands.journal import Journal
from shared.runtime.delivery.listener import Listener
from shared.runtime.history.gate import Gate
from shared.runtime.http.app import Shown, as_json
from shared.runtime.http.requests import allowed
from shared.runtime.observing.alarms import Alarms
from shared.runtime.observing.metrics import Counters
from shared.runtime.operating.gauges import Gauges, Measure
from shared.runtime.operating.limits import BATCH_FAILS, KAFKA_AWAY
from shared.runtime.publishing.publisher import KafkaPublisher

WATCHERS = allowed("monitor", "admin", "office")


class Readiness(Shown):
    """``degraded`` says why something waits; it is unknown while the service is not ready."""

    status: Literal["ready", "not ready"]
    degraded: list[str] | None = None


class Status(Shown):
    """The numbers are only there while the database answers. ``waiting`` names what ``degraded`` says in sentences."""

    service: str
    ready: bool
    degraded: list[str]
    waiting: list[str]
    unpublished: int | None = None
    oldest_unpublished_seconds: float | None = None
    commits: int | None = None
    lag: dict[str, int] | None = None
    parked: int | None = None
    open_points: int | None = None


Degraded = Callable[[Gauges], list[tuple[str, str]]]
"""Each reason why something waits: its name, which is its alarm's if there is one, and a sentence."""

DATABASE, NOT_LISTENING, RELAY_WAITS = "database_unreachable", "not_listening", "relay_unanswered"
KAFKA, BATCH, HISTORIES, PARKED = (
    "kafka_unreachable_seconds",
    "failing_batch_seconds",
    "histories_differ",
    "parked_records",
)
UNWATCHED = (DATABASE, NOT_LISTENING, RELAY_WAITS, PARKED)
"""Reasons that are reported at once and have no alarm."""


def degradation(listener: Listener, publisher: KafkaPublisher, gate: Gate, alarms: Alarms, works: bool) -> Degraded:
    """``works``: the process has a worker, so it should be connected to Kafka."""

    def reasons(gauges: Gauges) -> list[tuple[str, str]]:
        found = []
        if works and gauges[KAFKA]:
            found.append((KAFKA, KAFKA_AWAY))
        elif works and not listener.connected:
            found.append((NOT_LISTENING, "not listening yet"))
        if works and publisher.unreachable_since is not None:
            found.append((RELAY_WAITS, "kafka does not answer the relay"))
        if gauges[BATCH]:
            found.append((BATCH, BATCH_FAILS))
        found += [(HISTORIES, sentence) for sentence in gate.found.sentences()]
        if gauges[PARKED]:
            found.append((PARKED, f"{gauges[PARKED]:.0f} parked"))
        return [*found, *alarms.standing()]

    return reasons


def _waits(found: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Each reason once."""
    names, sentences = (list(dict.fromkeys(each)) for each in zip(*found, strict=True)) if found else ([], [])
    return {"degraded": sentences, "waiting": names}


def health_router(
    service: str,
    ready: Callable[[], Awaitable[bool]],
    measure: Measure,
    degraded: Degraded,
    journal: Journal,
    listener: Listener,
    counters: Counters,
) -> APIRouter:
    """``ready`` says whether the database answers and has its indexes."""
    router = APIRouter()

    async def told() -> dict[str, Any]:
        if not await ready():
            counters.show({"ready": 0})
            return {"service": service, "ready": False, **_waits([(DATABASE, "database unreachable")])}
        gauges, more = await measure()
        counters.show({"ready": 1, **gauges})
        return {
            "service": service,
            "ready": True,
            **_waits(degraded(gauges)),
            "unpublished": int(gauges["unpublished_commits"]),
            "oldest_unpublished_seconds": gauges["oldest_unpublished_seconds"],
            "commits": await journal.size(),
            "lag": await listener.lag(),
            "parked": int(gauges["parked_records"]),
            "open_points": int(gauges["open_points"]),
            **more,
        }

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @router.get("/health/ready", response_model=Readiness, responses={503: {"model": Readiness}})
    async def readiness() -> Response:
        if not await ready():
            return as_json({"status": "not ready"}, 503)
        gauges, _ = await measure()
        return as_json({"status": "ready", "degraded": _waits(degraded(gauges))["degraded"]})

    @router.get("/status", response_model=Status, dependencies=[WATCHERS])
    async def status() -> Response:
        return as_json(await told())

    @router.get("/metrics", response_class=PlainTextResponse, dependencies=[WATCHERS])
    async def metrics() -> Response:
        await told()
        return Response(counters.text(), media_type="text/plain; version=0.0.4")

    return router
