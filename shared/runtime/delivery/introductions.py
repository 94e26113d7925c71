"""Since when each reaction acts: from the moment when a worker first knew it, for each topic that it reads.

So a new reaction sends no mail about the past, and neither does an old reaction on a new topic. Older records, by the
broker's clock, are folded into projections and cause nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from shared.contracts.registry import NAMES
from shared.contracts.topics import events_of
from shared.declarations.reaction import Reaction
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.mongo.driver import Collection, UpdateOne

INTRODUCTIONS = "introductions"

ALWAYS = 0
NOTED = "@noted"
"""Written last. Until then the service counts as new, even if it has no reactions."""


class Introductions:
    """One document for each reaction and topic: ``since``, ms since 1970 UTC."""

    def __init__(self, collection: Collection, reactions: Iterable[Reaction], heard: Iterable[str]) -> None:
        """A reaction is introduced only to the topics in ``heard``, to which the service listens."""
        self._collection = collection
        topics = frozenset(heard)
        self._topics = {one.name: sorted(topics & {_topic_of(event) for event in one.events}) for one in reactions}
        self._since: defaultdict[str, dict[str, int]] = defaultdict(dict)

    async def note(self, now: datetime, has_run_before: bool) -> None:
        """Earlier notes stay. The reactions of a service from before these notes count as introduced from the
        beginning.
        """
        unnoted = await self._collection.find_one({"_id": NOTED}) is None
        since = ALWAYS if unnoted and has_run_before else int(now.timestamp() * 1000)
        writes = [
            UpdateOne({"_id": f"{name}@{topic}"}, {"$setOnInsert": {"since": since}}, upsert=True)
            for name, topics in self._topics.items()
            for topic in topics
        ]
        if writes:
            await self._collection.bulk_write(writes, ordered=False)
        await self._collection.update_one({"_id": NOTED}, {"$setOnInsert": {"since": ALWAYS}}, upsert=True)
        async for found in self._collection.find():
            name, _, topic = found["_id"].rpartition("@")
            self._since[name][topic] = found["since"]

    def acts_on(self, reaction: Reaction, record: KafkaRecord) -> bool:
        return record.timestamp >= self._since[reaction.name].get(record.topic, ALWAYS)


def _topic_of(event: type) -> str:
    return events_of(NAMES[event].split(".")[1]).name
