"""Checks whether database and topics have the same history. It detects a server that was emptied or restored alone.

A partition that ends before its bookmark has lost records. If a committed offset is known to Kafka and not to the
database, the database is older than its topics. In both cases new events would get sequence numbers that already exist.
So the gate closes: nothing is published and nothing is applied until somebody repairs it with `kpk republish` or
`kpk recover`. Commands are accepted meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog
from aiokafka.errors import KafkaError

from shared.kernel.rejections import Rejected
from shared.runtime.delivery.bookmarks import Bookmarks
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.books import Books, Ends
from shared.runtime.kafka.record import Partition
from shared.runtime.mongo.driver import MongoUnavailable

log = structlog.get_logger()

LOOK_SECONDS, LOOK_AGAIN_SECONDS = 5.0, 1.0
PATIENCE = 5.0


class HistoriesDiffer(Rejected):
    """Datenbank und Themen passen gerade nicht zusammen."""


@dataclass(frozen=True, slots=True)
class Differences:
    """``lost``: partitions with fewer records than were read. ``ahead``: those with a committed offset beyond what was
    read.
    """

    lost: tuple[Partition, ...] = ()
    ahead: tuple[Partition, ...] = ()

    def sentences(self) -> list[str]:
        found = []
        if self.lost:
            found.append(f"{_topics(self.lost)} lost records that were read before: kpk republish")
        if self.ahead:
            found.append(f"the database is older than {_topics(self.ahead)}: kpk recover")
        return found


def differences(
    before: Mapping[Partition, int], ends: Mapping[Partition, Ends], after: Mapping[Partition, int]
) -> Differences:
    """Pure. The bookmarks are read before and after Kafka's offsets, because both grow meanwhile.

    ``ends`` lacks a partition whose topic is gone. A committed offset behind the end belongs to a lost tail.
    """
    lost = [partition for partition, mark in before.items() if mark > (ends[partition].end if partition in ends else 0)]
    ahead = [partition for partition, at in ends.items() if after.get(partition, 0) < (at.committed or 0) <= at.end]
    return Differences(tuple(sorted(lost)), tuple(sorted(ahead)))


class Reading:
    """Whether the group reads on while there is something to read, by the broker's offsets."""

    def __init__(self) -> None:
        self._committed: dict[Partition, int] = {}
        self.standing_since: float | None = None

    def saw(self, ends: Mapping[Partition, Ends]) -> None:
        committed = {partition: at.committed or 0 for partition, at in ends.items()}
        behind = any(at.end > committed[partition] for partition, at in ends.items())
        if not behind or committed != self._committed:
            self.standing_since = None
        elif self.standing_since is None:
            self.standing_since = time.monotonic()
        self._committed = committed


class Connection(Protocol):
    """The connection for publishing. A broken one stays broken until ``connect`` makes a new one."""

    @property
    def connected(self) -> bool: ...

    async def connect(self) -> None: ...

    async def close(self) -> None: ...


class Gate:
    """Looks at the start and every few seconds. ``trusted`` is set while database and topics agree.

    A broker that does not answer is not trusted. Nor is one after a new connection: it may be another broker.
    """

    def __init__(
        self, kafka: KafkaAccess, group: str, topics: Sequence[str], bookmarks: Bookmarks, connection: Connection
    ) -> None:
        """``connection`` is closed with the gate: records on their way must not arrive before missing ones."""
        self._books = Books(kafka, group, topics)
        self.bookmarks = bookmarks
        self._connection = connection
        self._doubts = 0
        self.trusted = asyncio.Event()
        self.looked = asyncio.Event()
        self.found = Differences()
        self.unreachable_since: float | None = None
        self._warned = False
        self.reading = Reading()

    async def run(self) -> None:
        try:
            while True:
                await self.look()
                await asyncio.sleep(LOOK_SECONDS if self.trusted.is_set() else LOOK_AGAIN_SECONDS)
        finally:
            await self.close()

    async def close(self) -> None:
        await self._books.close()

    async def look(self) -> None:
        """Makes a new connection if the old one broke. Nothing is published on it before this look."""
        try:
            if not self._connection.connected:
                await self.doubt()
                await self._books.close()
                await self._connection.connect()
            doubts, found = self._doubts, await self._compare()
            await self._judge(found, doubts)
            self.unreachable_since, self._warned = None, False
            self.looked.set()
        except MongoUnavailable as error:
            self._could_not_look(error)
        except (KafkaError, TimeoutError) as error:
            self._could_not_look(error)
            await self.doubt()

    def require(self) -> None:
        """Raises ``HistoriesDiffer`` while the gate is closed."""
        if not self.trusted.is_set():
            raise HistoriesDiffer

    async def require_anew(self) -> None:
        """Looks again, which may close the gate. Raises ``HistoriesDiffer``, or that the look failed."""
        found = await self._compare()
        if found.sentences():
            await self._judge(found, self._doubts)
        self.require()

    async def is_behind(self) -> bool:
        """Looks whether the database is older than its topics. Raises if the look fails."""
        return bool((await self._compare()).ahead)

    async def doubt(self) -> None:
        """Closes the gate until a look that begins after this call."""
        self._doubts += 1
        if self.trusted.is_set():
            self.trusted.clear()
            await self._connection.close()

    async def _compare(self) -> Differences:
        """Bookmarks grow: what does not seem unknown by those that were read before is known by those read after."""
        before = await self.bookmarks.read()
        ends = await self._books.read()
        self.reading.saw(ends)
        found = differences(before, ends, before)
        return differences(before, ends, await self.bookmarks.read()) if found.ahead else found

    def _could_not_look(self, error: Exception) -> None:
        """A new broker creates its internal topic of groups at the first use: only a lasting failure is logged."""
        now = time.monotonic()
        self.unreachable_since = self.unreachable_since or now
        if now - self.unreachable_since > PATIENCE and not self._warned:
            self._warned = True
            log.warning("database and topics cannot be compared", error=type(error).__name__)

    async def _judge(self, found: Differences, doubts: int) -> None:
        if found != self.found:
            for sentence in found.sentences():
                log.critical("histories differ", difference=sentence)
        self.found = found
        if found.sentences():
            await self.doubt()
        elif doubts == self._doubts:
            self.trusted.set()


def _topics(partitions: Sequence[Partition]) -> str:
    return ", ".join(dict.fromkeys(topic for topic, _ in partitions))
