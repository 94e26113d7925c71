"""Waits until a condition is true, instead of sleeping."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast, overload

T = TypeVar("T")

PAUSE_SECONDS = 0.02


@overload
async def eventually(check: Callable[[], Awaitable[T]], what: str, within: float = 30.0) -> T: ...
@overload
async def eventually(check: Callable[[], T], what: str, within: float = 30.0) -> T: ...
async def eventually(check: Callable[[], T | Awaitable[T]], what: str, within: float = 30.0) -> T:
    """The first truthy answer of `check`; else a failure that names `what` and the last answer or error."""
    deadline = time.monotonic() + within
    while True:
        seen, answer = await attempt(check)
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what} (last: {seen})")
        await asyncio.sleep(PAUSE_SECONDS)


async def attempt(check: Callable[[], T | Awaitable[T]]) -> tuple[str, T | None]:
    try:
        answer = check()
        if inspect.isawaitable(answer):
            answer = await answer
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told if it lasts
        return repr(error), None
    return repr(answer), cast("T", answer)
