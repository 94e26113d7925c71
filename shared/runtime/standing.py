"""Where a service stands in every stream: moved in memory batch by batch, written before offsets are committed.

A stream that moves in ten batches costs one write. What was not written when a process dies is read again from its last
committed offsets, and what its views have already taken is skipped by their sequence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from shared.contracts.subscriptions import Document
from shared.runtime.recent import Recent
from shared.runtime.views import Positions

REMEMBERED = 16_384


class Standing:
    """What is remembered may be stale where another worker took over: then ``settle`` raises and all is forgotten."""

    def __init__(self, positions: Positions) -> None:
        self._positions = positions
        self._settled: Recent[str, Document] = Recent(REMEMBERED)
        self._moved: dict[str, tuple[Document, int | None]] = {}
        """Position, and the turn that the database knows (None: it does not know the stream)."""

    @property
    def is_ahead(self) -> bool:
        """Something was moved and is not settled."""
        return bool(self._moved)

    async def of(self, streams: Sequence[str]) -> dict[str, Document]:
        known = self._settled.known(streams)
        known.update((stream, self._moved[stream][0]) for stream in streams if stream in self._moved)
        if unknown := [stream for stream in streams if stream not in known]:
            loaded = await self._positions.load(unknown)
            self._settled.update(loaded)
            known.update(loaded)
        return known

    def move(self, positions: Iterable[Document], before: Mapping[str, Document]) -> None:
        for position in positions:
            stream = position["_id"]
            read = self._moved[stream][1] if stream in self._moved else before.get(stream, {}).get("turn")
            self._moved[stream] = (position, read)

    async def settle(self) -> None:
        """Majority-durable when it returns. Raises ``Superseded`` when another worker moved a stream meanwhile."""
        await self._positions.advance(self._moved.values())
        self._settled.update(
            {stream: {**position, "turn": (read or 0) + 1} for stream, (position, read) in self._moved.items()}
        )
        self._moved.clear()

    def forget(self) -> None:
        self._settled.clear()
        self._moved.clear()
