"""Projections in MongoDB: each touched document written once for a batch, guarded by the sequence that was read.

A document carries the sequence of the last event folded into it. A write whose document has moved on meanwhile misses:
another worker owns the stream now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.declarations.projection import Document, Projection
from shared.runtime.delivery.guarded_writes import Change, write_guarded
from shared.runtime.mongo.driver import Collection, Database, add_index, aggregate

LIVE = "view"
"""What the collections of live projections are called before their names; older than the word projection here."""


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
                await add_index(self.collection(projection), [fields])

    async def load(self, projection: Projection, keys: Sequence[str]) -> dict[str, Document]:
        found = self.collection(projection).find({"_id": {"$in": list(keys)}})
        return {document["_id"]: document async for document in found}

    async def write(self, projection: Projection, changed: Iterable[Change]) -> None:
        """Writes documents that were read at the given sequences (None: not there). Raises ``Superseded``."""
        await write_guarded(self.collection(projection), changed, "sequence")

    async def find(
        self, projection: Projection, where: Mapping[str, Any], sort: str = "_id", limit: int = 1000
    ) -> list[Document]:
        found = self.collection(projection).find(dict(where)).sort(sort, 1).limit(limit)
        return [document async for document in found]

    async def get(self, projection: Projection, key: str) -> Document | None:
        return await self.collection(projection).find_one({"_id": key})

    async def count_by(self, projection: Projection, field: str) -> dict[str, int]:
        """How many documents have each value of a field."""
        groups = aggregate(self.collection(projection), {"$group": {"_id": f"${field}", "n": {"$sum": 1}}})
        return {str(group["_id"]): group["n"] async for group in groups}
