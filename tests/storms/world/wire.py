"""The wire between our processes and the servers: every call is a message there and an answer back, each at its pace.

Here faults strike: a process is stopped or killed before it sends or before it hears, a message or its answer is lost.
What has been sent takes effect whatever becomes of its sender.
"""

from __future__ import annotations

import asyncio
import random
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from tests.storms.world.loop import PROCESS, SERVERS, Process

Strike = Literal[
    "killed before sending",
    "killed before the answer",
    "stopped before sending",
    "stopped before the answer",
    "message lost",
    "answer lost",
    "message late",
    "sent twice",
]

Act = Callable[[], Any]
"""What the server does. It may return a future: then the answer waits for it."""

Fail = Callable[[bool], Any]
"""What the caller sees when no answer comes: an error to be raised, or an outcome. The argument: did it happen?"""


@dataclass(frozen=True, slots=True)
class Blow:
    """A fault that strikes at a process's first call of a kind ``after`` a moment."""

    process: str
    call: str
    after: float
    strike: Strike
    seconds: float

    def __str__(self) -> str:
        return f"{self.after:.3f} s: {self.process}, {self.call}: {self.strike} ({self.seconds:.2f} s)"


class Powers(Protocol):
    """What a blow may do to a process."""

    def kill(self, process: Process, down: float) -> None: ...

    def stop(self, process: Process, away: float) -> None: ...


class Wire:
    """``trace`` collects what happened, when somebody wants to read it."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, seed: int, blows: Iterable[Blow] = (), powers: Powers | None = None
    ) -> None:
        self.loop = loop
        self._seed = seed
        self._blows: dict[tuple[str, str], list[Blow]] = {}
        for blow in sorted(blows, key=lambda one: one.after):
            self._blows.setdefault((blow.process, blow.call), []).append(blow)
        self._chances: dict[str, random.Random] = {}
        self.powers = powers
        self.trace: list[str] | None = None
        self.healed = False

    def chance(self, name: str) -> random.Random:
        """A die of one's own, so that a fault taken away elsewhere changes as little as possible here."""
        if name not in self._chances:
            self._chances[name] = random.Random(self._seed ^ zlib.crc32(name.encode()) << 32)
        return self._chances[name]

    def call(self, what: str, act: Act, fail: Fail, twice: bool = False) -> asyncio.Future[Any]:
        """``twice``: on the way to this server a message may be repeated."""
        loop, process = self.loop, PROCESS.get()
        name = process.name if process else "bystander"
        chance = self.chance(name)
        answer: asyncio.Future[Any] = loop.create_future()
        there, back = pace(chance), pace(chance)
        blow = self._due(name, what)
        if self.trace is not None:
            self.trace.append(f"{loop.time():8.3f}  {name}: {what}{f'   ! {blow.strike}' if blow else ''}")
        if blow is not None and process is not None:
            there, back = self._strike(process, blow, answer, there, back, fail)
        if there >= 0:
            loop.call_later(there, self._arrive, act, answer, back, fail, context=SERVERS)
            if twice and blow is not None and blow.strike == "sent twice":
                nobody = loop.create_future()
                loop.call_later(there + blow.seconds, self._arrive, act, nobody, back, fail, context=SERVERS)
        return answer

    def _due(self, name: str, what: str) -> Blow | None:
        waiting = self._blows.get((name, what))
        if not waiting or self.healed or waiting[0].after > self.loop.time():
            return None
        return waiting.pop(0)

    def _strike(
        self, process: Process, blow: Blow, answer: asyncio.Future[Any], there: float, back: float, fail: Fail
    ) -> tuple[float, float]:
        """When the message arrives and the answer after it; below zero: never."""
        assert self.powers is not None
        loop = self.loop
        match blow.strike:
            case "killed before sending":
                self.powers.kill(process, blow.seconds)
                return -1, -1
            case "killed before the answer":
                self.powers.kill(process, blow.seconds)
            case "stopped before sending":
                self.powers.stop(process, blow.seconds)
                return there + blow.seconds, back
            case "stopped before the answer":
                self.powers.stop(process, blow.seconds)
            case "message lost":
                loop.call_later(blow.seconds, settle, answer, fail(False), context=SERVERS)
                return -1, -1
            case "answer lost":
                return there, -1 - blow.seconds
            case "message late":
                return there + blow.seconds, back
            case "sent twice":
                return there, back
        return there, back

    def _arrive(self, act: Act, answer: asyncio.Future[Any], back: float, fail: Fail) -> None:
        try:
            result = act()
        except (PyMongoError, KafkaError) as error:
            result = error
        if isinstance(result, asyncio.Future):
            result.add_done_callback(lambda done: self._return(done.result(), answer, back, fail), context=SERVERS)
        else:
            self._return(result, answer, back, fail)

    def _return(self, result: Any, answer: asyncio.Future[Any], back: float, fail: Fail) -> None:
        if back < 0:
            back, result = -1 - back, fail(True)
        self.loop.call_later(back, settle, answer, result, context=SERVERS)


def pace(chance: random.Random) -> float:
    """Mostly a few milliseconds, now and then much slower."""
    dice = chance.random()
    return dice * 0.01 if dice < 0.95 else (dice - 0.95) * 4


def settle(answer: asyncio.Future[Any], result: Any) -> None:
    if answer.done():
        return
    if isinstance(result, Exception):
        answer.set_exception(result)
    else:
        answer.set_result(result)


def reply(waiting: asyncio.Future[Any], result: Any) -> None:
    """An error is a result too: the wire makes an exception of it."""
    if not waiting.done():
        waiting.set_result(result)
