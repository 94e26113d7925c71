"""Waiting for something that can only be asked for: of another process, of a database, of a mail server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

TICK = 0.02
LONGEST = 900.0


async def until(holds: Callable[[], Awaitable[bool]], tick: float = TICK, within: float = LONGEST) -> None:
    """Asks again and again. Raises ``TimeoutError`` when it takes too long."""
    async with asyncio.timeout(within):
        while True:
            if await holds():
                return
            await asyncio.sleep(tick)
