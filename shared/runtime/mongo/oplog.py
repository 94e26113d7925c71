"""How far back MongoDB's oplog reaches: what was erased stands there as it was written, until it makes way.

It has a size and no upper time. So the time follows from the size and from how little is ever written: a server that
has nothing to do writes a note of some 100 bytes every ``periodicNoopIntervalSecs``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf

from shared.runtime.mongo.driver import ASCENDING, Database, OperationFailure

MEGABYTES = 128
NOTE_SECONDS = 2
NOTE_BYTES = 100
"""At least; measured are 103."""

REACHES_DAYS = 35
"""At most; more is an alarm. By size: 31 days, and a tenth more until the oldest part makes way."""

UNAUTHORIZED = 13


async def reaches_back(database: Database) -> float:
    """Age of the oldest entry in seconds; endless where the account may not read it. Raises ``MongoUnavailable``."""
    try:
        oldest = await database.client["local"]["oplog.rs"].find_one(sort=[("$natural", ASCENDING)])
    except OperationFailure as failure:
        if failure.code != UNAUTHORIZED:
            raise
        return inf
    return max(0.0, (datetime.now(UTC) - oldest["ts"].as_datetime()).total_seconds()) if oldest else 0.0
