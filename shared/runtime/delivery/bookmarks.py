"""How far a service has read each partition, stored in its own database before an offset is committed to Kafka.

So a partition that ends before its bookmark has lost records. If a committed offset is beyond the bookmark, Kafka knows
it and the database does not. ``shared/runtime/history`` compares them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, Protocol

from shared.runtime.kafka.record import Partition
from shared.runtime.mongo.driver import Collection, Document, UpdateOne

BOOKMARKS = "bookmarks"
UNKNOWN: Mapping[Partition, int] = MappingProxyType({})


class BookmarksLost(Exception):
    """The database has lost bookmarks of this process: an older state was restored."""


class Trust(Protocol):
    """The gate: delivery stops while the topics may not belong to the database's history."""

    def require(self) -> None: ...

    async def require_anew(self) -> None: ...

    async def is_behind(self) -> bool: ...

    async def doubt(self) -> None: ...


class Bookmark(NamedTuple):
    """``next`` is the offset behind the last record that was taken, ``appended`` the broker's time of it (ms).

    The time is later if the whole topic was read since, and 0 in bookmarks from before it was kept.
    """

    next: int
    appended: int


class Bookmarks:
    """One document for each partition, with the fields of ``Bookmark``."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._noted: dict[Partition, int] = {}

    async def note(self, taken: Mapping[Partition, int], appended: Mapping[Partition, int] = UNKNOWN) -> None:
        """Raises ``BookmarksLost``."""
        writes = [self._write(partition, offset, appended.get(partition, 0)) for partition, offset in taken.items()]
        if not writes:
            return
        done = await self._collection.bulk_write(writes, ordered=False)
        if done.matched_count + done.upserted_count < len(writes):
            self._noted.clear()
            raise BookmarksLost
        self._noted.update(taken)

    def _write(self, partition: Partition, offset: int, appended: int) -> UpdateOne:
        name, further = f"{partition[0]}:{partition[1]}", {"$max": {"next": offset, "appended": appended}}
        if partition not in self._noted:
            return UpdateOne({"_id": name}, further, upsert=True)
        return UpdateOne({"_id": name, "next": {"$gte": self._noted[partition]}}, further)

    async def read(self) -> dict[Partition, int]:
        marks = {}
        async for mark in self._collection.find():
            marks[_partition(mark)] = int(mark["next"])
        return marks

    async def of_topic(self, topic: str) -> dict[Partition, Bookmark]:
        found = self._collection.find({"_id": _of(topic)})
        return {_partition(mark): Bookmark(int(mark["next"]), int(mark.get("appended", 0))) async for mark in found}

    async def read_anew(self, topic: str, at: int) -> None:
        """Notes that the whole topic was read at this time (ms), however slowly its records are taken."""
        await self._collection.update_many({"_id": _of(topic)}, {"$max": {"appended": at}})

    async def forget(self, topics: Sequence[str]) -> None:
        """Reads the partitions from the beginning, like a new service; what was applied before is dropped as old."""
        self._noted.clear()
        for topic in topics:
            await self._collection.delete_many({"_id": _of(topic)})


def _of(topic: str) -> dict[str, str]:
    return {"$regex": f"^{topic.replace('.', '[.]')}:"}


def _partition(mark: Document) -> Partition:
    topic, _, number = mark["_id"].rpartition(":")
    return topic, int(number)
