"""Facts that a decision needs from outside its stream. They are as new as the command, or the command waits.

A service reads its own facts from its journal, never from a projection. It reads foreign facts from a projection, after
the projection has everything that the topic had when the command arrived, and every position that the caller names. If
the events do not arrive in time, there is no default: the command is refused as not up to date, unless its caller wants
it decided with the known facts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, Protocol

from shared.contracts.topics import Topic
from shared.kernel.decider import AsKnown, Command
from shared.kernel.identifiers import StreamPosition
from shared.kernel.rejections import NotUpToDate, Rejected

Read = Callable[[Any], Awaitable[object]]
"""Reads a fact, given the body of the request. May raise a rejection if what is named does not exist."""

Streams = Callable[[Any], Sequence[str] | Awaitable[Sequence[str]]]
"""The streams a fact depends on: ``stuttgart/working-group/care``, or all of a kind as ``stuttgart/seat-group/``."""

Seen = Mapping[str, int]
"""Streams on which the caller has had an answer, each with its sequence."""


@dataclass(frozen=True, slots=True)
class Own:
    """``read`` asks this service's journal (``Executor.state``) or a collection that only this service writes."""

    read: Read


@dataclass(frozen=True, slots=True)
class Foreign:
    """``read`` asks projections of another service's ``topic``, for these ``streams``."""

    topic: Topic
    streams: Streams
    read: Read


PATIENCE = 2.0
LOOK_SECONDS = 0.05

Fact = Own | Foreign

Supplies = Mapping[type[Command], Mapping[str, Fact]]
"""For each command the sources of its supplied fields, except clock and caller."""


@dataclass(frozen=True, slots=True)
class Named:
    """Something that a command names: ``read`` raises a rejection if it is not there. If it is another service's, the
    streams are named.

    Only a missing thing is waited for, so a broker that is away holds up nobody otherwise.
    """

    read: Read
    topic: Topic | None = None
    streams: Streams = lambda _: ()


Names = Mapping[type[Command], Sequence[Named]]


class Arrivals(Protocol):
    """What has arrived from other services' topics."""

    async def wait(self, topic: Topic, streams: Sequence[str], seen: Seen) -> None:
        """Returns when the projections have everything that the topic had at the call. Raises ``NotUpToDate``."""
        ...

    async def known(self, streams: Sequence[str]) -> tuple[StreamPosition, ...]:
        """How far the projections are in each of the streams."""
        ...


class Facts:
    """The facts for one service's commands."""

    def __init__(self, supplies: Supplies, arrivals: Arrivals, names: Names | None = None) -> None:
        self.supplies = supplies
        self.names = names or {}
        self._arrivals = arrivals

    async def of(self, command: type[Command], body: Any, seen: Seen) -> dict[str, object]:
        """Every supplied field except clock and caller. Raises ``NotUpToDate``, or what reading a fact raises."""
        facts = self.supplies.get(command, {})
        depends = await _depends([fact for fact in facts.values() if isinstance(fact, Foreign)], body)
        known: dict[str, object] = {"known_up_to": None} if issubclass(command, AsKnown) else {}
        if known and body.as_known:
            known = {"known_up_to": await self._known(depends)}
        else:
            await self._wait(command, depends, seen)
        return {**known, **{name: await fact.read(body) for name, fact in facts.items()}}

    async def require(self, command: type[Command], body: Any, seen: Seen) -> None:
        """Checks everything that the command names. Raises the rejection for what is missing, or ``NotUpToDate``."""
        for named in self.names.get(command, ()):
            try:
                await named.read(body)
            except Rejected:
                if named.topic is None:
                    raise
                await self._wait(command, await _depends([Foreign(named.topic, named.streams, named.read)], body), seen)
                await _patiently(named, body)

    async def _wait(self, command: type[Command], depends: Mapping[Topic, list[str]], seen: Seen) -> None:
        for topic, streams in depends.items():
            try:
                await self._arrivals.wait(topic, streams, seen)
            except NotUpToDate as late:
                late.may_be_decided_as_known = issubclass(command, AsKnown)
                raise

    async def _known(self, depends: Mapping[Topic, list[str]]) -> tuple[StreamPosition, ...]:
        return await self._arrivals.known([stream for streams in depends.values() for stream in streams])


async def _patiently(named: Named, body: Any) -> None:
    """An unpublished event of another service gets a moment to arrive, before its subject counts as unknown."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        with suppress(Rejected):
            await named.read(body)
            return
        await asyncio.sleep(LOOK_SECONDS)
    await named.read(body)


async def _depends(facts: Iterable[Foreign], body: Any) -> dict[Topic, list[str]]:
    """By topic, so that one question to the broker covers all facts of a command."""
    depends: dict[Topic, list[str]] = {}
    for fact in facts:
        streams = fact.streams(body)
        depends.setdefault(fact.topic, []).extend(await streams if isawaitable(streams) else streams)
    return depends
