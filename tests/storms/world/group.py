"""A consumer group as a model: members come and go, and one that was silent for too long works on as a zombie.

``Member`` stands in for aiokafka's consumer: the real listener and the real FastStream read and commit with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from contextvars import Context
from functools import partial
from itertools import groupby
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from tests.storms.world.loop import PROCESS
from tests.storms.world.wire import pace, reply

if TYPE_CHECKING:
    from tests.storms.world.topic import Broker, Stored

HEARTBEAT_SECONDS = 0.3
REBALANCE_SECONDS = 2.0
MOST = 4
"""Records of a batch, whatever is asked for: so that several batches make a story."""


class Group:
    """The coordinator's side of a consumer group."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.committed: dict[TopicPartition, int] = {}
        self.members: list[Member] = []
        self._generation = 0
        self._joined: dict[Member, asyncio.Future[Any]] = {}
        self._gathering = False

    def read(self) -> dict[TopicPartition, int]:
        return dict(self.committed)

    def join(self, member: Member) -> asyncio.Future[Any]:
        done = self._joined[member] = self._broker.wire.loop.create_future()
        if member not in self.members:
            self.members.append(member)
        if member.process and not member.process.running:
            self._broker.lose_session(member.process)
        self._gather()
        return done

    def expel(self, member: Member) -> None:
        """It learns of it at its next heartbeat, and works on until then."""
        if member in self.members:
            self.members.remove(member)
            if done := self._joined.pop(member, None):
                reply(done, None)
            member.tell(HEARTBEAT_SECONDS)
            self._gather()

    def commit(self, member: Member, generation: int, covered: Mapping[TopicPartition, int]) -> None:
        if member not in self.members or generation != self._generation:
            raise CommitFailedError
        self.committed.update(covered)

    def _gather(self) -> None:
        if not self._gathering:
            self._gathering = True
            for member in self.members:
                if member not in self._joined:
                    member.tell(pace(self._broker.wire.chance("kafka")))
            self._broker._later(REBALANCE_SECONDS, partial(self._give_up, self._generation))
        if self.members and all(member in self._joined for member in self.members):
            self._distribute()

    def _give_up(self, generation: int) -> None:
        if self._gathering and generation == self._generation:
            for member in [one for one in self.members if one not in self._joined]:
                self.members.remove(member)
                member.tell(HEARTBEAT_SECONDS)
            self._distribute()

    def _distribute(self) -> None:
        self._gathering = False
        self._generation += 1
        joined, self._joined = self._joined, {}
        for number, (member, done) in enumerate(joined.items()):
            mine = [
                place
                for index, place in enumerate(sorted(self._broker.partitions))
                if place.topic in member.topics and (index + self._generation) % len(joined) == number
            ]
            done.set_result((self._generation, {place: self.committed.get(place, 0) for place in mine}))


class Member:
    """One process's consumer, as far as ours uses it."""

    def __init__(self, broker: Broker, *, group_id: str, enable_auto_commit: bool = True, **_options: object) -> None:
        self.process = PROCESS.get()
        self.context = self.process.context if self.process else Context()
        self.topics: tuple[str, ...] = ()
        self._broker = broker
        self._group = broker.group(group_id)
        self._commits_by_itself = enable_auto_commit
        self._following: asyncio.Task[None] | None = None
        self._generation = 0
        self.positions: dict[TopicPartition, int] = {}
        self._told = asyncio.Event()
        self._told.set()
        self._assigned = asyncio.Event()
        self.fed = asyncio.Event()
        """There may be something that was not there when it was last asked for."""
        broker.readers.append(self)
        self._chance = broker.wire.chance(f"{self.process.name if self.process else group_id} batches")

    def subscribe(self, *, topics: Sequence[str], listener: Any, **_pattern: object) -> None:
        self.topics, self._listener = tuple(topics), listener

    async def start(self) -> None:
        self._following = asyncio.create_task(self._follow(self._listener))

    async def stop(self) -> None:
        assert self._following is not None
        self._following.cancel()
        await asyncio.gather(self._following, return_exceptions=True)
        self._group.expel(self)

    @property
    def _client(self) -> Member:
        """aiokafka's connection, which ``Listener.stop`` closes by its private name."""
        return self

    @property
    def _fetcher(self) -> SimpleNamespace:
        """aiokafka's fetcher, whose pace ``Listener`` sets by its private name: here nothing polls."""
        return SimpleNamespace()

    async def close(self) -> None:
        """Nothing is open."""

    def tell(self, seconds: float) -> None:
        """That it has to join again."""
        self._broker.wire.loop.call_later(seconds, self._told.set, context=self.context)

    async def _follow(self, listener: Any) -> None:
        """aiokafka's coordination, which runs beside the handling of batches."""
        while True:
            await self._told.wait()
            self._told.clear()
            await listener.on_partitions_revoked(())
            self._assigned.clear()
            self.positions = {}
            joined = await self._ask("join", lambda: self._group.join(self))
            if joined is None:
                self._told.set()
                continue
            self._generation, self.positions = joined
            self._assigned.set()
            self.fed.set()
            await listener.on_partitions_assigned(())

    async def getmany(self, **_limits: object) -> dict[TopicPartition, list[Stored]]:
        """Waits until there is something. Where it commits by itself, it does so before anybody has seen a record."""
        while True:
            await self._assigned.wait()
            found = await self._ask("fetch", self._take)
            if records := [one for one in found or () if self._is_next(one)]:
                if self._commits_by_itself:
                    await self._acknowledge(records)
                return {place: list(of) for place, of in groupby(records, _place_of)}
            if found == []:
                await self.fed.wait()

    async def _acknowledge(self, records: Sequence[Stored]) -> None:
        with suppress(KafkaError):
            await self.commit({_place_of(record): record.offset + 1 for record in records})

    def assignment(self) -> set[TopicPartition]:
        return set(self.positions)

    async def position(self, place: TopicPartition) -> int:
        self._must_own(place)
        return self.positions[place]

    def seek(self, place: TopicPartition, offset: int) -> None:
        self._must_own(place)
        self.positions[place] = offset
        self.fed.set()

    async def commit(self, covered: Mapping[TopicPartition, int]) -> None:
        for place in covered:
            self._must_own(place)
        commit = partial(self._group.commit, self, self._generation, covered)
        await self._broker.wire.call("commit", lambda: self._broker.when_there(commit), lambda _: CommitFailedError())

    def _ask(self, what: str, act: Callable[[], Any]) -> asyncio.Future[Any]:
        return self._broker.wire.call(what, lambda: self._broker.when_there(act), lambda _: None)

    def _take(self) -> list[Stored]:
        """Some of the next records of some of the partitions."""
        self.fed.clear()
        places, room = list(self.positions), self._chance.randint(1, MOST)
        self._chance.shuffle(places)
        taken: list[Stored] = []
        for place in places:
            partition = self._broker.partitions[place]
            start = self.positions[place]
            taken += partition.log[start : min(start + room - len(taken), partition.high)]
        return taken

    def _is_next(self, record: Stored) -> bool:
        """Not what was fetched for an assignment that is over, or before somebody sought back."""
        place = _place_of(record)
        if self.positions.get(place) != record.offset:
            return False
        self.positions[place] += 1
        return True

    def _must_own(self, place: TopicPartition) -> None:
        if place not in self.positions:
            raise IllegalStateError(f"{place} is not assigned")


def _place_of(record: Stored) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)
