"""Compares a copy of a state topic with the whole topic if its reader was away for longer than nulls are kept.

The reader may have missed a null that was removed meanwhile: its key is missing in the topic and still in the copy. So
the topic is read from its first record, and missing keys are removed from the copy. This needs certainty that the topic
is the one that was read before. A topic that was emptied, cut or replaced lacks many keys, and none of them was erased.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import structlog

from shared.contracts.topics import NULLS_KEPT
from shared.runtime.delivery.bookmarks import Bookmark, Bookmarks, Trust
from shared.runtime.delivery.parked import Parked
from shared.runtime.delivery.records import read_all
from shared.runtime.delivery.state_copy import StateCopy
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.record import KafkaRecord, Partition
from shared.runtime.kafka.topics import has_its_beginning

log = structlog.get_logger()

AWAY_TOO_LONG = NULLS_KEPT // 2
"""A reader that was away for less (ms) has the other half of the time to read what it missed."""


class AnotherTopic(Exception):
    """The topic lost its beginning, or has other records than those read: the owner has to publish its states again."""


class Renewal:
    """One service's. ``copies`` by the topics that they follow."""

    def __init__(
        self, kafka: KafkaAccess, copies: Mapping[str, StateCopy], bookmarks: Bookmarks, parked: Parked, gate: Trust
    ) -> None:
        self._kafka = kafka
        self._copies = copies
        self._bookmarks = bookmarks
        self._parked = parked
        self._gate = gate

    async def before(self, records: Sequence[KafkaRecord]) -> None:
        """Called before a batch is delivered. Harmless if another worker does the same.

        Raises ``AnotherTopic``, what the gate raises, or ``KafkaUnreadable``: then nothing is forgotten.
        """
        for topic, copy in self._copies.items():
            partitions = {(topic, record.partition) for record in records if record.topic == topic}
            if partitions:
                marks = await self._bookmarks.of_topic(topic)
                oldest = min((marks[one].appended for one in partitions if one in marks), default=_now())
                if _now() - oldest > AWAY_TOO_LONG:
                    await self._renew(topic, copy, marks)

    async def _renew(self, topic: str, copy: StateCopy, marks: Mapping[Partition, Bookmark]) -> None:
        """A document that changes while the topic is read stays: it has another version."""
        self._gate.require()
        began, told_of = _now(), await copy.told_of()
        there = await self._read(topic, copy, marks)
        self._gate.require()
        missing = {key: version for key, version in told_of.items() if key not in there}
        for key, version in missing.items():
            await copy.forget(key, version)
            await self._parked.forget_state(topic, key)
        await self._bookmarks.read_anew(topic, began)
        log.warning("state taken anew after a long absence", topic=topic, read=len(there), forgotten=len(missing))

    async def _read(self, topic: str, copy: StateCopy, marks: Mapping[Partition, Bookmark]) -> set[str]:
        """The keys that are on the topic; their states are taken meanwhile."""
        there: set[str] = set()
        async for records in read_to_end(self._kafka, [topic]):
            if any(_contradicts(record, marks) for record in records):
                raise _another(topic)
            there |= {(record.key or b"").decode(errors="replace") for record in records}
            states = [one.state for one in read_all(records, frozenset()).states.get(topic, [])]
            refused = frozenset(await copy.refused(states))
            await copy.hear([state for index, state in enumerate(states) if index not in refused])
        if not await has_its_beginning(self._kafka, topic):
            raise _another(topic)
        return there


def _contradicts(record: KafkaRecord, marks: Mapping[Partition, Bookmark]) -> bool:
    """Whether a record lies before a bookmark but was appended after the time of that bookmark."""
    mark = marks.get((record.topic, record.partition))
    return mark is not None and 0 < mark.appended < record.timestamp and record.offset < mark.next


def _another(topic: str) -> AnotherTopic:
    log.critical("histories differ", difference=f"{topic} is not the one that was read: kpk republish its owner")
    return AnotherTopic(topic)


def _now() -> int:
    return int(time.time() * 1000)
