"""Tells a page that something has happened (server-sent events), so that it looks again: no more than that it has."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.responses import Response, StreamingResponse

from services.office.desk.news import ActsFor, News
from services.office.desk.paper import HEADERS
from services.office.desk.visit import Visit

FOR_SECONDS = 60.0
"""Seconds until a browser connects again by itself and is checked anew. A visitor without a valid login gets nothing
more.
"""


async def live(visit: Visit) -> Response:
    """News of one conference; on the operator's pages of all conferences for which the visitor acts."""
    mine = visit.conference.__eq__ if visit.conference else visit.caller.acts_for
    lines = _lines(visit.desk.news, mine, visit.is_still_in)
    return StreamingResponse(lines, headers=HEADERS, media_type="text/event-stream")


async def _lines(news: News, concerns: ActsFor, is_still_in: Callable[[], Awaitable[bool]]) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    async for _ in news.told(concerns, FOR_SECONDS):
        if not await is_still_in():
            return
        yield "data: changed\n\n"
