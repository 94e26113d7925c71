"""An outsider: reads all event topics while everything happens, with another client, and remembers what it was told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection

from confluent_kafka import TopicPartition

from tests.campaign.apart import SPAWN, live_with_parent
from tests.campaign.checks.rest import as_seen
from tests.campaign.dump import Place, Seen
from tests.campaign.kafka_dump import consumer, places, record_of
from tests.kit.confluent import At

POLL_SECONDS = 0.3
END_SECONDS = 20.0


class Subscriber:
    """Keeps reading through every restart of a broker; the client's own retries are all that helps it."""

    def __init__(self, bootstrap: At, topics: Sequence[str]) -> None:
        self._bootstrap = bootstrap
        self._places = places(bootstrap, topics)
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
            if self._anew.is_set():
                self._anew.clear()
                self._next, self.seen = {}, []
            self._listen()

    def _listen(self) -> None:
        """To a process of its own each time: a client knows a topic that was made anew by its old identity.

        Where that process dies, the next one goes on behind what it has told.
        """
        told, telling = SPAWN.Pipe(duplex=False)
        begin = {place: self._next.get(place, 0) for place in self._places}
        reader = SPAWN.Process(target=follow, args=(self._bootstrap, begin, telling), daemon=True)
        reader.start()
        telling.close()
        try:
            while not self._ended.is_set() and not self._anew.is_set():
                if told.poll(POLL_SECONDS):
                    self._remember(told.recv())
        except EOFError:
            return
        finally:
            reader.kill()
            reader.join()
            told.close()

    def _remember(self, seen: Sequence[Seen]) -> None:
        self.seen += seen
        self._next.update({(one.topic, one.partition): one.offset + 1 for one in seen})


def follow(bootstrap: At, begin: Mapping[Place, int], telling: Connection) -> None:
    """Tells what comes, until it is ended."""
    live_with_parent()
    reader = consumer(bootstrap, **{"enable.partition.eof": False})
    reader.assign([TopicPartition(*place, offset) for place, offset in begin.items()])
    while True:
        records = [record_of(message) for message in reader.consume(500, POLL_SECONDS) if message.error() is None]
        if records:
            telling.send([Seen(one.topic, one.partition, one.offset, *as_seen(one)) for one in records])
