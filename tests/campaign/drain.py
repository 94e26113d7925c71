"""Waits, within bounds, until nothing is on its way: asked of broker and database, never of the services."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pymongo.errors import PyMongoError

from tests.campaign.evidence import HEARS, PEOPLE, SERVICES, TOPICS
from tests.campaign.kafka_dump import DumpFailed, committed, ends
from tests.campaign.mongo_dump import connect, unpublished
from tests.kit.confluent import At

BOUND_SECONDS = 120.0
PAUSE_SECONDS = 0.5
CALM_ROUNDS = 2
STILL_SECONDS = 2.0
PAST_AN_ATTEMPT = timedelta(minutes=11)
"""A sender that died leaves an attempt of ten minutes behind, and a mail that waits does so for the clock."""

Left = dict[str, int]


def left_over(bootstrap: At, mongo_uri: str) -> Left:
    """What waits, by kind; empty when nothing does. What cannot be asked counts as waiting; a mail that is held, which
    waits for the office, does not.
    """
    try:
        return {what: number for what, number in [*_unread(bootstrap), *_unwritten(mongo_uri)] if number}
    except (PyMongoError, DumpFailed) as error:
        return {f"unanswered: {error}": 1}


def _unread(bootstrap: At) -> Iterable[tuple[str, int]]:
    done = {group: committed(bootstrap, group) for group in HEARS}
    there = ends(bootstrap, TOPICS)
    for group, topics in HEARS.items():
        heard = [*topics, PEOPLE] if group == "notifications" else topics
        yield f"{group} unread", sum(end - done[group].get(at, 0) for at, end in there.items() if at[0] in heard)


def _unwritten(mongo_uri: str) -> Iterable[tuple[str, int]]:
    with connect(mongo_uri) as client:
        for service in SERVICES:
            yield f"{service} unpublished", len(unpublished(client[f"kpk_{service}"]))
        members, notifications = client["kpk_members"], client["kpk_notifications"]
        yield "people unpublished", members["people"].count_documents({"published": False})
        untold = {"$or": [{"announced": None}, {"corrected": {"$exists": True}}], "details": {"$ne": None}}
        yield "people untold", members["people"].count_documents(untold)
        erased = [row["_id"] for row in members["view_erased"].find({}, {"_id": True})]
        yield (
            "people to be erased",
            members["people"].count_documents({"_id": {"$in": erased}, "details": {"$ne": None}}),
        )
        waiting = {"not_before": {"$ne": None}, "state": {"$ne": "held"}}
        yield "mails", notifications["view_mails"].count_documents(waiting)


class Clocks:
    """The services' clocks, set forward together. ``urls`` are those of every process that runs."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._ahead = timedelta()

    async def advance(self, urls: Iterable[str], by: timedelta = PAST_AN_ATTEMPT) -> None:
        self._ahead += by
        now = (datetime.now(UTC) + self._ahead).isoformat(timespec="milliseconds")
        async with httpx.AsyncClient(trust_env=False, timeout=15) as client:
            for url in urls:
                headers = {"Authorization": f"Bearer {self._token}"}
                await client.put(f"{url}/admin/clock", json={"now": now}, headers=headers)


async def drained(
    bootstrap: At, mongo_uri: str, clocks: Clocks, urls: Iterable[str], within: float = BOUND_SECONDS
) -> Mapping[str, Any]:
    """``complete``, ``seconds`` and what is ``left``."""
    began, calm, urls = time.monotonic(), 0, list(urls)
    left, moved = Left(), began
    while calm < CALM_ROUNDS and time.monotonic() - began < within:
        before, left = left, await asyncio.to_thread(left_over, bootstrap, mongo_uri)
        calm = 0 if left else calm + 1
        moved = time.monotonic() if left != before else moved
        if left.keys() == {"mails"} and time.monotonic() - moved > STILL_SECONDS:
            await clocks.advance(urls)
            moved = time.monotonic()
        await asyncio.sleep(PAUSE_SECONDS)
    return {"complete": not left, "seconds": round(time.monotonic() - began, 1), "left": left}
