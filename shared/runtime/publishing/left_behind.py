"""Finds outdated states that a worker left behind when it died between publishing a state and checking it.

Then an older state may be the last one of its key, and a compacted topic keeps it for ever. No other worker knows. So a
worker reads the last states from the topic, at its start and every hour. If the journal has newer public events for a
key, it publishes the state again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping

import structlog
from aiokafka.errors import KafkaError

from shared.contracts.envelope import Malformed
from shared.contracts.spoken import SPEAKERS
from shared.contracts.topics import Topic
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.reader import KafkaUnreadable, read_to_end
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.publishing.public import PublicLayer

log = structlog.get_logger()

LOOK_SECONDS, AGAIN_SECONDS = 3600.0, 10.0
"""Hourly for those that end and never begin again; soon after a look that could not be taken."""

STREAMS_AT_ONCE = 50


class LeftBehind:
    """Of one service's state topic, while database and topics are ``trusted``. No event waits for it."""

    def __init__(self, kafka: KafkaAccess, topic: Topic, public: PublicLayer, trusted: asyncio.Event) -> None:
        self._kafka, self._topic, self._public, self._trusted = kafka, topic, public, trusted

    async def run(self) -> None:
        """Until cancelled. Whether servers answer is watched elsewhere."""
        while True:
            await self._trusted.wait()
            try:
                has_looked = await self.look()
            except (KafkaError, KafkaUnreadable, MongoUnavailable) as error:
                log.info("present states could not be looked at", error=type(error).__name__)
                has_looked = False
            await asyncio.sleep(LOOK_SECONDS if has_looked else AGAIN_SECONDS)

    async def look(self) -> bool:
        """False while the topic is still filled: what it says then is old by and by.

        Raises ``KafkaError``, ``KafkaUnreadable``, ``MongoUnavailable``.
        """
        if not await self._public.is_filled():
            return False
        last: dict[str, int] = {}
        async for records in read_to_end(self._kafka, [self._topic.name]):
            last.update(self._said(records))
        for some in _pieces(last):
            await self._public.look_behind(some)
        return True

    def _said(self, records: list[KafkaRecord]) -> Iterator[tuple[str, int]]:
        """What others have put there `kpk verify` names."""
        for record in records:
            try:
                envelope = SPEAKERS[record.topic].read(record.key, record.headers)
            except Malformed:
                continue
            yield envelope.stream, envelope.sequence


def _pieces(last: Mapping[str, int]) -> Iterator[dict[str, int]]:
    streams = list(last)
    for start in range(0, len(streams), STREAMS_AT_ONCE):
        yield {stream: last[stream] for stream in streams[start : start + STREAMS_AT_ONCE]}
