"""State topics, on the owner's side: the present state of a collection's documents, on a compacted topic.

This is not event-sourced: there is one document per key, replaced by compare-and-set on ``version``, so an erasure
really erases. Every change raises ``version`` by one and waits to be published; a deleted document is published as a
null. A late duplicate after that null would bring the state back. So the owner reads its own topic and publishes its
last state again.

A broker compacts only partitions that are written to. So there are markers: one key in each partition that belongs to
nobody and never has a value. A reader treats a marker as what it is, a null for an unknown key.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import count

import structlog

from shared.contracts.envelope import Envelope, source_of
from shared.contracts.topics import MARKED_EVERY, MOST_AHEAD, StateType, Topic
from shared.kernel.identifiers import derived_id
from shared.kernel.values import Value
from shared.runtime.kafka.partitioner import number_of
from shared.runtime.mongo.driver import (
    ASCENDING,
    BulkWriteError,
    Collection,
    Document,
    DuplicateKeyError,
    MongoUnavailable,
    UpdateOne,
    add_index,
    duplicates_only,
    present,
)
from shared.runtime.publishing.relay import Outgoing, Pending

log = structlog.get_logger()

NO_CONFERENCE = "-"
"""Whose records a marker's are: no conference can be called so."""

State = tuple[str, int, Value | None]
"""Key, version and details (None: gone)."""

AGAIN_SECONDS = 60.0
SAID_AGAIN: Document = {"$set": {"published": False}, "$inc": {"said_again": 1}}


@cache
def markers_of(topic: Topic) -> tuple[str, ...]:
    """The keys of the markers, one for each partition."""
    partitions, found = tuple(range(topic.partitions)), dict[int, str]()
    for number in count():
        key = derived_id("marker", topic.name, str(number))
        found.setdefault(number_of(key.encode(), partitions), key)
        if len(found) == topic.partitions:
            break
    return tuple(found.values())


class StateTopic:
    """One document a key: ``{_id, version, details | null, conference, at, caused_by, published}``."""

    private: tuple[str, ...] = ()
    """Fields of the owner's own, which are not read to be published."""

    def __init__(self, collection: Collection, state: StateType) -> None:
        self._collection = collection
        self.state = state

    @property
    def collection_name(self) -> str:
        name: str = self._collection.name
        return name

    async def prepare(self) -> None:
        await add_index(self._collection, ["published"])

    async def pending(self, at_once: int) -> AsyncGenerator[list[Pending], None]:
        """Changes that Kafka has not acknowledged, each as one record."""
        hidden = dict.fromkeys(self.private, False) or None
        found = self._collection.find({"published": False}, hidden, batch_size=at_once).sort("_id", ASCENDING)
        while documents := await found.to_list(at_once):
            yield [Pending(_token(document), [self._outgoing(document)]) for document in documents]

    async def published(self, done: Sequence[Pending]) -> None:
        """Only what still stands is marked: what was changed meanwhile, or is to be said again, is published again."""
        marks = [UpdateOne(pending.token, {"$set": {"published": True}}) for pending in done]
        if marks:
            await self._collection.bulk_write(marks, ordered=False)

    async def refused(self, states: Sequence[State]) -> list[int]:
        """What this owner has not said: a version that it has not reached, or that has another content with it.

        Of versions that were replaced since nothing is known any more.
        """
        doubtful = await self._unsaid(self._collection, states, range(len(states)))
        return await self._unsaid(present(self._collection), states, doubtful) if doubtful else []

    async def hear(self, states: Sequence[State], refused: Sequence[State] = ()) -> None:
        """Publishes over what the topic says and is not what is kept: a dying relay or a stranger said it last.

        Over a version that readers take, however wrong it is, with one behind it; they refuse those too far ahead.
        """
        older = [UpdateOne({"_id": key, "version": {"$gt": version}}, SAID_AGAIN) for key, version, _ in states]
        writes = older + [write for key, version, _ in refused for write in _contradiction(key, version)]
        if writes:
            await self._collection.bulk_write(writes, ordered=False)

    async def _unsaid(self, collection: Collection, states: Sequence[State], among: Iterable[int]) -> list[int]:
        found = collection.find({"_id": {"$in": [key for key, _, _ in states]}}, {"version": True, "details": True})
        kept = {document["_id"]: document async for document in found}
        return [index for index in among if not self._may_have_said(kept.get(states[index][0]), *states[index][1:])]

    def _may_have_said(self, kept: Document | None, version: int, details: Value | None) -> bool:
        """A null about somebody who is not known changes nothing."""
        if kept is None:
            return details is None
        if version != kept["version"]:
            return version < int(kept["version"])
        return details == (kept["details"] and self.state.model.model_validate(kept["details"]))

    async def mark(self) -> None:
        """A marker waits for the relay in every partition. Two at once are harmless."""
        about = {"details": None, "caused_by": None, "conference": NO_CONFERENCE, "at": datetime.now(UTC)}
        marked = {"$set": {**about, "published": False}, "$inc": {"said_again": 1}, "$setOnInsert": {"version": 1}}
        markers = [UpdateOne({"_id": key}, marked, upsert=True) for key in markers_of(self.state.topic)]
        try:
            await self._collection.bulk_write(markers, ordered=False)
        except BulkWriteError as error:
            if not duplicates_only(error):  # else somebody else has just made the first ones
                raise

    async def keep_marking(self) -> None:
        """Until cancelled; at the beginning too, so that a process that is often restarted marks as well."""
        while True:
            try:
                await self.mark()
                wait = MARKED_EVERY / 1000
            except MongoUnavailable as error:
                log.warning("compacted topic is not marked", error=type(error).__name__)
                wait = AGAIN_SECONDS
            await asyncio.sleep(wait)

    async def publish_again(self) -> int:
        """Every present state, nulls too, waits for the relay once more."""
        done = await self._collection.update_many({"published": True}, {"$set": {"published": False}})
        return done.modified_count

    async def bring_forward(self, said: Envelope, details: Value | None) -> bool:
        """To what was published, if that is newer: after an older state of the collection was restored.

        Not to a version too far ahead.
        """
        older = {"_id": said.stream, "version": {"$lt": said.sequence, "$gte": said.sequence - MOST_AHEAD}}
        new = said.sequence <= MOST_AHEAD
        try:
            done = await self._collection.update_one(older, self.as_published(said, details), upsert=new)
        except DuplicateKeyError:  # it is there: newer, or written a moment ago by somebody else
            done = await self._collection.update_one(older, self.as_published(said, details))
        return bool(done.matched_count or done.upserted_id)

    def as_published(self, said: Envelope, details: Value | None) -> Document:
        """The update that makes a document what the topic says of it."""
        where_from = {"version": said.sequence, "conference": said.conference, "at": said.time, "published": True}
        content = {"details": details and details.model_dump(mode="json"), "caused_by": details and said.causation}
        return {"$set": {**where_from, **content}}

    def _outgoing(self, document: Document) -> Outgoing:
        """Headers as an event's, with the version as sequence; the value is the state's JSON or null."""
        topic, details = self.state.topic, document["details"]
        version_id = derived_id(self.state.key, document["_id"], str(document["version"]))
        cause = document["caused_by"] or version_id
        envelope = Envelope(
            id=version_id,
            type=self.state.name,
            source=source_of(topic.owner),
            stream=document["_id"],
            time=document["at"],
            sequence=document["version"],
            conference=document["conference"],
            correlation=cause,
            causation=cause,
        )
        value = self.state.model.model_validate(details).model_dump_json().encode() if details else None
        return Outgoing(topic.name, document["_id"].encode(), value, envelope.headers())


def _contradiction(key: str, version: int) -> list[UpdateOne]:
    near, far = {"$lte": version, "$gte": version - MOST_AHEAD}, {"$lt": version - MOST_AHEAD}
    return [
        UpdateOne({"_id": key, "version": near}, {"$set": {"version": version + 1, "published": False}}),
        UpdateOne({"_id": key, "version": far}, SAID_AGAIN),
    ]


def _token(document: Document) -> Document:
    """What is published, and how often it was asked for; a null matches a field that is not there."""
    return {"_id": document["_id"], "version": document["version"], "said_again": document.get("said_again")}
