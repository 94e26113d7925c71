"""Runs and ends the loops of a process together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

Loop = Callable[[], Coroutine[Any, Any, None]]

AGAIN_SECONDS = 6.0
"""Longer than what a loop may still finish once it is told to end."""


async def side_by_side(loops: Iterable[Loop]) -> None:
    """Until cancelled. Raises what a loop died of.

    Who goes on is told to end again: before Python 3.12 ``asyncio.wait_for``, with which the drivers wait for their
    lines, swallows a cancellation that comes at the same moment as what is waited for.
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
