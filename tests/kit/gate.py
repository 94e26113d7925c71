"""A gate between delivery and topics that a test opens and closes."""

from __future__ import annotations

from shared.runtime.history.gate import HistoriesDiffer


class Open:
    """A gate that lets everything through; ``doubted`` counts."""

    def __init__(self) -> None:
        self.closed = False
        self.doubted = 0
        self.behind = False

    def require(self) -> None:
        if self.closed:
            raise HistoriesDiffer

    async def require_anew(self) -> None:
        self.require()

    async def is_behind(self) -> bool:
        return self.behind

    async def doubt(self) -> None:
        self.doubted += 1
