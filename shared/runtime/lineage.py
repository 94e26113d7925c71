"""Whether database and topics are of one history. A server that was emptied or restored alone shows here.

A service remembers in its database how far it has taken each partition, before it commits an offset to Kafka. So a
partition that ends before that mark has lost records, and an offset committed beyond it is known to Kafka but not to
the database: that one is older than its topics. In both cases working on would give known sequence numbers to new
events. The gate closes: nothing is published and nothing applied until somebody has put it right with `kpk republish`
or `kpk recover`. Commands are accepted meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog
from aiokafka.errors import KafkaError

from shared.runtime.arrivals import runs
from shared.runtime.delivery import Delivery
from shared.runtime.kafka_admin import Ends, Place, ends_of
from shared.runtime.mongo import Collection, MongoUnavailable, UpdateOne
from shared.runtime.parked import RawRecord

log = structlog.get_logger()

LOOK_SECONDS, LOOK_AGAIN_SECONDS = 2.0, 1.0

BOOKMARKS = "bookmarks"


class HistoriesDiffer(Exception):
    """Nothing may be applied or published now."""


class Bookmarks:
    """One document for each partition: ``next`` is the offset behind the last record that was taken."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._noted: dict[Place, int] = {}

    async def note(self, taken: Mapping[Place, int]) -> None:
        """Raises ``HistoriesDiffer`` where the database has forgotten what was noted by this process before."""
        writes = [self._write(place, offset) for place, offset in taken.items()]
        if not writes:
            return
        done = await self._collection.bulk_write(writes, ordered=False)
        if done.matched_count + done.upserted_count < len(writes):
            self._noted.clear()
            raise HistoriesDiffer
        self._noted.update(taken)

    def _write(self, place: Place, offset: int) -> UpdateOne:
        name, further = f"{place[0]}:{place[1]}", {"$max": {"next": offset}}
        if place not in self._noted:
            return UpdateOne({"_id": name}, further, upsert=True)
        return UpdateOne({"_id": name, "next": {"$gte": self._noted[place]}}, further)

    async def read(self) -> dict[Place, int]:
        places = {}
        async for mark in self._collection.find():
            topic, _, partition = mark["_id"].rpartition(":")
            places[topic, int(partition)] = int(mark["next"])
        return places

    async def forget(self, topics: Sequence[str]) -> None:
        """They are read from their beginning, as by a new service; what was applied before is dropped as old."""
        self._noted.clear()
        for topic in topics:
            await self._collection.delete_many({"_id": {"$regex": f"^{topic.replace('.', '[.]')}:"}})


@dataclass(frozen=True, slots=True)
class Differences:
    """``lost``: partitions with fewer records than were read. ``ahead``: those that Kafka says were read further."""

    lost: tuple[Place, ...] = ()
    ahead: tuple[Place, ...] = ()

    def sentences(self) -> list[str]:
        found = []
        if self.lost:
            found.append(f"{_topics(self.lost)} lost records that were read before: kpk republish")
        if self.ahead:
            found.append(f"the database is older than {_topics(self.ahead)}: kpk recover")
        return found


def differences(before: Mapping[Place, int], ends: Mapping[Place, Ends], after: Mapping[Place, int]) -> Differences:
    """Pure. The bookmarks as they were read before and after Kafka was asked: both grow while one looks.

    ``ends`` lacks a partition whose topic is gone. A committed offset behind the end belongs to a lost tail.
    """
    lost = [place for place, mark in before.items() if mark > (ends[place].end if place in ends else 0)]
    ahead = [place for place, at in ends.items() if after.get(place, 0) < (at.committed or 0) <= at.end]
    return Differences(tuple(sorted(lost)), tuple(sorted(ahead)))


class Reading:
    """By the broker's own books: whether the group reads on while there is something to read."""

    def __init__(self) -> None:
        self._committed: dict[Place, int] = {}
        self.standing_since: float | None = None

    def saw(self, ends: Mapping[Place, Ends]) -> None:
        committed = {place: at.committed or 0 for place, at in ends.items()}
        behind = any(at.end > committed[place] for place, at in ends.items())
        if not behind or committed != self._committed:
            self.standing_since = None
        elif self.standing_since is None:
            self.standing_since = time.monotonic()
        self._committed = committed


class Lines(Protocol):
    """To Kafka, for what is published. A broken one stays broken until ``connect`` makes new ones."""

    @property
    def connected(self) -> bool: ...

    async def connect(self) -> None: ...

    async def close(self) -> None: ...


class Lineage:
    """Looks at start and every few seconds. ``trusted`` is set while database and topics agree.

    A broker that can not be asked is not trusted, nor one to which a line was made since: it may be another one.
    """

    def __init__(self, bootstrap: str, group: str, topics: Sequence[str], bookmarks: Bookmarks, lines: Lines) -> None:
        """``lines`` are closed with the gate: what is on its way must not arrive before what is missing there."""
        self._bootstrap = bootstrap
        self._group = group
        self._topics = tuple(topics)
        self.bookmarks = bookmarks
        self._lines = lines
        self._doubts = 0
        self.trusted = asyncio.Event()
        self.found = Differences()
        self.unreachable_since: float | None = None
        self.reading = Reading()

    async def run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS if self.trusted.is_set() else LOOK_AGAIN_SECONDS)

    async def look(self) -> None:
        """On new lines where the old ones broke: nothing is published on them before this."""
        try:
            if not self._lines.connected:
                await self.doubt()
                await self._lines.connect()
            doubts, found = self._doubts, await self._compare()
            await self._judge(found, doubts)
            self.unreachable_since = None
        except MongoUnavailable as error:
            self._could_not_look(error)
        except (KafkaError, TimeoutError) as error:
            self._could_not_look(error)
            await self.doubt()

    def require(self) -> None:
        """Raises ``HistoriesDiffer`` while the gate is closed."""
        if not self.trusted.is_set():
            raise HistoriesDiffer

    async def doubt(self) -> None:
        """Closes the gate: nothing goes on before a look that begins after this."""
        self._doubts += 1
        if self.trusted.is_set():
            self.trusted.clear()
            await self._lines.close()

    async def _compare(self) -> Differences:
        before = await self.bookmarks.read()
        ends = await ends_of(self._bootstrap, self._group, self._topics)
        self.reading.saw(ends)
        return differences(before, ends, await self.bookmarks.read())

    def _could_not_look(self, error: Exception) -> None:
        if self.unreachable_since is None:
            self.unreachable_since = time.monotonic()
            log.warning("database and topics can not be compared", error=type(error).__name__)

    async def _judge(self, found: Differences, doubts: int) -> None:
        if found != self.found:
            for sentence in found.sentences():
                log.critical("histories differ", difference=sentence)
        self.found = found
        if found.sentences():
            await self.doubt()
        elif doubts == self._doubts:
            self.trusted.set()


class GuardedDelivery:
    """Delivery behind the gate. The bookmarks are written when it is settled: before any offset is committed."""

    def __init__(self, lineage: Lineage, delivery: Delivery) -> None:
        self._lineage = lineage
        self._delivery = delivery
        self._taken: dict[Place, int] = {}

    async def process(self, records: Sequence[RawRecord], settle: bool) -> None:
        """As ``Delivery.process``; raises ``HistoriesDiffer`` while nothing may be applied."""
        self._lineage.require()
        await self._delivery.process(records, settle)
        for topic, partition, _, behind in runs(records):
            self._taken[topic, partition] = behind
        if settle:
            await self._mark()

    async def settle(self) -> None:
        await self._delivery.settle()
        await self._mark()

    async def forget(self) -> None:
        self._taken.clear()
        await self._delivery.forget()

    async def _mark(self) -> None:
        try:
            await self._lineage.bookmarks.note(self._taken)
        except HistoriesDiffer:
            await self._lineage.doubt()
            raise
        self._taken.clear()


def _topics(places: Sequence[Place]) -> str:
    return ", ".join(dict.fromkeys(topic for topic, _ in places))
