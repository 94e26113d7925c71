"""Kafka as a model: partitions whose tail may be lost, and a producer.

``Producer`` stands in for the one made of aiokafka's, so that the real ``KafkaPublisher`` runs on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import (
    KafkaError,
    MessageSizeTooLargeError,
    NotEnoughReplicasError,
    OutOfOrderSequenceNumber,
)

from shared.contracts.topics import Topic
from shared.runtime.kafka.books import Ends
from shared.runtime.kafka.record import UNKNOWN_TIME
from shared.runtime.kafka.record import Partition as Place
from tests.storms.world.group import Group, Member
from tests.storms.world.loop import PROCESS, SERVERS, Process
from tests.storms.world.wire import Wire, pace, reply, settle

PARTITIONS = 2
SESSION_SECONDS = 1.5
LARGEST_RECORD = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Stored:
    """A record in its partition; ``planted`` by a fault, not by us."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    planted: bool = False
    timestamp: int = UNKNOWN_TIME

    @property
    def place(self) -> tuple[str, int, int]:
        return self.topic, self.partition, self.offset


@dataclass
class Partition:
    """``high``: up to here all replicas have it; only that can be read."""

    log: list[Stored] = field(default_factory=list)
    high: int = 0
    waiting: list[tuple[int, Sent]] = field(default_factory=list)
    era: int = 0


@dataclass
class Batch:
    """As aiokafka's batch builder: ``append`` answers None when it is full. One record always fits."""

    room: int
    bytes_left: int
    records: list[tuple[bytes | None, bytes | None, Sequence[tuple[str, bytes]]]] = field(default_factory=list)

    def append(
        self, *, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes]], **_now: None
    ) -> object:
        size = len(value or b"")
        if self.records and (len(self.records) >= self.room or size > self.bytes_left):
            return None
        self.bytes_left -= size
        self.records.append((key, value, headers))
        return self

    def close(self) -> None:
        """Nothing to seal."""


@dataclass
class Sent:
    """A batch on its way; its producer sends it again until it is acknowledged, as long as both live."""

    place: TopicPartition
    batch: Batch
    acks: int | str
    sender: Process | None
    producer: Producer
    done: asyncio.Future[Any]


class Broker:
    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.partitions: dict[TopicPartition, Partition] = {}
        self.groups: dict[str, Group] = {}
        self.batch_room = 2
        self.readers: list[Member] = []
        self.readable_since: dict[tuple[str, int, int], float] = {}
        self.producers: list[Producer] = []
        self._chance = wire.chance("kafka")
        self._lagging = False
        self._away_until = 0.0

    def create(self, topics: Sequence[str]) -> None:
        for topic in topics:
            for number in range(PARTITIONS):
                self.partitions.setdefault(TopicPartition(topic, number), Partition())

    def group(self, name: str) -> Group:
        return self.groups.setdefault(name, Group(self))

    def when_there(self, act: Callable[[], Any]) -> Any:
        """What clients do by themselves while no leader answers: try again."""
        if not self._is_away():
            return act()
        loop = self.wire.loop
        done: asyncio.Future[Any] = loop.create_future()
        self._later(self._away_until - loop.time() + pace(self._chance), lambda: self._chain(act, done))
        return done

    def _is_away(self) -> bool:
        return self.wire.loop.time() < self._away_until

    def _chain(self, act: Callable[[], Any], done: asyncio.Future[Any]) -> None:
        try:
            result = self.when_there(act)
        except KafkaError as error:
            result = error
        if isinstance(result, asyncio.Future):
            result.add_done_callback(lambda found: done.set_result(found.result()), context=SERVERS)
        else:
            done.set_result(result)

    # Writing

    def send(self, sent: Sent) -> asyncio.Future[Any]:
        if self._is_away():
            self._later(self._away_until - self.wire.loop.time(), partial(self._send_again, sent))
        else:
            self._append(sent)
        return sent.done

    def _send_again(self, sent: Sent) -> None:
        if not sent.producer.dropped.done() and (sent.sender is None or not sent.sender.killed):
            self.send(sent)

    def plant(
        self, place: TopicPartition, key: bytes | None, value: bytes | None, headers: Any, planted: bool = True
    ) -> None:
        """Without a producer; ``planted`` also without anybody who would have decided it."""
        partition = self.partitions[place]
        stored = Stored(place.topic, place.partition, len(partition.log), key, value, headers, planted=planted)
        partition.log.append(stored)
        self._replicate(partition)

    def _append(self, sent: Sent) -> None:
        if any(len(value or b"") > LARGEST_RECORD for _, value, _ in sent.batch.records):
            reply(sent.done, MessageSizeTooLargeError())
            return
        partition = self.partitions[sent.place]
        for key, value, headers in sent.batch.records:
            place = sent.place
            partition.log.append(Stored(place.topic, place.partition, len(partition.log), key, value, headers))
        if sent.acks == "all":
            partition.waiting.append((len(partition.log), sent))
        else:
            reply(sent.done, None)
        self._replicate(partition)

    def _replicate(self, partition: Partition) -> None:
        self._later(pace(self._chance), partial(self._follow, partition, len(partition.log), partition.era))

    def _follow(self, partition: Partition, upto: int, era: int) -> None:
        if not self._lagging and era == partition.era:
            self._reach(partition, max(upto, partition.high))

    def _reach(self, partition: Partition, upto: int) -> None:
        if upto > partition.high:
            for reader in self.readers:
                if place_of(partition.log[-1]) in reader.positions:
                    self._later(pace(self._chance), reader.fed.set)
        for record in partition.log[partition.high : upto]:
            self.readable_since[record.place] = self.wire.loop.time()
        partition.high = upto
        for end, sent in partition.waiting:
            if end <= upto:
                reply(sent.done, None)
        partition.waiting = [(end, sent) for end, sent in partition.waiting if end > upto]

    def lag(self, seconds: float) -> None:
        """No replica follows; leaders go on alone."""
        self._lagging = True
        self._later(seconds, self._catch_up)

    def _catch_up(self) -> None:
        self._lagging = False
        for partition in self.partitions.values():
            self._reach(partition, len(partition.log))

    def be_away(self, seconds: float) -> None:
        """Nobody is served, nothing is lost. Some lines break of it."""
        self._away_until = max(self._away_until, self.wire.loop.time() + seconds)
        for producer in self.producers:
            if self._chance.random() < 0.5:
                self.wire.loop.call_soon(producer.drop, context=producer.context)

    def fail_over(self, seconds: float) -> None:
        """Other leaders: of what was not on all replicas yet, some is gone. Producers that live send it again."""
        self._lagging = False
        self.be_away(seconds)
        for partition in self.partitions.values():
            self._reach(partition, self._chance.randint(partition.high, len(partition.log)))
            del partition.log[partition.high :]
            partition.era += 1
            again, partition.waiting = partition.waiting, []
            for _, sent in again:
                self._send_again(sent)

    # Reading

    def books(self, _bootstrap: str, group: str, topics: Sequence[str]) -> SimpleNamespace:
        """In the place of ``Books``."""
        return SimpleNamespace(read=partial(self._ends_of, group, topics), close=_nothing_is_open)

    async def _ends_of(self, group: str, topics: Sequence[str]) -> dict[Place, Ends]:
        """Two questions, as ``Books`` asks."""
        committed = await self.wire.call("committed", lambda: self.when_there(self.group(group).read), refused)
        ends = await self.wire.call("ends", lambda: self.when_there(partial(self._ends, topics)), refused)
        return {(place.topic, place.partition): Ends(end, committed.get(place)) for place, end in ends.items()}

    async def ends(self, topic: str) -> dict[int, int]:
        ends = await self.wire.call("ends", lambda: self.when_there(partial(self._ends, [topic])), refused)
        return {place.partition: end for place, end in ends.items()}

    def _ends(self, topics: Sequence[str]) -> dict[TopicPartition, int]:
        return {place: one.high for place, one in self.partitions.items() if place.topic in topics}

    async def read_to_end(self, _bootstrap: object, topics: Sequence[str]) -> AsyncIterator[list[Stored]]:
        """In the place of ours, a partition after the other."""
        for place, end in (await self.wire.call("ends", partial(self._ends, topics), refused)).items():
            yield self.partitions[place].log[:end]

    def _later(self, seconds: float, act: Callable[[], Any]) -> None:
        self.wire.loop.call_later(seconds, act, context=SERVERS)

    def expel(self, process: Process) -> None:
        """Its heartbeats are lost on the way: it works on, and knows nothing yet."""
        for group in self.groups.values():
            for member in [one for one in group.members if one.process is process]:
                group.expel(member)

    def lose_session(self, process: Process) -> None:
        """After a while without heartbeats a stopped or killed process is a member no longer."""
        self._later(SESSION_SECONDS, partial(self._expel_if_silent, process))

    def _expel_if_silent(self, process: Process) -> None:
        if not process.running:
            self.expel(process)


class ModelEnds:
    """In the place of ours, for one process."""

    def __init__(self, broker: Broker, _bootstrap: str) -> None:
        self._broker = broker

    async def of(self, topic: Topic) -> dict[int, int]:
        return await self._broker.ends(topic.name)

    async def close(self) -> None:
        """Nothing is open."""


def place_of(record: Stored) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)


class Producer:
    """In the place of ours, for one process. Idempotent: after a refusal a partition takes nothing more."""

    def __init__(
        self, broker: Broker, *, enable_idempotence: bool, acks: int | str, max_batch_size: int, **_options: object
    ) -> None:
        self._broker = broker
        self._batch_bytes = max_batch_size
        self._acks = acks
        self._idempotent = enable_idempotence
        self._poisoned: set[TopicPartition] = set()
        self._process = PROCESS.get()
        self.dropped: asyncio.Future[None] = broker.wire.loop.create_future()

    @property
    def context(self) -> Context:
        return self._process.context if self._process else SERVERS

    async def start(self) -> None:
        await self._broker.wire.call("connect", lambda: None, refused)
        self._broker.producers.append(self)

    def drop(self) -> None:
        settle(self.dropped, None)

    async def end(self) -> None:
        self.drop()

    async def partitions_for(self, topic: str) -> set[int]:
        return {place.partition for place in self._broker.partitions if place.topic == topic}

    def create_batch(self) -> Batch:
        return Batch(self._broker.batch_room, self._batch_bytes)

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> asyncio.Future[Any]:
        place = TopicPartition(topic, partition)
        sent = Sent(place, batch, self._acks, PROCESS.get(), self, self._broker.wire.loop.create_future())
        if place in self._poisoned:
            sent.done.set_exception(OutOfOrderSequenceNumber())
            return sent.done
        return self._broker.wire.call(
            f"send {topic.split('.')[1]}",
            partial(self._broker.send, sent),
            partial(self._refused, place),
        )

    def _refused(self, place: TopicPartition, _happened: bool) -> KafkaError:
        if self._idempotent:
            self._poisoned.add(place)
        return NotEnoughReplicasError()


def refused(_happened: bool) -> KafkaError:
    return NotEnoughReplicasError()


async def _nothing_is_open() -> None:
    return
