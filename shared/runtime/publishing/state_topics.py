"""State topics, on the owner's side: a collection whose documents' present state travels on a compacted topic.

Not event-sourced: one document for each key, replaced by compare-and-set on ``version``, so that erasing means erasing.
Every change raises ``version`` by one and waits to be published; what is gone is published as a null. A late duplicate
behind that null would bring the state back: so the owner hears its own topic, and says again what it has said last.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from shared.contracts.envelope import Envelope, source_of
from shared.contracts.topics import StateType
from shared.kernel.identifiers import derived_id
from shared.kernel.values import Value
from shared.runtime.mongo.driver import (
    ASCENDING,
    Collection,
    Document,
    DuplicateKeyError,
    UpdateOne,
    add_index,
)
from shared.runtime.publishing.relay import Outgoing, Pending


class StateTopic:
    """One document a key: ``{_id, version, details | null, conference, at, caused_by, published}``."""

    private: tuple[str, ...] = ()
    """Fields of the owner's own, which are not read to be published."""

    def __init__(self, collection: Collection, state: StateType) -> None:
        self._collection = collection
        self.state = state

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

    async def hear(self, states: Sequence[tuple[str, int, Value | None]]) -> None:
        """Publishes over what the topic says and is older than what is kept: a dying relay may have said it last."""
        older = [
            UpdateOne(
                {"_id": key, "version": {"$gt": version}}, {"$set": {"published": False}, "$inc": {"said_again": 1}}
            )
            for key, version, _ in states
        ]
        if older:
            await self._collection.bulk_write(older, ordered=False)

    async def publish_again(self) -> int:
        """Every present state, nulls too, waits for the relay once more."""
        done = await self._collection.update_many({"published": True}, {"$set": {"published": False}})
        return done.modified_count

    async def bring_forward(self, said: Envelope, details: Value | None) -> bool:
        """To what was published, if that is newer: after an older state of the collection was restored."""
        older = {"_id": said.stream, "version": {"$lt": said.sequence}}
        try:
            done = await self._collection.update_one(older, self.as_published(said, details), upsert=True)
        except DuplicateKeyError:
            return False
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


def _token(document: Document) -> Document:
    """What is published, and how often it was asked for; a null matches a field that is not there."""
    return {"_id": document["_id"], "version": document["version"], "said_again": document.get("said_again")}
