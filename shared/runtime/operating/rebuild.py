"""Rebuilds a projection from offset 0 into a new collection beside the live one and swaps the two by rename.

It causes no mail and no reaction: projections are pure folds. Nothing may be delivered meanwhile, in this process or
another, so that nobody writes to the old collection. It refuses topics that are not trusted. It also refuses topics
that do not contain each stream from its first event to the service's position: the new projection would lack the lost
events.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from shared.declarations.projection import Document, Key, Projection
from shared.kernel.rejections import Rejected
from shared.runtime.commands.commit import Place
from shared.runtime.delivery.folding import Folder, fold
from shared.runtime.delivery.own_topic import OwnTopic
from shared.runtime.delivery.parked import Parked
from shared.runtime.delivery.records import Received, read_event
from shared.runtime.delivery.stores import Positions, ProjectionStore
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.record import KafkaRecord, Partition
from shared.runtime.mongo.driver import Collection, Database

REBUILDS = "projection_rebuilds"
BESIDE = tuple(f"rebuilt.{number}" for number in range(4))
"""Prefixes of a projection's name while it is built, used in turn. A rebuild that was believed dead and continues can
neither damage nor swap its successor, until as many others have been built. MongoDB's rights name each prefix.
"""


class TopicsIncomplete(Rejected):
    """Es fehlen Ereignisse von {number} Strömen{example}: erst kpk republish; bis dahin bleibt die alte Projektion."""


@dataclass(frozen=True)
class Rebuilding:
    """One service's. ``topics`` are those of the events that it listens to."""

    kafka: KafkaAccess
    topics: Sequence[str]
    database: Database
    positions: Positions
    parked: Parked
    own: OwnTopic
    turns: Collection
    """How often a rebuild of each projection has begun: ``{_id, turns}``."""

    async def rebuild(self, projection: Projection, before_swap: Callable[[], Awaitable[None]]) -> dict[str, int]:
        """The number of documents in the new collection, and of the events folded into it.

        Raises ``HistoriesDiffer``, ``KafkaUnreadable``, ``TopicsIncomplete``, or what ``before_swap`` raises: the live
        projection is unchanged then.
        """
        self.own.gate.require()
        live = ProjectionStore(self.database, [projection])
        await self._drop_what_was_begun(projection)
        beside = ProjectionStore(self.database, [projection], await self._next_name(projection))
        await beside.prepare()
        events = await self._fold_everything(projection, beside)
        documents = await beside.collection(projection).count_documents({})
        await before_swap()
        self.own.gate.require()
        await beside.collection(projection).rename(live.collection(projection).name, dropTarget=True)
        return {"documents": documents, "events": events}

    async def _drop_what_was_begun(self, projection: Projection) -> None:
        """Also another process's: its rename then fails."""
        for name in BESIDE:
            await ProjectionStore(self.database, [projection], name).collection(projection).drop()

    async def _next_name(self, projection: Projection) -> str:
        before = await self.turns.find_one_and_update({"_id": projection.name}, {"$inc": {"turns": 1}}, upsert=True)
        turn: int = before["turns"] if before else 0
        return BESIDE[turn % len(BESIDE)]

    async def _fold_everything(self, projection: Projection, beside: ProjectionStore) -> int:
        """Repeats for streams that lie in a wrong order, until each is complete or nothing more comes."""
        replay, torn = Replay(projection, await self.parked.dropped_events()), None
        events = await self._fold_topics(replay, projection, beside)
        while replay.torn and replay.torn != torn:
            torn = replay.begin_again()
            events += await self._fold_topics(replay, projection, beside)
        if missing := await self.positions.count() - replay.whole:
            raise TopicsIncomplete(number=missing, example=f", zum Beispiel {min(replay.torn)}" if replay.torn else "")
        return events

    async def _fold_topics(self, replay: Replay, projection: Projection, beside: ProjectionStore) -> int:
        events = 0
        async for records in read_to_end(self.kafka, self.topics):
            incoming = replay.read(records)
            replay.expect(await self.positions.load(list({one.envelope.stream for one in incoming})))
            forks = await self.own.forks(incoming)
            fresh = [one for one in replay.without(forks, incoming) if replay.is_next(one)]
            events += len(fresh)
            await _fold_batch(projection, beside, fresh)
        replay.close_partition()
        return events


class Replay:
    """First occurrences only, and nothing that the live projection has not seen: parked or dropped events.

    ``torn`` are streams that were not read up to the service's position, and how far they were; ``whole`` counts the
    others.
    """

    def __init__(self, projection: Projection, dropped: AbstractSet[str]) -> None:
        self._events = projection.events
        self._dropped = dropped
        self._partition: Partition | None = None
        self._seen: dict[str, int] = {}
        self._stands: dict[str, int] = {}
        self._forks: set[Place] = set()
        self._goes_on: dict[str, int] | None = None
        self.torn: dict[str, int] = {}
        self.whole = 0

    def begin_again(self) -> dict[str, int]:
        """With the torn streams only, each from where it stopped."""
        self._goes_on, self.torn = self.torn, {}
        return self._goes_on

    def read(self, records: Sequence[KafkaRecord]) -> list[Received]:
        """One partition is finished: the next one has other streams, so these may be forgotten."""
        if (here := (records[0].topic, records[0].partition)) != self._partition:
            self.close_partition()
            self._partition = here
        read = (read_event(record, self._events) for record in records)
        return [one for one in read if isinstance(one, Received)]

    def expect(self, positions: Mapping[str, Document]) -> None:
        """Takes the service's positions of streams that have appeared."""
        for stream, position in positions.items():
            if position["last"] and (self._goes_on is None or stream in self._goes_on):
                self._stands[stream] = position["last"]
                self._seen.setdefault(stream, (self._goes_on or {}).get(stream, 0))

    def without(self, forks: Sequence[Received], incoming: Sequence[Received]) -> list[Received]:
        """A service that once took a fork for an event has a position beyond its true events."""
        self._forks |= {one.place for one in forks}
        strangers = set(map(id, forks))
        return [one for one in incoming if id(one) not in strangers]

    def is_next(self, received: Received) -> bool:
        stream, sequence = received.place
        if not sequence == self._seen.get(stream, 0) + 1 <= self._stands.get(stream, 0):
            return False
        self._seen[stream] = sequence
        return received.event is not None and received.envelope.id not in self._dropped

    def close_partition(self) -> None:
        for stream, last in self._seen.items():
            if last < self._stands[stream] and (stream, last + 1) not in self._forks:
                self.torn[stream] = last
            else:
                self.whole += 1
        self._partition, self._seen, self._stands, self._forks = None, {}, {}, set()


async def _fold_batch(projection: Projection, beside: ProjectionStore, incoming: Iterable[Received]) -> None:
    folder = Folder([projection])
    touched = [(one, folder.touched(one.event, one.envelope)) for one in incoming]
    keys = list({key.id for _, documents in touched for _, key in documents})
    documents = {Key(projection.name, name): one for name, one in (await beside.load(projection, keys)).items()}
    read = {key: document["sequence"] for key, document in documents.items()}
    changed = {key for one, its in touched for key in fold(documents, one.event, one.envelope, its)}
    await beside.write(projection, [(documents[key], read.get(key)) for key in changed])
