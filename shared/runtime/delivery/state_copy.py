"""State topics, on the reader's side: the newest version of each key wins; gaps are normal on a compacted topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

from shared.contracts.topics import MOST_AHEAD
from shared.kernel.values import Value
from shared.runtime.mongo.driver import BulkWriteError, Collection, Document, UpdateOne, duplicates_only

State = tuple[str, int, Any]
"""Key, version and details (None: gone)."""


class HearsStates(Protocol):
    async def refused(self, states: Sequence[State]) -> Sequence[int]:
        """The indexes of states that their owner cannot have published. Changes nothing."""
        ...

    async def hear(self, states: Sequence[State], refused: Sequence[State] = ()) -> None:
        """In order of arrival; ``refused`` come separately. May be repeated."""
        ...


class StateCopy:
    """One document for each key: ``{_id, version, details | null}``.

    ``beside`` are the reader's own fields in it; they are removed with the details.
    """

    beside: ClassVar[Sequence[str]] = ()

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def refused(self, states: Sequence[State]) -> list[int]:
        """Versions that are too far ahead: taken, they would block what their owner publishes later."""
        known, refused = await self.versions([key for key, _, _ in states]), []
        for index, (key, version, _) in enumerate(states):
            if version > known.get(key, 0) + MOST_AHEAD:
                refused.append(index)
            else:
                known[key] = max(version, known.get(key, 0))
        return refused

    async def versions(self, keys: Sequence[str] | None = None) -> dict[str, int]:
        """Of these keys; by default of all."""
        where = {} if keys is None else {"_id": {"$in": list(keys)}}
        return {one["_id"]: one["version"] async for one in self._collection.find(where, {"version": True})}

    async def put_back(self, state: State, from_version: int) -> None:
        """Replaces a version that the owner never published by the one it did; not if another process was faster."""
        key, version, details = state
        await self._collection.update_one({"_id": key, "version": from_version}, self._kept(version, details))

    async def hear(self, states: Sequence[State], _refused: Sequence[State] = ()) -> None:
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
        """As if nothing had ever arrived for the key; not if something newer has."""
        await self._collection.delete_one({"_id": key, "version": version})

    async def _write(self, newest: Mapping[str, tuple[int, Value | None]], upsert: bool) -> None:
        writes = [
            UpdateOne(
                {"_id": key, "version": {"$lt": version}},
                self._kept(version, details),
                upsert=upsert,
            )
            for key, (version, details) in newest.items()
        ]
        if writes:
            await self._collection.bulk_write(writes, ordered=False)

    def _kept(self, version: int, details: Value | None) -> Document:
        gone = dict.fromkeys(self.beside) if details is None else {}
        return {"$set": {"version": version, "details": details and details.model_dump(mode="json"), **gone}}
