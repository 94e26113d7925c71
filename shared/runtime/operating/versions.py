"""The version by which each live projection was built. A worker with another version rebuilds it first.

It does so beside the live collection and before it listens. Nobody else of its group may listen meanwhile: one worker
holds a lease, the others wait. A projection that is new to a service is rebuilt too, from the beginning of its
topics.

A worker that takes a lease looks for members of the group afterwards. A worker that has joined the group looks for
leases afterwards (``admit``). So if one rebuilds and another wants to listen, one of them always sees the other.
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
from shared.kernel.rejections import Rejected
from shared.runtime.delivery.stores import LIVE
from shared.runtime.history.gate import HistoriesDiffer
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.reader import KafkaUnreadable
from shared.runtime.kafka.topics import has_members
from shared.runtime.mongo.driver import Collection, Database, Document, MongoUnavailable, UpdateOne
from shared.runtime.observing.alarms import Alarms
from shared.runtime.operating.rebuild import Rebuilding, TopicsIncomplete

log = structlog.get_logger()

VERSIONS = "projection_versions"

LEASE = timedelta(seconds=30)
LOOK_SECONDS = 1.0
INCOMPLETE_SECONDS = 15.0
"""Seconds until incomplete topics are read again: an operator has to fill them first."""

NOT_REBUILT = "not_rebuilt"
NEVER_FOLDED, BEFORE_VERSIONS = 0, 1
FREE: Document = {"leased_until": datetime.fromtimestamp(0, UTC), "leased_by": None}


class OtherVersions(Rejected):
    """Die Projektionen dieses Dienstes gehören gerade einer anderen Programmfassung."""


class LeaseLost(Exception):
    """The lease ended before it was renewed: another worker may have taken over."""


TRANSIENT = (MongoUnavailable, KafkaError, KafkaUnreadable, HistoriesDiffer, LeaseLost)


class Versions:
    """One document for each projection: ``{_id, version, leased_until, leased_by}``."""

    def __init__(
        self, collection: Collection, service: Service, kafka: KafkaAccess, rebuilding: Rebuilding, alarms: Alarms
    ) -> None:
        self._collection = collection
        self._service = service
        self._kafka = kafka
        self._rebuilding = rebuilding
        self._alarms = alarms
        self._me = str(uuid4())

    async def note(self, database: Database, has_run_before: bool) -> None:
        """Earlier notes stay. Called before any index is made: an existing collection was folded before."""
        noted = [one["_id"] async for one in self._collection.find({})]
        new = [one for one in self._service.projections if one.name not in noted]
        there = await database.list_collection_names() if has_run_before and new and not noted else []
        writes = []
        for one in new:
            folded = BEFORE_VERSIONS if f"{LIVE}_{one.name}" in there else NEVER_FOLDED
            version = folded if has_run_before else one.version
            writes.append(UpdateOne({"_id": one.name}, {"$setOnInsert": {"version": version, **FREE}}, upsert=True))
        if writes:
            await self._collection.bulk_write(writes, ordered=False)

    async def outdated(self) -> str | None:
        """A projection whose live collection was folded by another version."""
        declared = {one.name: one.version for one in self._service.projections}
        async for found in self._collection.find({}):
            if found["version"] != declared.pop(found["_id"], found["version"]):
                return str(found["_id"])
        return next(iter(declared), None)

    async def bring_up_to_date(self) -> None:
        """Returns when every projection has its declared version, however long servers or other workers take."""
        for one in self._service.projections:
            while not await self._is_up_to_date(one):
                await asyncio.sleep(LOOK_SECONDS)
        self._alarms.tell(NOT_REBUILT, None)

    async def admit(self) -> None:
        """Called by a worker of the group before it delivers anything. Raises ``OtherVersions``.

        A projection that this worker does not declare misses its deliveries: a version that declares it has to rebuild
        it.
        """
        declared, others = {one.name: one.version for one in self._service.projections}, []
        async for found in self._collection.find({}):
            if not self._may_lease(found) or found["version"] != declared.get(found["_id"], found["version"]):
                raise OtherVersions
            if found["_id"] not in declared and found["version"] != NEVER_FOLDED:
                others.append(found["_id"])
        if others:
            await self._collection.update_many({"_id": {"$in": others}}, {"$set": {"version": NEVER_FOLDED}})

    async def _is_up_to_date(self, one: Projection) -> bool:
        try:
            found = await self._collection.find_one({"_id": one.name})
            assert found, "it is noted before"
            if not self._may_lease(found):
                return False
            if found["version"] == one.version:
                return True
            if not await self._is_listened_to(one) and await self._take_lease(found):
                async with self._renewing(one):
                    return await self._rebuild(one)
        except TopicsIncomplete as missing:
            sentence = f"projection {one.name} stays as it is, a topic lacks events: kpk republish its service"
            self._alarms.tell(NOT_REBUILT, sentence, streams=missing.facts["number"])
            await asyncio.sleep(INCOMPLETE_SECONDS)
        except TRANSIENT as error:
            log.warning("projection versions wait", projection=one.name, error=type(error).__name__)
        return False

    async def _is_listened_to(self, one: Projection) -> bool:
        if listened_to := await has_members(self._kafka, self._service.name):
            log.warning("projection has another version, other workers listen still", projection=one.name)
        return listened_to

    async def _rebuild(self, one: Projection) -> bool:
        if await self._is_listened_to(one):
            return False
        done = await self._rebuilding.rebuild(one, lambda: self._keep_lease(one))
        await self._keep_lease(one, version=one.version)
        log.info("projection rebuilt", projection=one.name, version=one.version, **done)
        return True

    def _may_lease(self, found: Document) -> bool:
        return bool(found["leased_by"] == self._me or found["leased_until"] < datetime.now(UTC))

    async def _take_lease(self, found: Document) -> bool:
        """Only if it is unchanged: a faster worker may have rebuilt the projection."""
        ours = {"leased_until": datetime.now(UTC) + LEASE, "leased_by": self._me}
        return bool((await self._collection.update_one(found, {"$set": ours})).matched_count)

    async def _keep_lease(self, one: Projection, **more: int) -> None:
        """Raises ``LeaseLost``."""
        now = datetime.now(UTC)
        ours = {"_id": one.name, "leased_by": self._me, "leased_until": {"$gte": now}}
        done = await self._collection.update_one(ours, {"$set": {"leased_until": now + LEASE, **more}})
        if not done.matched_count:
            raise LeaseLost

    @asynccontextmanager
    async def _renewing(self, one: Projection) -> AsyncIterator[None]:
        renewing = asyncio.create_task(self._renew(one))
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.wait({renewing})
            with suppress(MongoUnavailable):
                await self._collection.update_one({"_id": one.name, "leased_by": self._me}, {"$set": FREE})

    async def _renew(self, one: Projection) -> None:
        with suppress(LeaseLost):
            while True:
                await asyncio.sleep(LEASE.total_seconds() / 3)
                with suppress(MongoUnavailable):
                    await self._keep_lease(one)
