"""Inserts that arrive during another insert are sent together in the next one, with one disk sync for all.

Each insert has its own outcome; a refused one does not refuse the others. Groups are sent one after another and
contain their writer, so that readers know which commits can still appear (``unpublished.py``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from uuid import uuid4

from shared.runtime.mongo.driver import BulkWriteError, Collection, Document, InsertOne, duplicates_only

MOST_AT_ONCE = 200

Waiting = tuple[Document, asyncio.Future[None]]


class KeyTaken(Exception):
    """A document with this unique key exists already; ``fields`` are the index's."""

    def __init__(self, fields: Mapping[str, int]) -> None:
        self.fields = fields
        super().__init__(*fields)


class GroupCommit:
    """For one process and one collection."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._waiting: list[Waiting] = []
        self._writing: asyncio.Task[None] | None = None
        self._writer: str | None = None

    async def insert(self, document: Document) -> None:
        """Majority-durable when it returns. Raises ``KeyTaken``, or ``MongoUnavailable``: then the
        outcome is unknown.
        """
        outcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((document, outcome))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_what_waits(), name="grouped inserts")
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
        """The failed documents by index.

        If the outcome is unknown, or this is cancelled, the writer ends: some inserts may appear much later.
        """
        writer, self._writer = self._writer or uuid4().hex, None
        inserts = [InsertOne({**document, "writer": writer}) for document in documents]
        failures: Mapping[int, Exception] = {}
        try:
            await self._collection.bulk_write(inserts, ordered=False)
        except BulkWriteError as error:
            if not duplicates_only(error):
                return dict.fromkeys(range(len(documents)), error)
            failures = {taken["index"]: KeyTaken(taken["keyPattern"]) for taken in error.details["writeErrors"]}
        except Exception as error:
            return dict.fromkeys(range(len(documents)), error)
        self._writer = writer
        return failures


def _tell(outcome: asyncio.Future[None], failure: Exception | None) -> None:
    """A waiting caller may have been cancelled meanwhile."""
    if outcome.done():
        return
    if failure is None:
        outcome.set_result(None)
    else:
        outcome.set_exception(failure)
