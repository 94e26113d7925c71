"""Runs and ends the loops of a process together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

Loop = Callable[[], Coroutine[Any, Any, None]]

AGAIN_SECONDS = 6.0
"""Longer than a loop needs to finish after it was cancelled."""


async def side_by_side(loops: Iterable[Loop]) -> None:
    """Until cancelled. Raises the error with which a loop ended.

    A loop that goes on is cancelled again: before Python 3.12 ``asyncio.wait_for``, which the drivers use, swallows a
    cancellation that coincides with its result.
    """
    async with asyncio.TaskGroup() as group:
        tasks = {group.create_task(loop()) for loop in loops}
        try:
            await asyncio.Event().wait()
        finally:
            while tasks:
                for task in tasks:
                    task.cancel()
                _, tasks = await asyncio.wait(tasks, timeout=AGAIN_SECONDS)
