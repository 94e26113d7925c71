"""What a process can tell of its health in numbers, and the numbers at which somebody should look.

Each number is a gauge of the same name after ``kpk_``; docs/operations.md says what it means and what to do.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import structlog

from shared.runtime.commands.journal import Journal
from shared.runtime.delivery.listener import Listener
from shared.runtime.delivery.parked import FORK, GAP, STUCK, Parked
from shared.runtime.history.gate import Gate
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.metrics import Counters

log = structlog.get_logger()

LOOK_SECONDS = 10.0

Gauges = dict[str, float]
Extra = Callable[[], Awaitable[dict[str, Any]]]
"""What only this service can tell."""

Measure = Callable[[], Awaitable[tuple[Gauges, dict[str, Any]]]]


def gauge_reader(journal: Journal, parked: Parked, listener: Listener, gate: Gate, extra: Extra | None) -> Measure:
    """The numbers, and whatever else only this service can tell. Raises ``MongoUnavailable``."""

    async def measure() -> tuple[Gauges, dict[str, Any]]:
        unpublished, since = await journal.backlog()
        rows = await parked.by_reason()
        more = await extra() if extra else {}
        now = datetime.now(UTC)
        gauges = {
            "unpublished_commits": unpublished,
            "oldest_unpublished_seconds": _age(now, since),
            "parked_records": sum(number for number, _ in rows.values()),
            "stuck_records": sum(number for reason, (number, _) in rows.items() if reason in STUCK),
            "oldest_parked_seconds": max((_age(now, since) for _, since in rows.values()), default=0.0),
            "fork_records": rows.get(FORK, (0, None))[0],
            "oldest_gap_seconds": _age(now, rows.get(GAP, (0, None))[1]),
            "consumer_lag": sum((await listener.lag()).values()),
            "consumer_standing_seconds": _since(gate.reading.standing_since),
            "failing_batch_seconds": _since(listener.failing_since),
            "kafka_unreachable_seconds": _since(gate.unreachable_since),
            "histories_differ": len(gate.found.sentences()),
            "ambiguous_mails": more.get("ambiguous_mails", 0),
        }
        return {name: float(value) for name, value in gauges.items()}, more

    return measure


LIMITS: Mapping[str, float] = {
    "oldest_unpublished_seconds": 60,
    "stuck_records": 0,
    "fork_records": 0,
    "oldest_gap_seconds": 60,
    "consumer_lag": 10_000,
    "consumer_standing_seconds": 60,
    "failing_batch_seconds": 30,
    "kafka_unreachable_seconds": 60,
    "histories_differ": 0,
}
"""Above its limit a number is an alarm: one log line when it is raised, one when it is over."""

RISING = frozenset({"ambiguous_mails"})
"""These never fall; an alarm is each rise."""


class Alarms:
    """Remembers what was raised, so that each alarm is one line and not one every ten seconds."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._raised: set[str] = set()
        self._seen: Gauges = {}

    def judge(self, gauges: Gauges) -> None:
        for name, limit in LIMITS.items():
            self._level(name, gauges[name], limit)
        for name in RISING:
            if gauges[name] > self._seen.get(name, 0.0):
                log.error("alarm", alarm=name, value=gauges[name])
        self._seen = gauges

    def _level(self, name: str, value: float, limit: float) -> None:
        above = value > limit
        if above and name not in self._raised:
            log.error("alarm raised", alarm=name, value=value, limit=limit)
        elif not above and name in self._raised:
            log.info("alarm over", alarm=name)
        self._raised = self._raised | {name} if above else self._raised - {name}
        self._counters.alarm(name, above)


async def watch(measure: Measure, counters: Counters, sweep: Callable[[], Awaitable[None]]) -> None:
    """Looks every few seconds, whether anybody asks or not. ``sweep`` removes parked rows that are over."""
    alarms = Alarms(counters)
    while True:
        try:
            gauges, _ = await measure()
            if gauges["parked_records"]:
                await sweep()
        except MongoUnavailable as error:
            log.error("database is unreachable", error=type(error).__name__)
        else:
            counters.show(gauges)
            alarms.judge(gauges)
        await asyncio.sleep(LOOK_SECONDS)


def _age(now: datetime, since: datetime | None) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def _since(moment: float | None) -> float:
    return time.monotonic() - moment if moment is not None else 0.0
