"""Rebuilds a projection from offset 0 into a new collection beside the live one and swaps the two by rename.

No mail, no reaction: projections are pure folds. Nothing may be delivered meanwhile, in this process or another, so
that nobody writes to the old collection behind our back. Nothing is rebuilt from topics that are not trusted: what they
have lost would be lost here too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from uuid import uuid4

from shared.declarations.projection import Document, Key, Projection
from shared.runtime.delivery.bookmarks import Trust
from shared.runtime.delivery.folding import Folder, fold
from shared.runtime.delivery.parked import Parked
from shared.runtime.delivery.records import Received, read_event
from shared.runtime.delivery.stores import Positions, ProjectionStore
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.record import KafkaRecord, Partition
from shared.runtime.mongo.driver import Database

BESIDE = "rebuilt"


@dataclass(frozen=True)
class Rebuilding:
    """One service's. ``topics`` are those of events that it listens to."""

    bootstrap: str
    topics: Sequence[str]
    database: Database
    positions: Positions
    parked: Parked
    gate: Trust
    beside: str = field(default_factory=lambda: f"{BESIDE}.{uuid4()}")
    """A name of its own: whoever was believed dead and goes on can neither spoil what is built instead, nor swap it."""

    async def rebuild(self, projection: Projection, before_swap: Callable[[], Awaitable[None]]) -> dict[str, int]:
        """How many documents the new collection has and from how many events it was folded.

        Raises ``HistoriesDiffer``, ``KafkaUnreadable``, or what ``before_swap`` raises: the live one is as it was then.
        """
        self.gate.require()
        live = ProjectionStore(self.database, [projection])
        beside = ProjectionStore(self.database, [projection], self.beside)
        await self._drop_what_was_begun(projection)
        await beside.prepare()
        events = await self._fold_everything(projection, beside)
        documents = await beside.collection(projection).count_documents({})
        await before_swap()
        self.gate.require()
        await beside.collection(projection).rename(live.collection(projection).name, dropTarget=True)
        return {"documents": documents, "events": events}

    async def _drop_what_was_begun(self, projection: Projection) -> None:
        """By whomever: a rename of what is gone fails."""
        for name in await self.database.list_collection_names():
            if name.startswith(BESIDE) and name.partition("_")[2] == projection.name:
                await self.database[name].drop()

    async def _fold_everything(self, projection: Projection, beside: ProjectionStore) -> int:
        events, replay = 0, Replay(projection, await self.parked.dropped_events())
        async for records in read_to_end(self.bootstrap, self.topics):
            incoming = replay.read(records)
            limits = await self.positions.load(list({one.envelope.stream for one in incoming}))
            fresh = [one for one in incoming if replay.is_next(one, limits)]
            events += len(fresh)
            await _fold_batch(projection, beside, fresh)
        return events


class Replay:
    """First occurrences only, and nothing that the live projection has not seen: parked events, or those given up."""

    def __init__(self, projection: Projection, dropped: AbstractSet[str]) -> None:
        self._events = projection.events
        self._dropped = dropped
        self._partition: Partition | None = None
        self._seen: dict[str, int] = {}

    def read(self, records: Sequence[KafkaRecord]) -> list[Received]:
        """Of one partition; with it the streams change, and may be forgotten."""
        if (here := (records[0].topic, records[0].partition)) != self._partition:
            self._partition, self._seen = here, {}
        read = (read_event(record, self._events) for record in records)
        return [one for one in read if isinstance(one, Received)]

    def is_next(self, received: Received, limits: Mapping[str, Document]) -> bool:
        stream, sequence = received.envelope.stream, received.envelope.sequence
        if sequence != self._seen.get(stream, 0) + 1 or sequence > limits.get(stream, {"last": 0})["last"]:
            return False
        self._seen[stream] = sequence
        return received.event is not None and received.envelope.id not in self._dropped


async def _fold_batch(projection: Projection, beside: ProjectionStore, incoming: Iterable[Received]) -> None:
    folder = Folder([projection])
    touched = [(one, folder.touched(one.event, one.envelope)) for one in incoming]
    keys = list({key.id for _, documents in touched for _, key in documents})
    documents = {Key(projection.name, name): one for name, one in (await beside.load(projection, keys)).items()}
    read = {key: document["sequence"] for key, document in documents.items()}
    changed = {key for one, its in touched for key in fold(documents, one.event, one.envelope, its)}
    await beside.write(projection, [(documents[key], read.get(key)) for key in changed])
