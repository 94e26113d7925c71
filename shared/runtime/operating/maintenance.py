"""An admin's tasks for a running worker: rebuild a projection, publish or read again, recover a journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.topics import MOST_AHEAD
from shared.declarations.projection import Projection
from shared.kernel.rejections import Kind, Rejected
from shared.runtime.commands.execute import Executor
from shared.runtime.commands.journal import Journal
from shared.runtime.delivery.bookmarks import Bookmarks
from shared.runtime.delivery.delivery import Delivery
from shared.runtime.delivery.listener import Listener
from shared.runtime.delivery.records import ReceivedState, read_state
from shared.runtime.delivery.state_copy import State, StateCopy
from shared.runtime.history.drift import Drift
from shared.runtime.history.gate import HistoriesDiffer
from shared.runtime.history.recover import Recovery
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.operating.rebuild import Rebuilding
from shared.runtime.publishing.public import PublicLayer
from shared.runtime.publishing.state_topics import StateTopic


class ProjectionUnknown(Rejected):
    """Diese Projektion gibt es hier nicht. Es gibt: {known}."""

    kind = Kind.NOT_FOUND


class TopicNotRead(Rejected):
    """Dieses Thema liest der Dienst nicht. Er liest: {known}."""

    kind = Kind.NOT_FOUND


class NothingIsPublic(Rejected):
    """Dieser Dienst sagt nichts öffentlich."""

    kind = Kind.NOT_FOUND


@dataclass(frozen=True)
class Maintenance:
    """For one process. What changes its memory needs to be the service's only worker: otherwise
    ``NotTheOnlyWorker``.
    """

    listener: Listener
    delivery: Delivery
    bookmarks: Bookmarks
    rebuilding: Rebuilding
    journal: Journal
    public: PublicLayer
    executor: Executor
    states: Sequence[StateTopic]
    copies: Mapping[str, StateCopy]
    recovery: Recovery
    drift: Drift
    publish: Callable[[], None]
    """Wakes the relay of the journal."""

    async def rebuild(self, projections: Sequence[Projection], name: str) -> dict[str, int]:
        projection = next((one for one in projections if one.name == name), None)
        if projection is None:
            raise ProjectionUnknown(known=", ".join(sorted(one.name for one in projections)))
        await self.listener.require_alone()
        async with self.delivery.paused():
            return await self.rebuilding.rebuild(projection, self.listener.require_alone)

    async def republish(self, since: datetime | None) -> dict[str, int]:
        """Journal to topic: events recorded at or after a moment, and all present states, wait for the relay again."""
        if since is None:
            await self.drift.filled_again()
        people = sum([await state.publish_again() for state in self.states])
        commits = await self.journal.publish_again(since)
        self.publish()
        return {"commits": commits, "people": people}

    async def republish_in_public(self) -> dict[str, int]:
        """Journal to public topic: everything that follows in public, under the same ids as before."""
        if not await self.public.fill_again():
            raise NothingIsPublic
        return {"commits": await self.journal.size(), "people": 0}

    async def recover(self) -> dict[str, int]:
        """Topic to journal."""
        await self.listener.require_alone()
        async with self.delivery.paused():
            done = await self.recovery.bring_forward()
            self.executor.forget()
        await self._read_again(self.listener.topics)
        return done

    async def read_again(self, topic: str) -> None:
        if topic not in self.listener.topics:
            raise TopicNotRead(known=", ".join(sorted(self.listener.topics)))
        if topic in self.copies:
            with suppress(HistoriesDiffer):  # a topic that may have lost records of the copy is only read again
                self.rebuilding.own.gate.require()
                await _put_back(self.copies[topic], topic, self.rebuilding.kafka)
        await self._read_again([topic])

    async def _read_again(self, topics: Sequence[str]) -> None:
        """From the beginning: what was applied before is dropped as old, what was missed is applied."""
        await self.listener.from_the_beginning(topics, self.bookmarks.forget)


async def _put_back(copy: StateCopy, topic: str, kafka: KafkaAccess) -> None:
    """Copies with a version that is not on the topic, or never was its owner's, get the topic's version.

    The copy is read first: by then everything in it is on the topic.
    """
    kept, heads = await copy.versions(), dict[str, State]()
    async for records in read_to_end(kafka, [topic]):
        for record in records:
            if isinstance(one := read_state(record), ReceivedState):
                last = heads[one.key][1] if one.key in heads else 0
                if last < one.version <= last + MOST_AHEAD:
                    heads[one.key] = one.state
    for key, state in heads.items():
        if kept.get(key, 0) > state[1]:
            await copy.put_back(state, kept[key])
