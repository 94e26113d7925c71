"""How far back MongoDB's oplog reaches: erased data stay in it, as they were written, until they are overwritten.

The oplog has a maximum size and no maximum age. So its age depends on its size and on the least amount of writes: an
idle server writes a note of some 100 bytes every ``periodicNoopIntervalSecs``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf

from shared.runtime.mongo.driver import UNAUTHORIZED, Database, OperationFailure

MEGABYTES = 128
NOTE_SECONDS = 2
NOTE_BYTES = 100
"""The minimum; measured are 103."""

REACHES_DAYS = 35
"""The maximum; more is an alarm. By size: 31 days, and a tenth more until the oldest part is removed."""


async def reaches_back(database: Database) -> float:
    """Age of the oldest entry in seconds, from the server's own figures, without reading the entries.

    Infinite if the account may not ask. Raises ``MongoUnavailable``.
    """
    try:
        told = await database.client["admin"].command("serverStatus", oplog=1, metrics=0, locks=0, wiredTiger=0)
    except OperationFailure as failure:
        if failure.code != UNAUTHORIZED:
            raise
        return inf
    oldest = told["oplog"]["earliestOptime"]
    return max(0.0, datetime.now(UTC).timestamp() - float(oldest.time))
