"""A process ends its loops, also when a cancellation is lost on the way."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from shared.runtime import loops
from shared.runtime.loops import side_by_side
from shared.runtime.mongo.changes import Nudge


async def forever() -> None:
    await asyncio.Event().wait()


async def loses_two() -> None:
    for _ in range(2):
        with suppress(asyncio.CancelledError):
            await forever()
    await forever()


async def dies() -> None:
    await asyncio.sleep(0)
    raise OSError


async def test_a_loop_that_loses_its_cancellation_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "AGAIN_SECONDS", 0.01)
    work = asyncio.create_task(side_by_side([forever, loses_two]))
    await asyncio.sleep(0)
    work.cancel()
    async with asyncio.timeout(30):
        with pytest.raises(asyncio.CancelledError):
            await work


async def test_what_one_died_of_is_raised_when_all_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "AGAIN_SECONDS", 0.01)
    async with asyncio.timeout(30):
        with pytest.RaisesGroup(OSError):
            await side_by_side([loses_two, dies])


async def test_a_loop_may_finish_what_it_has_in_hand() -> None:
    finished = []

    async def finishes() -> None:
        try:
            await forever()
        finally:
            await asyncio.sleep(0.05)
            finished.append(True)

    work = asyncio.create_task(side_by_side([finishes]))
    await asyncio.sleep(0)
    work.cancel()
    await asyncio.wait({work})
    assert finished


@pytest.mark.parametrize("turns", range(6))
async def test_what_is_cancelled_while_it_is_woken_is_cancelled(turns: int) -> None:
    nudge = Nudge()
    waiting = asyncio.create_task(nudge.within(60))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    nudge.give()
    for _ in range(turns):
        await asyncio.sleep(0)
    woken = waiting.done()
    waiting.cancel()
    await asyncio.wait({waiting})
    assert waiting.cancelled() or woken
