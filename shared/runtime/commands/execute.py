"""Executes a command at most once: load the state of its stream, decide, insert one commit.

A rejection, or a decision without events, leaves no trace; if the command is repeated later, it is decided again. A
command whose id was executed before gets the first answer again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

from shared.contracts.registry import encode, type_name
from shared.declarations.service import Deciders
from shared.kernel.decider import Command, Decider, Event
from shared.kernel.identifiers import Uuid, derived_id, stream_name
from shared.kernel.rejections import Busy, Kind, Rejected
from shared.runtime.commands.commit import GENESIS, CommandMark, Commit, Hash, Recorded, event_id
from shared.runtime.commands.journal import CommandRepeated, Journal, StreamMoved
from shared.runtime.observing.crashpoints import crashpoint
from shared.runtime.recent import Recent

S = TypeVar("S")

TRIES = 8
LARGEST_EVENT = 512 * 1024
"""Bytes: half of what Kafka accepts as one record."""
KNOWN_STREAMS = 4096


class CommandIdReused(Rejected):
    """Der Schlüssel wurde bereits für einen anderen Auftrag verwendet."""

    kind = Kind.INVALID


class EventTooLarge(Rejected):
    """Der Auftrag ist zu umfangreich."""

    kind = Kind.INVALID


class RequestGivenUp(Rejected):
    """Der Auftrag war unterbrochen und ist inzwischen aufgegeben; ausgeführt ist er nicht. Er ist neu zu erteilen."""


class StreamIsFull(Rejected):
    """Zu „{stream}“ sind schon {events} Ereignisse verzeichnet; mehr werden nicht angenommen."""


@dataclass(frozen=True, slots=True)
class Cause:
    """The cause of a command: ``correlation`` names the whole story, ``causation`` the step before."""

    correlation: str
    causation: str


@dataclass(frozen=True, slots=True)
class Request:
    """``id`` is unique for ever, ``body`` is the SHA-256 of what was asked.

    ``instead_of`` names the first event of another request: only one of the two is ever executed.
    """

    id: str
    body: Hash = ""
    cause: Cause | None = None
    instead_of: Uuid | None = None

    @property
    def mark(self) -> str:
        """Stands for ``id`` wherever others see it: an id contains its caller's name."""
        return derived_id("command", self.id)

    @property
    def first_event(self) -> Uuid:
        """The id of its first event, known before it is executed."""
        return self.instead_of or event_id(self.id, 0)

    @property
    def followed(self) -> Cause:
        """Its cause; a caller's own request begins a story."""
        return self.cause or _story_of(self.mark)

    def following(self) -> Request:
        """For a command that follows from this one. Its id is new each time, so what was taken back
        can be asked again.
        """
        return Request(str(uuid4()), cause=self.followed)


def beginning(id_: str, body: Hash) -> Request:
    """The beginning of a story, computed once for log lines and commit."""
    return Request(id_, body, cause=_story_of(derived_id("command", id_)))


def _story_of(mark: str) -> Cause:
    return Cause(correlation=mark, causation=mark)


@dataclass(frozen=True, slots=True)
class Answer:
    """``sequence`` is the stream's last number after the command; ``events`` are the command's own."""

    stream: str
    sequence: int
    events: tuple[Recorded, ...]
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A stream as far as this process has read it."""

    state: Any
    last: int = 0
    hash: Hash = GENESIS


class Executor:
    """Executes the commands of one service. ``committed`` is called after each commit, to wake the relay."""

    def __init__(self, journal: Journal, deciders: Deciders, committed: Callable[[], None]) -> None:
        self._journal = journal
        self._deciders = deciders
        self._committed = committed
        self._known: Recent[str, Known] = Recent(KNOWN_STREAMS)

    async def execute(self, command: Command, request: Request) -> Answer:
        """Raises ``Rejected`` by the domain's rules, ``Busy`` when the race was lost too often."""
        decider = self._deciders[type(command)]
        for attempt in range(TRIES):
            try:
                known, events = await self._decide(decider, command, remembering=attempt == 0)
            except Rejected:
                if first := await self.first_answer(request):
                    return first
                raise
            if not events:
                return await self.first_answer(request) or Answer(command.stream, known.last, ())
            commit = _commit(command, request, known, events)
            if commit.last > decider.most_events:
                raise StreamIsFull(stream=command.stream, events=known.last)
            crashpoint("command.decided")
            try:
                hashed = await self._journal.append(commit)
            except CommandRepeated:
                if first := await self.first_answer(request):
                    return first
            except StreamMoved:
                pass
            else:
                crashpoint("command.committed")
                self._known.update({command.stream: _after(known, decider, events, commit, hashed)})
                self._committed()
                return Answer(commit.stream, commit.last, commit.events)
            await asyncio.sleep(random.uniform(0.001, 0.005) * 2**attempt)
        raise Busy

    async def state(self, decider: Decider[S, Any, Any], stream: str) -> S:
        """A stream's present state from the journal; without events the decider's initial state."""
        known = await self._load(decider, stream)
        return known.state  # type: ignore[no-any-return]

    async def has_become(self, decider: Decider[S, Any, Any], stream: str, so: Callable[[S], bool]) -> bool:
        """Whether a stream's state satisfies a condition that, once true, stays true.

        A yes may come from memory; a no is checked in the journal.
        """
        remembered = self._known.get(stream)
        return (remembered is not None and so(remembered.state)) or so(await self.state(decider, stream))

    async def states(self, decider: Decider[S, Any, Any], streams: Sequence[str]) -> list[S]:
        """Like ``state``, for several streams at once. Only commits that this process has not read yet are read."""
        known = {stream: self._known.get(stream) or Known(decider.initial) for stream in streams}
        for commit in await self._journal.read_all({stream: one.last for stream, one in known.items()}):
            events = [event.event() for event in commit.events]
            known[commit.stream] = _after(known[commit.stream], decider, events, commit, commit.hash())
        self._known.update(known)
        return [known[stream].state for stream in streams]

    async def streams(self, conference: str, kind: str) -> list[str]:
        """The names of all streams of a kind in a conference, from the journal."""
        return await self._journal.streams(stream_name(conference, kind, ""))

    def forget(self) -> None:
        """The journal was changed from outside, so everything is read again."""
        self._known.clear()

    async def _decide(
        self, decider: Decider[Any, Any, Any], command: Command, remembering: bool
    ) -> tuple[Known, Sequence[Event]]:
        """Decides on what is remembered. If events follow, the insert shows whether the stream has moved.

        A rejection, or no events at all, is never based on a state that may be stale. A stream that usually begins with
        this command and is not remembered is assumed to have no events.
        """
        assumed = self._known.get(command.stream) or (Known(decider.initial) if command.begins_stream else None)
        if remembering and assumed:
            with suppress(Rejected):
                if events := decider.decide(assumed.state, command):
                    return assumed, events
        known = await self._load(decider, command.stream)
        return known, decider.decide(known.state, command)

    async def _load(self, decider: Decider[Any, Any, Any], stream: str) -> Known:
        known = self._known.get(stream) or Known(decider.initial)
        async with aclosing(self._journal.in_parts(stream, after=known.last)) as parts:
            async for commits in parts:
                events = (event.event() for commit in commits for event in commit.events)
                known = Known(decider.fold(events, known.state), commits[-1].last, commits[-1].hash())
        self._known.update({stream: known})
        return known

    async def first_answer(self, request: Request) -> Answer | None:
        """The answer of a command that was executed before. Raises ``CommandIdReused`` if the body was another one.

        Raises ``RequestGivenUp`` if another request was executed instead of it.
        """
        commit = await self._journal.by_first_event(request.first_event)
        if commit is None:
            return None
        if request.instead_of:
            return Answer(commit.stream, commit.last, commit.events, replayed=True)
        if commit.command.id != request.id and commit.events[0].event().gives_up:
            raise RequestGivenUp
        if commit.command.body not in ("", request.body):  # unknown for a commit recovered from its topic
            raise CommandIdReused
        return Answer(commit.stream, commit.last, commit.events, replayed=True)


def _after(
    known: Known, decider: Decider[Any, Any, Any], events: Sequence[Event], commit: Commit, hashed: Hash
) -> Known:
    return Known(decider.fold(events, known.state), commit.last, hashed)


def _commit(command: Command, request: Request, known: Known, events: Sequence[Event]) -> Commit:
    cause = request.followed
    return Commit(
        stream=command.stream,
        first=known.last + 1,
        conference=command.conference,
        command=CommandMark(request.id, type(command).__name__, command.by, request.body),
        at=command.at,
        correlation=cause.correlation,
        causation=cause.causation,
        events=tuple(_recorded(request, index, event) for index, event in enumerate(events)),
        previous=known.hash,
    )


def _recorded(request: Request, index: int, event: Event) -> Recorded:
    data = encode(event)
    if len(data.encode()) > LARGEST_EVENT:
        raise EventTooLarge
    id_ = event_id(request.id, index) if index else request.first_event
    return Recorded(id_, type_name(event), data)
