"""Which version of each projection its live collection was folded by. A worker that finds another rebuilds it first.

It does so beside the live collection, before it listens, and while nobody else of its group does: one worker holds a
lease, the others wait. A projection that is new to a service is rebuilt too, from the beginning of its topics.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import structlog
from aiokafka.errors import KafkaError

from shared.declarations.projection import Projection
from shared.declarations.service import Service
from shared.runtime.delivery.projections import LIVE
from shared.runtime.kafka.reader import KafkaUnreadable
from shared.runtime.kafka.topics import has_members
from shared.runtime.mongo.driver import Collection, Database, MongoUnavailable, UpdateOne
from shared.runtime.operating.rebuild import Rebuilding

log = structlog.get_logger()

VERSIONS = "projection_versions"

LEASE = timedelta(seconds=30)
LOOK_SECONDS = 1.0
NEVER_FOLDED, BEFORE_VERSIONS = 0, 1


class Versions:
    """One document for each projection: ``{_id, version, leased_until, leased_by}``."""

    def __init__(self, collection: Collection, service: Service, bootstrap: str, rebuilding: Rebuilding) -> None:
        self._collection = collection
        self._service = service
        self._bootstrap = bootstrap
        self._rebuilding = rebuilding
        self._me = str(uuid4())

    async def note(self, database: Database, has_run_before: bool) -> None:
        """What is known stays. Before any index is made: a collection that is there by then was folded before."""
        noted = [one["_id"] async for one in self._collection.find({})]
        new = [one for one in self._service.projections if one.name not in noted]
        there = await database.list_collection_names() if has_run_before and new and not noted else []
        free = {"leased_until": datetime.fromtimestamp(0, UTC), "leased_by": None}
        writes = []
        for one in new:
            folded = BEFORE_VERSIONS if f"{LIVE}_{one.name}" in there else NEVER_FOLDED
            version = folded if has_run_before else one.version
            writes.append(UpdateOne({"_id": one.name}, {"$setOnInsert": {"version": version, **free}}, upsert=True))
        if writes:
            await self._collection.bulk_write(writes, ordered=False)

    async def bring_up_to_date(self) -> None:
        """Returns when every projection has its declared version, however long servers or other workers take."""
        for one in self._service.projections:
            while not await self._is_up_to_date(one):
                await asyncio.sleep(LOOK_SECONDS)

    async def _is_up_to_date(self, one: Projection) -> bool:
        try:
            if await self._version_of(one) == one.version:
                return True
            if await self._take_lease(one):
                async with self._leased(one):
                    await self._rebuild(one)
                return True
        except (MongoUnavailable, KafkaError, KafkaUnreadable) as error:
            log.warning("projection versions wait", projection=one.name, error=type(error).__name__)
        return False

    async def _rebuild(self, one: Projection) -> None:
        while await has_members(self._bootstrap, self._service.name):
            log.warning("projection has another version, other workers listen still", projection=one.name)
            await asyncio.sleep(LOOK_SECONDS)
        done = await self._rebuilding.rebuild(one)
        await self._collection.update_one({"_id": one.name}, {"$set": {"version": one.version}})
        log.info("projection rebuilt", projection=one.name, version=one.version, **done)

    async def _version_of(self, one: Projection) -> int:
        found = await self._collection.find_one({"_id": one.name})
        return int(found["version"]) if found else NEVER_FOLDED

    async def _take_lease(self, one: Projection) -> bool:
        now = datetime.now(UTC)
        done = await self._collection.update_one(
            {"_id": one.name, "leased_until": {"$lt": now}},
            {"$set": {"leased_until": now + LEASE, "leased_by": self._me}},
        )
        return bool(done.matched_count)

    @asynccontextmanager
    async def _leased(self, one: Projection) -> AsyncIterator[None]:
        renewing = asyncio.create_task(self._renew(one))
        try:
            yield
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
            await self._extend(one, timedelta())

    async def _renew(self, one: Projection) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            await self._extend(one, LEASE)

    async def _extend(self, one: Projection, by: timedelta) -> None:
        until = datetime.now(UTC) + by
        await self._collection.update_one({"_id": one.name, "leased_by": self._me}, {"$set": {"leased_until": until}})
