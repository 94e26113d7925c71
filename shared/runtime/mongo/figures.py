"""What the database says of itself, for the gauges: the reach of its oplog, and how its clock differs from ours."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.runtime.mongo.driver import Database
from shared.runtime.mongo.oplog import age_of_oldest, status_of


async def figures_of(database: Database) -> dict[str, float]:
    """By the names of the gauges, from one answer. Raises ``MongoUnavailable``.

    Asking takes time, and the server's clock was read at some moment in it: so the difference is the least possible.
    """
    asked = datetime.now(UTC)
    status = await status_of(database)
    answered = datetime.now(UTC)
    server = status["localTime"].replace(tzinfo=UTC) if status else answered
    return {
        "oplog_age_seconds": age_of_oldest(status, answered),
        "clock_off_seconds": seconds_outside(server, asked, answered),
    }


def seconds_outside(moment: datetime, first: datetime, last: datetime) -> float:
    """How far a moment is from a span of time; 0 within it."""
    return max(0.0, (first - moment).total_seconds(), (moment - last).total_seconds())
