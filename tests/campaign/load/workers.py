"""Several clients at once on the same few streams. Now and then one says again what it said before."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from random import Random

from tests.campaign.history import History
from tests.campaign.load.caller import Caller, Doors, Order
from tests.campaign.load.funding import Funding
from tests.campaign.load.hangup import hang_up
from tests.campaign.load.meetings import Meetings
from tests.campaign.load.members import Members
from tests.campaign.load.people import Register

WORKERS = 9
"""Three to each service: one that is frozen holds up nobody else's."""
A_SECOND = 40.0
FOUNDING = 99
UNKNOWN_WITHIN = 60.0
AGAIN, ABUSED = 0.03, 0.01
"""Shares of what is said: an old order once more; an old key with something else."""

ABOUT_PEOPLE = ("RecordPerson", "ErasePerson")
"""These must not be refused: everybody else believes that they were carried out."""


class Load:
    """``start`` founds the conference and returns; the clients go on until ``rest`` or ``stop``."""

    def __init__(self, urls: Mapping[str, str], tokens: Mapping[str, str], history: History, seed: int) -> None:
        self._dice = Random(seed)
        self._history = history
        self.doors = Doors({name: [url] for name, url in urls.items()}, tokens, self._dice)
        people = self.people = Register(history)
        self._desks: list[Members | Meetings | Funding] = [
            Members(self._dice, people),
            Meetings(self._dice, people),
            Funding(self._dice),
        ]
        self._founder = Caller(FOUNDING, self.doors, history)
        self._said: deque[tuple[Order, str]] = deque(maxlen=200)
        self._work = asyncio.Event()
        self._busy = 0
        self._number = 0
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def accepted(self) -> int:
        return self.doors.accepted

    async def start(self) -> None:
        for order in [order for desk in self._desks for order in desk.founding()]:
            await self._found(order, self._key(FOUNDING))
        self._work.set()
        self._tasks = [asyncio.create_task(self._worker(number)) for number in range(WORKERS)]

    async def _found(self, order: Order, key: str) -> None:
        """What it names may have been accepted by another service just now."""
        ends = asyncio.get_running_loop().time() + UNKNOWN_WITHIN
        while (told := await self._founder.give(order, key)).kind != "ok":
            assert asyncio.get_running_loop().time() < ends, f"the founding is refused: {order.command}: {told.rule}"
            await asyncio.sleep(0.2)

    async def rest(self) -> None:
        """Returns when nobody waits for an answer any more; within a minute what is unknown is left unknown."""
        self._work.clear()
        ends = asyncio.get_running_loop().time() + UNKNOWN_WITHIN
        while self._busy:
            self.doors.closing = asyncio.get_running_loop().time() > ends
            self._raise_what_a_worker_died_of()
            await asyncio.sleep(0.05)
        self.doors.closing = False

    def go_on(self) -> None:
        self._work.set()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._founder.close()

    async def hang_up(self, part: float) -> None:
        """Somebody sends a part of a new order, is cut off, and gives it again under the same key."""
        order, key = self._dice.choice(self._desks).next(), self._key(FOUNDING)
        caller = self._founder
        caller.note("invoke", order, key)
        await hang_up(self.doors.url(order.service), self.doors.tokens[order.by], order, key, part)
        caller.note("info", order, key, how="hung up")
        await caller.give(order, key)

    @asynccontextmanager
    async def also_at(self, urls: Mapping[str, str]) -> AsyncIterator[None]:
        """Meanwhile some of the work goes to second processes of the services."""
        for name, url in urls.items():
            self.doors.urls[name].append(url)
        try:
            yield
        finally:
            for name, url in urls.items():
                self.doors.urls[name].remove(url)

    async def _worker(self, number: int) -> None:
        caller = Caller(number, self.doors, self._history)
        try:
            while True:
                await self._work.wait()
                self._busy += 1
                try:
                    await self._say_something(caller, number)
                finally:
                    self._busy -= 1
                await asyncio.sleep(self._dice.expovariate(A_SECOND / WORKERS))
        finally:
            await caller.close()

    async def _say_something(self, caller: Caller, number: int) -> None:
        chance = self._dice.random()
        if chance < AGAIN and self._said:
            await caller.give(*self._dice.choice(self._said))
            return
        order, key = self._desks[number % len(self._desks)].next(), self._key(number)
        used = [said for said in self._said if said[0].service == order.service]
        if chance > 1 - ABUSED and used and order.command not in ABOUT_PEOPLE:
            await caller.give(order, self._dice.choice(used)[1])
            return
        told = await caller.give(order, key)
        if told.kind == "ok" and told.events:
            self._said.append((order, key))

    def _key(self, worker: int) -> str:
        self._number += 1
        return f"{worker}-{self._number}"

    def _raise_what_a_worker_died_of(self) -> None:
        for task in self._tasks:
            if task.done():
                task.result()
