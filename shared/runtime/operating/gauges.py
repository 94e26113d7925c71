"""What a process can tell of its health in numbers.

Each number is a gauge of the same name after ``kpk_``; docs/operations.md says what it means and what to do.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from shared.runtime.commands.journal import Journal
from shared.runtime.delivery.listener import Listener
from shared.runtime.delivery.parked import FORK, GAP, STUCK, Parked
from shared.runtime.history.gate import Gate

Gauges = dict[str, float]
Extra = Callable[[], Awaitable[dict[str, Any]]]
"""What only this service can tell."""

Measure = Callable[[], Awaitable[tuple[Gauges, dict[str, Any]]]]


def measuring(journal: Journal, parked: Parked, listener: Listener, gate: Gate, extra: Extra | None) -> Measure:
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


def _age(now: datetime, since: datetime | None) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def _since(moment: float | None) -> float:
    return time.monotonic() - moment if moment is not None else 0.0
