"""An outsider: reads all event topics while everything happens, with another client, and remembers what it was told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

from confluent_kafka import Message, TopicPartition

from tests.campaign.checks.rest import as_seen
from tests.campaign.dump import Place, Seen
from tests.campaign.kafka_dump import Broker, consumer, record_of

POLL_SECONDS = 0.3
END_SECONDS = 20.0


class Subscriber:
    """Keeps reading through every restart of a broker; the client's own retries are all that helps it."""

    def __init__(self, bootstrap: str, topics: Sequence[str]) -> None:
        self._bootstrap = bootstrap
        self._places = Broker(bootstrap).places(topics)
        self._ended, self._anew = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._read, name="outsider")
        self._next: dict[Place, int] = {}
        self.seen: list[Seen] = []

    def start(self) -> None:
        self._thread.start()

    def begin_again(self) -> None:
        """When topics were lost and made anew, what was read of the old ones is of no use."""
        self._anew.set()

    async def stop(self) -> None:
        self._ended.set()
        await asyncio.to_thread(self._thread.join)

    async def reached(self, ends: dict[Place, int]) -> bool:
        """Waits a while for the end, which may be a control record that nobody is shown."""
        for _ in range(int(END_SECONDS / POLL_SECONDS)):
            if all(self._next.get(place, 0) >= ends.get(place, 0) for place in self._places):
                return True
            await asyncio.sleep(POLL_SECONDS)
        return False

    def _read(self) -> None:
        while not self._ended.is_set():
            self._anew.clear()
            self._next, self.seen = {}, []
            self._follow()

    def _follow(self) -> None:
        """With a client of its own each time: it knows a topic that was made anew by its old identity."""
        reader = consumer(self._bootstrap, **{"enable.partition.eof": False})
        reader.assign([TopicPartition(*place, 0) for place in self._places])
        while not self._ended.is_set() and not self._anew.is_set():
            for message in reader.consume(500, timeout=POLL_SECONDS):
                if message.error() is None:
                    self._remember(message)
        reader.close()

    def _remember(self, message: Message) -> None:
        record = record_of(message)
        self._next[record.topic, record.partition] = record.offset + 1
        self.seen.append(Seen(record.topic, record.partition, record.offset, *as_seen(record)))
