"""Inserts that arrive while one is under way go together in the next: one round trip and one disk sync for all of them.

Each keeps an outcome of its own; one that is refused refuses no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from shared.runtime.mongo.driver import BulkWriteError, Collection, Document, InsertOne, duplicates_only

MOST_AT_ONCE = 200

Waiting = tuple[Document, asyncio.Future[None]]


class KeyTaken(Exception):
    """A unique key of the document is there already; ``fields`` are the index's."""

    def __init__(self, fields: Mapping[str, int]) -> None:
        self.fields = fields
        super().__init__(*fields)


class GroupCommit:
    """Of one process into one collection."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._waiting: list[Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def insert(self, document: Document) -> None:
        """Majority-durable when it returns. Raises ``KeyTaken``, or ``MongoUnavailable``: then nothing is known."""
        outcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((document, outcome))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_what_waits(), name="grouped inserts")
        await outcome

    async def _write_what_waits(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            try:
                failures = await self._write([document for document, _ in group])
                for index, (_, outcome) in enumerate(group):
                    _tell(outcome, failures.get(index))
            finally:
                for _, outcome in group:
                    outcome.cancel()

    async def _write(self, documents: Sequence[Document]) -> Mapping[int, Exception]:
        """By index those that failed."""
        try:
            await self._collection.bulk_write([InsertOne(document) for document in documents], ordered=False)
        except BulkWriteError as error:
            if duplicates_only(error):
                return {taken["index"]: KeyTaken(taken["keyPattern"]) for taken in error.details["writeErrors"]}
            return dict.fromkeys(range(len(documents)), error)
        except Exception as error:
            return dict.fromkeys(range(len(documents)), error)
        return {}


def _tell(outcome: asyncio.Future[None], failure: Exception | None) -> None:
    """Whoever waited may have been cancelled meanwhile."""
    if outcome.done():
        return
    if failure is None:
        outcome.set_result(None)
    else:
        outcome.set_exception(failure)
