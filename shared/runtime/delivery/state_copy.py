"""State topics, on the reader's side: the newest version of each key wins; holes are normal on a compacted topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from shared.kernel.values import Value
from shared.runtime.mongo.driver import BulkWriteError, Collection, UpdateOne, duplicates_only

State = tuple[str, int, Any]
"""Key, version and details (None: gone)."""


class HearsStates(Protocol):
    async def hear(self, states: Sequence[State]) -> None:
        """As they arrived, in order. May be repeated."""
        ...


class StateCopy:
    """One document a key: ``{_id, version, details | null}``."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def hear(self, states: Sequence[State]) -> None:
        newest: dict[str, tuple[int, Value | None]] = {}
        for key, version, details in states:
            if version > newest.get(key, (0, None))[0]:
                newest[key] = (version, details)
        try:
            await self._write(newest, upsert=True)
        except BulkWriteError as error:
            if not duplicates_only(error):
                raise
            await self._write(newest, upsert=False)

    async def told_of(self) -> dict[str, int]:
        """The keys that are not gone, each with its version."""
        found = self._collection.find({"details": {"$ne": None}}, {"version": True})
        return {document["_id"]: document["version"] async for document in found}

    async def forget(self, key: str, version: int) -> None:
        """As if nothing had ever arrived about it; unless something newer has."""
        await self._collection.delete_one({"_id": key, "version": version})

    async def _write(self, newest: Mapping[str, tuple[int, Value | None]], upsert: bool) -> None:
        writes = [
            UpdateOne(
                {"_id": key, "version": {"$lt": version}},
                {"$set": {"version": version, "details": details and details.model_dump(mode="json")}},
                upsert=upsert,
            )
            for key, (version, details) in newest.items()
        ]
        if writes:
            await self._collection.bulk_write(writes, ordered=False)
