"""Views in MongoDB: folded in memory, each touched document written once per batch, guarded by the sequence read.

A document carries the sequence of the last event folded into it. An event at or below it is skipped, a write whose
document has moved on meanwhile misses and raises ``Superseded``: another worker owns the stream now.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.contracts.subscriptions import Delivered, Document, View
from shared.runtime.mongo import (
    BulkWriteError,
    Collection,
    Database,
    InsertOne,
    ReplaceOne,
    UpdateOne,
    add_index,
    duplicates_only,
)

POSITIONS = "positions"
Write = InsertOne[Document] | ReplaceOne[Document] | UpdateOne


class Superseded(Exception):
    """Somebody else wrote first. Nothing is lost: the batch is read again."""


class ViewStore:
    """One service's views and its positions, the last sequence applied of each stream."""

    def __init__(self, database: Database, views: Sequence[View], prefix: str = "view") -> None:
        self._database = database
        self._prefix = prefix
        self.views = tuple(views)
        self.positions = Positions(database[POSITIONS])

    def collection(self, view: View) -> Collection:
        return self._database[f"{self._prefix}_{view.name}"]

    async def prepare(self) -> None:
        for view in self.views:
            for fields in ("conference", *view.indexes):
                await add_index(self.collection(view), [fields])

    async def load(self, view: View, keys: Sequence[str]) -> dict[str, Document]:
        found = self.collection(view).find({"_id": {"$in": list(keys)}})
        return {document["_id"]: document async for document in found}

    async def write(self, view: View, changed: Iterable[tuple[Document, int | None]]) -> None:
        """Writes documents that were read at the given sequences (None: not there). Raises ``Superseded``."""
        await write_guarded(self.collection(view), [_guarded(*change) for change in changed])

    async def find(self, view: View, where: Mapping[str, Any], sort: str = "_id", limit: int = 1000) -> list[Document]:
        found = self.collection(view).find(dict(where)).sort(sort, 1).limit(limit)
        return [document async for document in found]

    async def get(self, view: View, key: str) -> Document | None:
        return await self.collection(view).find_one({"_id": key})

    async def count_by(self, view: View, field: str) -> dict[str, int]:
        """How many documents have each value of a field."""
        groups = self.collection(view).aggregate([{"$group": {"_id": f"${field}", "n": {"$sum": 1}}}])
        return {str(group["_id"]): group["n"] async for group in groups}


class Positions:
    """Where a service stands in every stream: last sequence, its event's id, and whether the stream is held up.

    ``turn`` counts the writes, so that one that only parked something is seen by whoever read before it.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def load(self, streams: Sequence[str]) -> dict[str, Document]:
        found = self._collection.find({"_id": {"$in": list(streams)}})
        return {document["_id"]: document async for document in found}

    async def advance(self, moves: Iterable[tuple[Document, int | None]]) -> None:
        """Each with the turn that was read (None: no such stream). Raises ``Superseded`` when another worker wrote."""
        written = [({**position, "turn": (read or 0) + 1}, read) for position, read in moves]
        await write_guarded(self._collection, [_guarded(position, read, "turn") for position, read in written])

    async def reached(self, stream: str, sequence: int, within: float) -> bool:
        """Waits until the stream's event ``sequence`` is in the views, at most ``within`` seconds."""
        ends = time.monotonic() + within
        while True:
            position = await self._collection.find_one({"_id": stream})
            if position and position["last"] >= sequence:
                return True
            if time.monotonic() >= ends:
                return False
            await asyncio.sleep(0.02)


def fold(view: View, document: Document | None, key: str, delivered: Delivered) -> Document | None:
    """The document after the event, or None when it has been folded into it before."""
    envelope = delivered.envelope
    if document and document["sequence"] >= envelope.sequence:
        return None
    return {
        **view.fold(document, delivered),
        "_id": key,
        "conference": envelope.conference,
        "stream": envelope.stream,
        "sequence": envelope.sequence,
    }


def _guarded(document: Document, read: int | None, guard: str = "sequence") -> Write:
    if read is None:
        return InsertOne(document)
    return ReplaceOne({"_id": document["_id"], guard: read}, document)


async def write_guarded(collection: Collection, writes: Sequence[Write]) -> None:
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
