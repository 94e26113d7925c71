"""Tells a page that something has happened (server-sent events), so that it looks again: no more than that it has."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from services.office import queries
from services.office.desk.paper import HEADERS
from services.office.desk.visit import Visit

LOOK_SECONDS, FOR_SECONDS = 1.0, 60.0
"""A browser comes again by itself after a minute, and is asked anew who it is."""


async def live(visit: Visit) -> Response:
    return StreamingResponse(_told(visit), headers=HEADERS, media_type="text/event-stream")


async def _told(visit: Visit) -> AsyncIterator[str]:
    ends, last = time.monotonic() + FOR_SECONDS, await _newest(visit)
    yield "retry: 2000\n\n"
    while time.monotonic() < ends:
        await asyncio.sleep(LOOK_SECONDS)
        if (newest := await _newest(visit)) != last:
            last = newest
            yield "data: changed\n\n"


async def _newest(visit: Visit) -> str:
    found = await queries.lately(visit.desk.projections, {"conference": visit.conference}, limit=1)
    return found[0]["_id"] if found else ""
