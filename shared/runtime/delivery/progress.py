"""The progress of one consumer: the taken offsets, the positions of its streams, the finished parked rows. Three verbs.

``take`` remembers the offsets of a batch. ``settle`` makes all effects of the taken records durable, in this order:
positions, removal of released rows, bookmarks; only then may their offsets be committed. ``forget`` drops this memory;
then everything that was taken and not settled comes again.

A stream that moves in ten batches costs one write. If a process dies before the write, the records are read again from
the last committed offsets; the projections skip them by their sequence if they have them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

from shared.declarations.projection import Document
from shared.runtime.delivery.bookmarks import Bookmarks
from shared.runtime.delivery.parked import Parked
from shared.runtime.delivery.stores import Change, Positions
from shared.runtime.kafka.record import KafkaRecord, Partition, spans
from shared.runtime.observing.crashpoints import crashpoint
from shared.runtime.recent import Recent

REMEMBERED = 16_384


class Progress:
    """If another worker has taken over, this memory is stale: then ``settle`` raises, and it is dropped.

    ``settled`` are the offsets that may be committed; ``comes_again`` is where the consumer has to go back to.
    """

    def __init__(self, positions: Positions, bookmarks: Bookmarks, parked: Parked) -> None:
        self._positions = positions
        self._bookmarks = bookmarks
        self._parked = parked
        self._known: Recent[str, Document] = Recent(REMEMBERED)
        self._moved: dict[str, Change] = {}
        self._released: list[str] = []
        self._lock = asyncio.Lock()
        self._first: dict[Partition, int] = {}
        self.taken: dict[Partition, int] = {}
        """Of each partition the offset behind the last record that was taken and is not settled."""
        self._appended: dict[Partition, int] = {}
        self.records = 0
        self.settled: dict[Partition, int] = {}
        self.comes_again: dict[Partition, int] = {}

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One at a time. After a failure nothing that was remembered can be trusted."""
        async with self._lock:
            try:
                yield
            except BaseException:
                self.forget()
                raise

    @property
    def is_open(self) -> bool:
        """Whether something is not settled, or not committed, or comes again."""
        return bool(self.records or self.settled or self.comes_again)

    def take(self, records: Sequence[KafkaRecord]) -> None:
        self.records += len(records)
        for span in spans(records):
            self._first.setdefault(span.partition, span.first)
            self.taken[span.partition] = span.behind
            self._appended[span.partition] = span.appended

    async def positions(self, streams: Sequence[str]) -> dict[str, Document]:
        known = self._known.known(streams)
        known.update((stream, self._moved[stream][0]) for stream in streams if stream in self._moved)
        if unknown := [stream for stream in streams if stream not in known]:
            loaded = await self._positions.load(unknown)
            self._known.update(loaded)
            known.update(loaded)
        return known

    def move(self, moved: Iterable[Document], before: Mapping[str, Document]) -> None:
        for position in moved:
            stream = position["_id"]
            read = self._moved[stream][1] if stream in self._moved else before.get(stream, {}).get("turn")
            self._moved[stream] = (position, read)

    def release(self, row_ids: Iterable[str]) -> None:
        """These rows' events are applied: the rows are removed with the next write of positions."""
        self._released += row_ids

    async def settle(self) -> None:
        """Majority-durable when it returns. Raises ``Superseded``, ``BookmarksLost`` or ``MongoUnavailable``."""
        await self.settle_positions()
        await self._bookmarks.note(self.taken, self._appended)
        self.settled.update(self.taken)
        self._clear_taken()

    async def settle_positions(self) -> None:
        """At once if something was parked or released, so that the next reader sees it."""
        await self._positions.advance(self._moved.values())
        written = {stream: {**position, "turn": (read or 0) + 1} for stream, (position, read) in self._moved.items()}
        self._known.update(written)
        self._moved.clear()
        crashpoint("delivery.positioned")
        await self._parked.remove(self._released)
        self._released.clear()

    def forget(self) -> None:
        for partition, offset in self._first.items():
            self.comes_again[partition] = min(offset, self.comes_again.get(partition, offset))
        self._known.clear()
        self._moved.clear()
        self._released.clear()
        self._clear_taken()

    def give_up(self) -> None:
        """The partitions have gone to another member: nothing is committed, and nothing sought back."""
        self._clear_taken()
        self.settled.clear()
        self.comes_again.clear()

    def _clear_taken(self) -> None:
        self._first.clear()
        self.taken.clear()
        self._appended.clear()
        self.records = 0
