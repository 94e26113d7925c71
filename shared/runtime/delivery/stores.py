"""Storage of delivery in MongoDB: projections and positions, each written only if nobody else has written since.

A document contains the sequence of the last event folded into it, a position the number of its writes. A write fails if
the stored document is newer: another worker owns the stream now.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from shared.declarations.projection import Document, Projection
from shared.kernel.time import iso
from shared.runtime.mongo.driver import (
    BulkWriteError,
    Collection,
    Database,
    InsertOne,
    ReplaceOne,
    add_index,
    aggregate,
    duplicates_only,
)

LIVE = "view"
"""The prefix of live projections' collections; it is older than the word projection here."""

POSITIONS = "positions"

Change = tuple[Document, int | None]
"""A document, and its guard's value when it was read (None: there was no document)."""


class Superseded(Exception):
    """Another process wrote first. Nothing is lost: the batch is read again."""


async def write_guarded(collection: Collection, changes: Iterable[Change], guard: str) -> None:
    """Writes each document once; every write changes the field named by ``guard``. Raises ``Superseded``."""
    writes = [_guarded(document, read, guard) for document, read in changes]
    if not writes:
        return
    try:
        done = await collection.bulk_write(writes, ordered=False)
    except BulkWriteError as error:
        if duplicates_only(error):
            raise Superseded from None
        raise
    if done.inserted_count + done.matched_count < len(writes):
        raise Superseded


def _guarded(document: Document, read: int | None, guard: str) -> InsertOne[Document] | ReplaceOne[Document]:
    if read is None:
        return InsertOne(document)
    return ReplaceOne({"_id": document["_id"], guard: read}, document)


def in_streams(streams: Sequence[str]) -> Mapping[str, str]:
    """The filter for streams, or for all streams of a kind, as ``stuttgart/seat-group/``."""
    return {"$regex": f"^({'|'.join(stream if stream.endswith('/') else f'{stream}$' for stream in streams)})"}


class ProjectionStore:
    """One service's projections."""

    def __init__(self, database: Database, projections: Sequence[Projection], prefix: str = LIVE) -> None:
        self._database = database
        self._prefix = prefix
        self.projections = tuple(projections)

    def collection(self, projection: Projection) -> Collection:
        return self._database[f"{self._prefix}_{projection.name}"]

    async def prepare(self) -> None:
        for projection in self.projections:
            for fields in ("conference", *projection.indexes):
                await add_index(self.collection(projection), fields.split())

    async def load(self, projection: Projection, keys: Sequence[str]) -> dict[str, Document]:
        found = self.collection(projection).find({"_id": {"$in": list(keys)}})
        return {document["_id"]: document async for document in found}

    async def write(self, projection: Projection, changed: Iterable[Change]) -> None:
        """Writes documents that were read at the given sequences (None: not there). Raises ``Superseded``."""
        await write_guarded(self.collection(projection), changed, "sequence")

    async def find(
        self, projection: Projection, where: Mapping[str, Any], sort: str = "_id", limit: int | None = None
    ) -> list[Document]:
        """All of them, or only the first ones up to a limit."""
        found = self.collection(projection).find(dict(where))
        if limit or sort != "_id":
            return [document async for document in found.sort(sort, 1).limit(limit or 0)]
        # Sorted by id here: the server might use its index of all ids to the end, to avoid sorting.
        return sorted([document async for document in found], key=itemgetter("_id"))

    async def last(self, projection: Projection, where: Mapping[str, Any], sort: str, limit: int) -> list[Document]:
        """The last ones up to a limit, newest first; several fields are separated by a blank, as ``"at _id"``."""
        found = self.collection(projection).find(dict(where)).sort([(one, -1) for one in sort.split()]).limit(limit)
        return [document async for document in found]

    async def first_after(self, projection: Projection, field: str, moment: datetime) -> datetime | None:
        """The earliest value of a field after this moment."""
        found = await self.find(projection, {field: {"$gt": iso(moment)}}, sort=field, limit=1)
        return datetime.fromisoformat(found[0][field]) if found else None

    async def get(self, projection: Projection, key: str) -> Document | None:
        return await self.collection(projection).find_one({"_id": key})

    async def count(self, projection: Projection, where: Mapping[str, Any], most: int | None = None) -> int:
        """How many there are, counted up to ``most``."""
        until: dict[str, Any] = {"limit": most} if most else {}
        return await self.collection(projection).count_documents(dict(where), **until)

    async def lowest(self, projection: Projection, field: str, where: Mapping[str, Any]) -> Any:
        """The lowest value of a field; None without documents."""
        least = {"$group": {"_id": None, "value": {"$min": f"${field}"}}}
        found = [one async for one in aggregate(self.collection(projection), {"$match": dict(where)}, least)]
        return found[0]["value"] if found else None

    async def count_by(
        self, projection: Projection, *fields: str, where: Mapping[str, Any] | None = None
    ) -> dict[tuple[Any, ...], int]:
        """The number of documents for each combination of values of these fields."""
        same = {"$group": {"_id": [f"${field}" for field in fields], "n": {"$sum": 1}}}
        groups = aggregate(self.collection(projection), {"$match": dict(where or {})}, same)
        return {tuple(group["_id"]): group["n"] async for group in groups}


class Positions:
    """A service's position in every stream: last sequence, its event's id, and whether the stream is held up.

    ``turn`` counts a position's writes, so that an earlier reader also notices a write that only parked something.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def any(self) -> bool:
        """Whether the service has ever taken an event."""
        return await self._collection.find_one({}) is not None

    async def count(self) -> int:
        """The number of streams with a position."""
        return await self._collection.count_documents({"last": {"$gt": 0}})

    async def load(self, streams: Sequence[str]) -> dict[str, Document]:
        found = self._collection.find({"_id": {"$in": list(streams)}})
        return {document["_id"]: document async for document in found}

    async def of(self, streams: Sequence[str]) -> dict[str, Document]:
        """Also of all streams of a kind, as ``stuttgart/seat-group/``."""
        found = self._collection.find({"_id": in_streams(streams)})
        return {document["_id"]: document async for document in found}

    async def advance(self, moves: Iterable[Change]) -> None:
        """Each with the turn that was read (None: no position). Raises ``Superseded`` if another worker wrote."""
        written = [({**position, "turn": (read or 0) + 1}, read) for position, read in moves]
        await write_guarded(self._collection, written, "turn")

    async def reached(self, stream: str, sequence: int, within: float) -> bool:
        """Waits until the stream's event ``sequence`` is in the projections, at most ``within`` seconds."""
        ends = time.monotonic() + within
        while True:
            position = await self._collection.find_one({"_id": stream})
            if position and position["last"] >= sequence:
                return True
            if time.monotonic() >= ends:
                return False
            await asyncio.sleep(0.02)
