"""Questions that arrive while another one is under way are asked together in the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

Waiting = tuple[K, "asyncio.Future[V | None]"]


class Gathered(Generic[K, V]):
    """``ask`` gets keys without repetition and returns what was found; a key without an answer is left out.

    A question is never answered from a look that began before it was asked.
    """

    def __init__(self, ask: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._ask = ask
        self._waiting: list[Waiting[K, V]] = []
        self._asking: asyncio.Task[None] | None = None

    async def get(self, key: K) -> V | None:
        """None where nothing was found. Raises whatever ``ask`` raises."""
        answer: asyncio.Future[V | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, answer))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_what_waits(), name="gathered questions")
        return await answer

    async def _ask_what_waits(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            try:
                await self._answer(group)
            finally:
                for _, answer in group:
                    answer.cancel()

    async def _answer(self, group: Sequence[Waiting[K, V]]) -> None:
        """Whoever waited may have been cancelled meanwhile."""
        try:
            found = await self._ask(list(dict.fromkeys(key for key, _ in group)))
        except Exception as error:
            for _, answer in group:
                if not answer.done():
                    answer.set_exception(error)
        else:
            for key, answer in group:
                if not answer.done():
                    answer.set_result(found.get(key))
