"""Signs by which a fault knows that the installation goes on, or stands still where it has to."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from tests.campaign.evidence import SERVICES
from tests.campaign.fault import Site
from tests.campaign.mongo_dump import Database, connect, unpublished

AT_MOST_WAITING = 5.0
"""Seconds that the oldest unpublished commit may be old while the relays keep up with the load."""
RESUMED_WITHIN = 60.0


async def published(site: Site) -> dict[str, int]:
    """How many commits of each journal do not wait for the relay; asked of the database itself."""
    return await asyncio.to_thread(_published, site.world.mongo_uri)


def _published(uri: str) -> dict[str, int]:
    with connect(uri) as client:
        return {name: _number_published(client[f"kpk_{name}"]) for name in SERVICES}


def _number_published(kept: Database) -> int:
    """Both numbers are of one moment if no commit came between them."""
    journal = kept["journal"]
    while True:
        before, waiting = journal.count_documents({}), len(unpublished(kept))
        if journal.count_documents({}) == before:
            return before - waiting


async def mails(site: Site, **like: object) -> int:
    """How many mails are so, by the fields of the projection that the sender works from."""
    return await asyncio.to_thread(_mails, site.world.mongo_uri, like)


def _mails(uri: str, like: Mapping[str, object]) -> int:
    with connect(uri) as client:
        return client["kpk_notifications"]["view_mails"].count_documents(like)


async def relays_keep_up(site: Site, within: float = RESUMED_WITHIN) -> None:
    """Until no relay has anything old to publish."""

    async def nothing_old() -> bool:
        told = [await site.ask(name, "GET", "/status", by="monitor") for name in SERVICES]
        return all(one["ready"] and one["oldest_unpublished_seconds"] < AT_MOST_WAITING for one in told)

    await site.until(nothing_old, "every relay keeps up", within)


async def nothing_is_published(site: Site, seconds: float) -> None:
    """For so long no commit of any service is marked, although commands are accepted meanwhile.

    What was acknowledged at the last moment before is marked a moment later.
    """
    await site.accepted(20)
    before = await published(site)
    await site.accepted(20)
    await site.last(seconds)
    after = await published(site)
    assert after == before, f"marked as published without an acknowledgement: {before} became {after}"
