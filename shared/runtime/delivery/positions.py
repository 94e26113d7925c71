"""Where a service stands in every stream: last sequence, its event's id, and whether the stream is held up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence

from shared.declarations.projection import Document
from shared.runtime.delivery.guarded_writes import Change, write_guarded
from shared.runtime.mongo.driver import Collection

POSITIONS = "positions"


class Positions:
    """``turn`` counts a position's writes, so that one that only parked something is seen by whoever read before it."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def any(self) -> bool:
        """Whether the service has ever taken an event."""
        return await self._collection.find_one({}) is not None

    async def load(self, streams: Sequence[str]) -> dict[str, Document]:
        found = self._collection.find({"_id": {"$in": list(streams)}})
        return {document["_id"]: document async for document in found}

    async def advance(self, moves: Iterable[Change]) -> None:
        """Each with the turn that was read (None: no such stream). Raises ``Superseded`` when another worker wrote."""
        written = [({**position, "turn": (read or 0) + 1}, read) for position, read in moves]
        await write_guarded(self._collection, written, "turn")

    async def reached(self, stream: str, sequence: int, within: float) -> bool:
        """Waits until the stream's event ``sequence`` is in the projections, at most ``within`` seconds."""
        ends = time.monotonic() + within
        while True:
            position = await self._collection.find_one({"_id": stream})
            if position and position["last"] >= sequence:
                return True
            if time.monotonic() >= ends:
                return False
            await asyncio.sleep(0.02)
