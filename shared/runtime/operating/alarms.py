"""The numbers at which somebody should look: one log line when an alarm is raised, one when it is over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.metrics import Counters
from shared.runtime.operating.gauges import Gauges, Measure

log = structlog.get_logger()

LOOK_SECONDS = 10.0

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
