"""Checks whether topics are as declared, and whether the service's own topic is complete from its beginning.

Records that a broker deletes are lost for every future reader: a new or rebuilt projection would lack them. So drift
raises an alarm at once, while the journal can still fill the topic again (``kpk republish``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from aiokafka.errors import KafkaError

from shared.contracts.topics import Topic
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.topics import beginnings_of, differences
from shared.runtime.mongo.driver import Collection, MongoUnavailable
from shared.runtime.observing.alarms import Alarms

log = structlog.get_logger()

LOOK_SECONDS = 60.0
BEGINNINGS = "beginnings"
DRIFTED, BEHEADED = "topic_drift", "topic_beginning"


class Drift:
    """One service's. It keeps one document for its own topic after a refill: the first offsets of its partitions."""

    def __init__(
        self, kafka: KafkaAccess, topics: Sequence[Topic], own: str, beginnings: Collection, alarms: Alarms
    ) -> None:
        self._kafka = kafka
        self._topics = topics
        self._own = own
        self._beginnings = beginnings
        self._alarms = alarms

    async def run(self) -> None:
        """Until cancelled. Other loops watch whether servers answer."""
        while True:
            try:
                await self.look()
            except (KafkaError, TimeoutError, MongoUnavailable) as error:
                log.info("topics could not be looked at", error=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """A missing topic is no drift: a starting service waits for it."""
        drifted = [str(one) for one in await differences(self._kafka, self._topics) if one.is_ is not None]
        self._alarms.tell(DRIFTED, f"{'; '.join(drifted)}: kpk topics diff" if drifted else None)
        lost = await lost_beginnings(self._kafka, self._own, self._beginnings)
        sentence = f"the beginning of {self._own} is gone in {len(lost)} partitions: kpk republish its service"
        self._alarms.tell(BEHEADED, sentence if lost else None)

    async def filled_again(self) -> None:
        """Called before everything is published again, behind whatever the topic has lost so far."""
        starts = {str(number): start for number, start in (await beginnings_of(self._kafka, self._own)).items()}
        await self._beginnings.update_one({"_id": self._own}, {"$set": {"starts": starts}}, upsert=True)
        await self.look()


async def lost_beginnings(kafka: KafkaAccess, topic: str, beginnings: Collection) -> list[int]:
    """The partitions that have lost first records since the last refill, or at all if there was none."""
    known = (await beginnings.find_one({"_id": topic}) or {"starts": {}})["starts"]
    starts = await beginnings_of(kafka, topic)
    return [number for number, start in starts.items() if start > known.get(str(number), 0)]
