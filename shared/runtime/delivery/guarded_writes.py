"""Writes that miss when somebody else has written since the document was read."""

from __future__ import annotations

from collections.abc import Iterable

from shared.declarations.projection import Document
from shared.runtime.mongo.driver import BulkWriteError, Collection, InsertOne, ReplaceOne, duplicates_only

Change = tuple[Document, int | None]
"""A document, and what its guard was when it was read (None: the document was not there)."""


class Superseded(Exception):
    """Somebody else wrote first. Nothing is lost: the batch is read again."""


async def write_guarded(collection: Collection, changes: Iterable[Change], guard: str) -> None:
    """Each document once; ``guard`` names the field that every write changes. Raises ``Superseded``."""
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
