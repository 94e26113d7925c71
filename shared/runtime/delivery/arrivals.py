"""Checks whether projections are as new as a given moment: the basis of facts from other services.

It compares the service's bookmarks with the end of the topic, so the answer covers all processes of the service.
A bookmark is written after everything before it was folded or parked. So if the bookmark is at the topic's end, the
parked rows are visible and the projections have the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiokafka.errors import KafkaError

from shared.contracts.topics import Topic
from shared.kernel.identifiers import StreamPosition
from shared.kernel.rejections import NotUpToDate
from shared.runtime.commands.facts import Seen
from shared.runtime.delivery.bookmarks import Bookmarks
from shared.runtime.delivery.parked import Parked
from shared.runtime.delivery.plan import is_over
from shared.runtime.delivery.stores import Positions
from shared.runtime.kafka.ends import TopicEnds
from shared.runtime.kafka.partitioner import number_of
from shared.runtime.kafka.record import Partition

WITHIN = 2.0
LOOK_SECONDS = 0.02

Outdated = Callable[[], Awaitable[str | None]]
"""A projection that another version of the program has folded, if there is one."""


class BrokerSilent(NotUpToDate):
    """Kafka antwortet nicht; ob von „{owner}“ alles hier angekommen ist, lässt sich gerade nicht feststellen."""


class RecordsLost(NotUpToDate):
    """Was „{owner}“ gemeldet hat, passt gerade nicht zu dem, was hier schon gelesen wurde."""


class RecordsUnderWay(NotUpToDate):
    """Von „{owner}“ sind {missing} Meldungen hier noch nicht angekommen."""


class PositionNotReached(NotUpToDate):
    """Das Ereignis {position} ist hier noch nicht angekommen."""


class StreamHeldUp(NotUpToDate):
    """Der Strom {stream} ist hier angehalten, bis die Technik ein Ereignis freigibt („kpk parked“)."""


class ProjectionOutdated(NotUpToDate):
    """Die Übersicht „{projection}“ wird gerade neu aufgebaut."""


class TopicArrivals:
    """For one service, in any of its processes."""

    def __init__(
        self, ends: TopicEnds, bookmarks: Bookmarks, positions: Positions, parked: Parked, outdated: Outdated
    ) -> None:
        self._ends = ends
        self._bookmarks = bookmarks
        self._positions = positions
        self._parked = parked
        self._outdated = outdated

    async def wait(self, topic: Topic, streams: Sequence[str], seen: Seen) -> None:
        """At most ``WITHIN`` seconds. Raises ``NotUpToDate``, or ``MongoUnavailable``."""
        clock = asyncio.get_running_loop().time
        until = clock() + WITHIN
        ends = await self._ends_now(topic, streams)
        named = {stream: sequence for stream, sequence in seen.items() if covers(streams, stream)}
        while late := await self._late(topic, ends, streams, named):
            if clock() >= until:
                raise late
            await asyncio.sleep(LOOK_SECONDS)

    async def late(self, topic: Topic, streams: Sequence[str]) -> NotUpToDate | None:
        """What the projections lack of the topic's present content, or that its broker does not answer. Does not wait.

        For a state topic ``streams`` are its keys.
        """
        try:
            ends = await self._ends_now(topic, streams)
        except NotUpToDate as late:
            return late
        return await self._late(topic, ends, streams, {})

    async def known(self, streams: Sequence[str]) -> tuple[StreamPosition, ...]:
        found = await self._positions.of(streams)
        return tuple(f"{stream}:{position['last']}" for stream, position in sorted(found.items()) if position["last"])

    async def reached(self, stream: str, sequence: int, within: float) -> None:
        """Waits until a stream's event is in the projections. Raises ``NotUpToDate``."""
        if not await self._positions.reached(stream, sequence, within):
            raise PositionNotReached(position=f"{stream}:{sequence}")

    async def _ends_now(self, topic: Topic, streams: Sequence[str]) -> dict[Partition, int]:
        """The ends of the partitions that matter. Read first: then a bookmark behind the end proves lost records."""
        before = await self._bookmarks.read()
        try:
            async with asyncio.timeout(WITHIN):
                ends = await self._ends.of(topic)
        except (KafkaError, TimeoutError):
            raise BrokerSilent(owner=topic.owner) from None
        matter = _partitions_of(streams, tuple(sorted(ends)))
        found = {(topic.name, number): ends[number] for number in matter}
        if any(before.get(partition, 0) > end for partition, end in found.items()):
            raise RecordsLost(owner=topic.owner)
        return found

    async def _late(
        self, topic: Topic, ends: Mapping[Partition, int], streams: Sequence[str], named: Seen
    ) -> NotUpToDate | None:
        marks = await self._bookmarks.read()
        if missing := sum(max(0, end - marks.get(partition, 0)) for partition, end in ends.items()):
            return RecordsUnderWay(owner=topic.owner, missing=missing)
        positions = await self._positions.load(list(named)) if named else {}
        for stream, sequence in named.items():
            if positions.get(stream, {"last": 0})["last"] < sequence:
                return PositionNotReached(position=f"{stream}:{sequence}")
        if held := await self._held_up(streams):
            return StreamHeldUp(stream=held)
        if outdated := await self._outdated():
            return ProjectionOutdated(projection=outdated)
        return None

    async def _held_up(self, streams: Sequence[str]) -> str | None:
        """The first stream with a parked record that is not over: another worker may have applied
        its event meanwhile.
        """
        kept = await self._parked.held_by(streams)
        positions = await self._positions.load(list(kept)) if kept else {}
        for stream, rows in sorted(kept.items()):
            at = positions.get(stream, {"last": 0, "event": ""})
            if any(not is_over(row, at["last"], at["event"]) for row in rows):
                return stream
        return None


def covers(streams: Sequence[str], stream: str) -> bool:
    """``stuttgart/seat-group/`` covers all its seat groups."""
    return any(stream == one or (one.endswith("/") and stream.startswith(one)) for one in streams)


def _partitions_of(streams: Sequence[str], numbers: tuple[int, ...]) -> set[int]:
    """The streams of a kind may be in any partition."""
    if any(stream.endswith("/") for stream in streams):
        return set(numbers)
    return {number_of(stream.encode(), numbers) for stream in streams}
