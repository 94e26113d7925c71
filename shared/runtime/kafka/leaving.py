"""Leaves a broker that may be away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiokafka.errors import KafkaError


async def left_within(seconds: float, leave: Callable[[], Awaitable[object]]) -> None:
    """What does not end in time is cancelled: a broker that does not answer holds up nobody."""
    with suppress(KafkaError, TimeoutError):
        async with asyncio.timeout(seconds):
            await leave()
