"""Questions that are asked together: each is answered by a look that began after it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from shared.runtime.gathered import Gathered


class Books:
    """Looks take until ``open`` is set; what is true may change meanwhile."""

    def __init__(self) -> None:
        self.true = {"a": 1, "b": 2}
        self.looks: list[Sequence[str]] = []
        self.open = asyncio.Event()
        self.fails = False

    async def ask(self, keys: Sequence[str]) -> Mapping[str, int]:
        self.looks.append(keys)
        seen = {key: self.true[key] for key in keys if key in self.true}
        await self.open.wait()
        if self.fails:
            raise ConnectionError
        return seen


@pytest.fixture
async def books() -> Books:
    return Books()


async def begun() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_questions_of_one_moment_are_one_look(books: Books) -> None:
    asked = Gathered(books.ask)
    books.open.set()
    assert await asyncio.gather(*(asked.get(key) for key in ("a", "b", "a", "c"))) == [1, 2, 1, None]
    assert books.looks == [["a", "b", "c"]]


async def test_nobody_is_answered_from_a_look_that_began_before(books: Books) -> None:
    asked = Gathered(books.ask)
    first = asyncio.create_task(asked.get("a"))
    await begun()
    books.true["a"] = 3
    second = asyncio.create_task(asked.get("a"))
    await begun()
    books.open.set()
    assert (await first, await second) == (1, 3)


async def test_a_look_that_fails_is_told_to_those_who_asked_and_the_next_begins_anew(books: Books) -> None:
    asked = Gathered(books.ask)
    books.fails = True
    books.open.set()
    told = await asyncio.gather(asked.get("a"), asked.get("b"), return_exceptions=True)
    assert [type(one) for one in told] == [ConnectionError, ConnectionError]
    books.fails = False
    assert await asked.get("a") == 1


async def test_one_who_waits_no_longer_keeps_nobody_else_from_an_answer(books: Books) -> None:
    asked = Gathered(books.ask)
    gone, here = asyncio.create_task(asked.get("a")), asyncio.create_task(asked.get("b"))
    await begun()
    gone.cancel()
    books.open.set()
    assert await here == 2
    assert gone.cancelled() or gone.cancelling()
