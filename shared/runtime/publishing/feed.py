"""``GET /feed``: the public events for systems without Kafka, page by page, with the same ids.

A cursor is opaque: it contains the topic, by the broker's id, and the position in each partition. A recreated topic is
another topic: the reader gets an error and must begin again. The service stores nothing about readers.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.contracts.envelope import Malformed
from shared.contracts.spoken import SPEAKERS, Speaker
from shared.contracts.topics import Topic, public_of
from shared.kernel.rejections import Busy
from shared.kernel.time import iso
from shared.runtime.http.problems import Refused
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.kafka.topic_id import topic_id
from shared.runtime.kafka.topics import reading

READERS_AT_ONCE = 16
SEARCHED_FOR, ANSWERED_WITHIN = 3.0, 15.0
"""Seconds beside those that a reader wants to wait: for what was asked among the rest, and for everything."""

Offsets = dict[int, int]


class CursorUnknown(Refused):
    def __init__(self) -> None:
        super().__init__(422, "CursorUnknown", "„after“ ist nicht „next“ aus einer früheren Antwort.")


class FeedBeganAnew(Refused):
    """What lies there now is not what the cursor was read from."""

    def __init__(self) -> None:
        super().__init__(
            410, "FeedBeganAnew", "Das Thema ist neu angelegt. Bitte von vorn beginnen, ohne „after“.", begin=None
        )


class Asked(NamedTuple):
    """``types`` empty: all. ``wait``: so many seconds at most for something to come."""

    conference: str
    after: str | None
    types: frozenset[str]
    limit: int
    wait: float


@dataclass(frozen=True, slots=True)
class Page:
    """``more``: there is more already, be it something else than what was asked for."""

    items: Sequence[Mapping[str, Any]]
    next: str
    more: bool


class Feed:
    """Of one public topic. Each question has a connection of its own, a bounded number at a time."""

    def __init__(self, kafka: KafkaAccess, topic: Topic) -> None:
        self._kafka = kafka
        self._topic = topic
        self._speaker = SPEAKERS[public_of(topic.owner).name]
        self._room = asyncio.Semaphore(READERS_AT_ONCE)

    async def page(self, asked: Asked) -> Page:
        """Raises ``CursorUnknown``, ``FeedBeganAnew``, or ``Busy``: Kafka is away, or too many ask at once."""
        if self._room.locked():
            raise Busy
        async with self._room:
            try:
                async with asyncio.timeout(asked.wait + ANSWERED_WITHIN):
                    return await self._page(asked)
            except (KafkaError, TimeoutError):
                raise Busy from None

    async def _page(self, asked: Asked) -> Page:
        cursor = read_cursor(asked.after, self._topic.partitions) if asked.after else None
        async with reading(self._kafka) as reader:
            own = await topic_id(reader._client, self._topic.name)
            if cursor and cursor[0] != own:
                raise FeedBeganAnew
            offsets, ends = await self._begin(reader, cursor[1] if cursor else None)
            items, began = list[Mapping[str, Any]](), time.monotonic()
            while not items:
                left = asked.wait - (time.monotonic() - began)
                records = await _some(reader, asked.limit, left)
                offsets |= {record.partition: record.offset + 1 for record in records}
                items = [told for record in records if (told := _told(record, asked, self._speaker))]
                if left <= -SEARCHED_FOR or (left <= 0 and not records):
                    break
        return Page(items, cursor_of(own, offsets), more=any(offsets[number] < end for number, end in ends.items()))

    async def _begin(self, reader: AIOKafkaConsumer, offsets: Offsets | None) -> tuple[Offsets, Offsets]:
        """Where to read on, and where the partitions end. Raises ``FeedBeganAnew`` where one does not reach so far."""
        places = [TopicPartition(self._topic.name, number) for number in range(self._topic.partitions)]
        reader.assign(places)
        starts, ends = await asyncio.gather(reader.beginning_offsets(places), reader.end_offsets(places))
        found = {place.partition: (offsets or {}).get(place.partition, starts[place]) for place in places}
        if any(not starts[place] <= found[place.partition] <= ends[place] for place in places):
            raise FeedBeganAnew
        for place in places:
            reader.seek(place, found[place.partition])
        return found, {place.partition: ends[place] for place in places}


async def _some(reader: AIOKafkaConsumer, limit: int, seconds: float) -> list[KafkaRecord]:
    """At most ``limit``, each partition's in order. What lies there comes within a moment, also without waiting."""
    found = await reader.getmany(timeout_ms=int(max(seconds, 0.5) * 1000), max_records=limit)
    return [record for records in found.values() for record in records]


def _told(record: KafkaRecord, asked: Asked, speaker: Speaker) -> Mapping[str, Any] | None:
    """In CloudEvents' JSON format; None for what was not asked for, or the topic's owner cannot have said.

    What lies on the topic and cannot be read holds up nobody: `kpk verify` names it.
    """
    try:
        envelope, data = speaker.read(record.key, record.headers), orjson.loads(record.value or b"")
    except (Malformed, orjson.JSONDecodeError):
        return None
    if not isinstance(data, dict):
        return None
    if envelope.conference != asked.conference or (asked.types and envelope.type not in asked.types):
        return None
    return {
        "specversion": "1.0",
        "id": envelope.id,
        "type": envelope.type,
        "source": envelope.source,
        "subject": envelope.stream,
        "time": iso(envelope.time),
        "sequence": str(envelope.sequence),
        "previous": (dict(record.headers).get("ce_previous") or b"").decode(),
        "conference": envelope.conference,
        "correlationid": envelope.correlation,
        "causationid": envelope.causation,
        "datacontenttype": "application/json",
        "data": data,
    }


def cursor_of(topic: str, offsets: Offsets) -> str:
    told = [topic, *(offsets[number] for number in sorted(offsets))]
    return base64.urlsafe_b64encode(orjson.dumps(told)).decode().rstrip("=")


def read_cursor(text: str, partitions: int) -> tuple[str, Offsets]:
    """Raises ``CursorUnknown``."""
    try:
        topic, *offsets = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError):
        raise CursorUnknown from None
    are_offsets = len(offsets) == partitions and all(type(one) is int and 0 <= one < 2**63 for one in offsets)
    if not (isinstance(topic, str) and are_offsets):
        raise CursorUnknown
    return topic, dict(enumerate(offsets))
