"""The route of the feed: its roles and the form of its answers."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Annotated, Any, get_args

import orjson
from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import StringConstraints

from shared.runtime.http.access import caller_now
from shared.runtime.http.app import Shown
from shared.runtime.http.callers import Caller, CallerRole
from shared.runtime.http.requests import Conference, allowed, must_act_for
from shared.runtime.publishing.feed import Asked, Feed

MOST_WAIT, MOST_ITEMS, MOST_TYPES = 25, 500, 50

PublicType = Annotated[
    str, StringConstraints(pattern=r"^kpk\.[a-z]+\.public\.[A-Za-z]+\.v[1-9][0-9]*$", max_length=120)
]
Everybody = Annotated[Caller, allowed(*get_args(CallerRole))]
"""Whoever has an account: nothing of it is about a person."""


class PublicEventShown(Shown):
    """CloudEvents 1.0 in its JSON format; ``previous`` is the sequence of the public event before it, or 0."""

    id: str
    type: str
    source: str
    subject: str
    time: str
    sequence: str
    previous: str
    conference: str
    data: dict[str, Any]


class FeedPage(Shown):
    """``next`` is ``after`` of the next question. ``more``: ask at once, there may be more already."""

    items: list[PublicEventShown]
    next: str
    more: bool


def feed_router(feed: Feed) -> APIRouter:
    router = APIRouter()

    @router.get(
        "/feed",
        response_model=FeedPage,
        responses={304: {"description": "Not Modified"}, 410: {"description": "Gone: begin without after"}},
    )
    async def read(
        request: Request,
        caller: Everybody,
        conference: Conference,
        after: Annotated[str | None, Query(max_length=400)] = None,
        types: Annotated[list[PublicType] | None, Query(max_length=MOST_TYPES)] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_ITEMS)] = 100,
        wait: Annotated[int, Query(ge=0, le=MOST_WAIT, description="Sekunden")] = 0,
        if_none_match: Annotated[str | None, Header(max_length=400)] = None,
    ) -> Response:
        must_act_for(caller, conference)
        page = await feed.page(Asked(conference, after, frozenset(types or ()), limit, wait))
        # whose token has ended while they waited hears nothing more
        must_act_for(await caller_now(request), conference)
        body = orjson.dumps(asdict(page))
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if if_none_match == tag:
            return Response(status_code=304, headers={"ETag": tag})
        return Response(body, headers={"ETag": tag}, media_type="application/json")

    return router
