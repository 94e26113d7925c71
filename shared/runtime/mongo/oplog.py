"""How far back MongoDB's oplog reaches: erased data stay in it, as they were written, until they are overwritten.

The oplog has a maximum size and no maximum age. So its age depends on its size and on the least amount of writes: an
idle server writes a note of some 100 bytes every ``periodicNoopIntervalSecs``.
"""

from __future__ import annotations

from datetime import datetime
from math import inf

from shared.runtime.mongo.driver import UNAUTHORIZED, Database, Document, OperationFailure

MEGABYTES = 128
NOTE_SECONDS = 2
NOTE_BYTES = 100
"""The minimum; measured are 103."""

REACHES_DAYS = 35
"""The maximum; more is an alarm. By size: 31 days, and a tenth more until the oldest part is removed."""


async def status_of(database: Database) -> Document | None:
    """The server's own figures; None if the account may not ask. Raises ``MongoUnavailable``."""
    try:
        told: Document = await database.client["admin"].command(
            "serverStatus", oplog=1, metrics=0, locks=0, wiredTiger=0
        )
    except OperationFailure as failure:
        if failure.code != UNAUTHORIZED:
            raise
        return None
    return told


def age_of_oldest(status: Document | None, now: datetime) -> float:
    """In seconds, without reading the oplog's entries; infinite without a status."""
    return inf if status is None else max(0.0, now.timestamp() - float(status["oplog"]["earliestOptime"].time))
