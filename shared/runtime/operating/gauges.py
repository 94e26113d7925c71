"""The health of a process in numbers, and the alarms for some of them.

Each number is a gauge of the same name after ``kpk_``; docs/operations.md says what it means and what to do.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from shared.runtime.commands.journal import Journal
from shared.runtime.delivery.listener import Listener
from shared.runtime.delivery.parked import FORK, GAP, STUCK, Parked
from shared.runtime.history.gate import Gate
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.alarms import Alarms
from shared.runtime.observing.metrics import Counters
from shared.runtime.operating.limits import LIMITS, RISING

log = structlog.get_logger()

LOOK_SECONDS = 10.0

Gauges = dict[str, float]
Extra = Callable[[], Awaitable[dict[str, Any]]]
"""Gauges that only this service has."""

OF_MAILS = ("ambiguous_mails", "waiting_mails", "oldest_waiting_mail_seconds", "mail_pause_seconds")
"""Set by the service that sends mails; 0 in the others."""

Measure = Callable[[], Awaitable[tuple[Gauges, dict[str, Any]]]]


def gauge_reader(
    journal: Journal,
    parked: Parked,
    listener: Listener,
    gate: Gate,
    disk_folder: Path,
    of_database: Callable[[], Awaitable[Gauges]],
    open_points: Callable[[], Awaitable[int]],
    extra: Extra | None,
) -> Measure:
    """All gauges, with those that only this service has. Raises ``MongoUnavailable``."""

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
            **await of_database(),
            "open_points": await open_points(),
            "disk_used_percent": disk_used_percent(disk_folder),
            **{name: more.get(name, 0) for name in OF_MAILS},
        }
        return {name: float(value) for name, value in gauges.items()}, more

    return measure


class Judge:
    """Turns numbers into alarms."""

    def __init__(self, alarms: Alarms) -> None:
        self._alarms = alarms
        self._seen: Gauges = {}

    def judge(self, gauges: Gauges) -> None:
        for name, (limit, sentence) in LIMITS.items():
            self._alarms.tell(name, sentence if gauges[name] > limit else None, value=gauges[name], limit=limit)
        for name in RISING:
            if gauges[name] > self._seen.get(name, 0.0):
                log.error("alarm", alarm=name, value=gauges[name])
        self._seen = gauges


async def watch(measure: Measure, counters: Counters, alarms: Alarms, sweep: Callable[[], Awaitable[None]]) -> None:
    """Looks every few seconds. ``sweep`` removes parked rows that are over."""
    judge = Judge(alarms)
    while True:
        try:
            gauges, _ = await measure()
            if gauges["parked_records"]:
                await sweep()
        except MongoUnavailable as error:
            log.error("database is unreachable", error=type(error).__name__)
        else:
            counters.show(gauges)
            judge.judge(gauges)
        await asyncio.sleep(LOOK_SECONDS)


def disk_used_percent(folder: Path) -> float:
    """As df(1) counts, of the space that is not reserved for root."""
    usage = shutil.disk_usage(folder)
    return 100.0 * usage.used / (usage.used + usage.free)


def _age(now: datetime, since: datetime | None) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def _since(moment: float | None) -> float:
    return time.monotonic() - moment if moment is not None else 0.0
