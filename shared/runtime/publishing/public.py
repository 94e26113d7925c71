"""Publishes public events and states, derived from each commit, on separate topics for any system of the city.

A public event contains its source's sequence. ``ce_previous`` is the sequence of the previous public event on the
same stream (0: none), so a reader can detect a gap. Its id is derived from its source's id, so a repeated event has
the same id. The earlier events of a stream are read from the journal when a public event follows, and cached. Events
that are not public are neither decoded nor folded for this purpose. No projection is used.

After its public events each commit publishes the resulting state, with the number of the last of them. A broker keeps
the last record of a key. So after publishing, the worker checks whether the journal has newer commits: another worker
may have published a newer state before. Then the state is published again. If a worker dies before this check,
``left_behind.py`` finds it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, NamedTuple

import structlog

from shared.contracts.envelope import Envelope
from shared.contracts.public.event import PublicEvent
from shared.contracts.registry import READ_AS, STATE_NAMES, encode, public_name
from shared.contracts.states.state import PublicState
from shared.contracts.topics import public_of, state_of
from shared.declarations.public import Published
from shared.declarations.service import Service
from shared.kernel.identifiers import derived_id, kind_of
from shared.runtime.commands.commit import GENESIS, Commit, Hash
from shared.runtime.commands.journal import Journal
from shared.runtime.mongo.driver import Collection
from shared.runtime.publishing.relay import Outgoing, Pending
from shared.runtime.recent import Recent

log = structlog.get_logger()

KNOWN_STREAMS = 4096
FILLED = "filled"
"""Marks the end of what is published from before."""


class Owed(NamedTuple):
    """Marks what is published from before, or once more: of this stream, up to this event."""

    stream: str
    last: int


@dataclass(frozen=True, slots=True)
class Told:
    """A stream as far as it was read: its state, the sequence of its last public event, the sequence of its last event;
    what is so in public, and the record that says it.
    """

    state: Any
    previous: int = 0
    last: int = 0
    kept: PublicState | None = None
    present: Outgoing | None = None


class PublicLayer:
    """One service's. A document in ``beginnings`` for each topic says that it has what the journal held from before."""

    def __init__(
        self, service: Service, journal: Journal, beginnings: Collection, nudge: Callable[[], None] = lambda: None
    ) -> None:
        self._service = service.name
        self._layers = {layer.decider.kind: layer for layer in service.public}
        self._journal = journal
        self._beginnings = beginnings
        self._nudge = nudge
        self._known: Recent[str, tuple[Told, Hash]] = Recent(KNOWN_STREAMS)
        self._unfilled = {topic.name for topic in service.own_topics}
        self._overtaken: dict[str, int] = {}

    async def records_of(self, commit: Commit) -> list[Outgoing]:
        return (await self._said(commit))[0] if self._tells(commit) else []

    async def past(self, at_once: int) -> AsyncGenerator[list[Pending], None]:
        """What was overtaken, and once all that was published before, stream by stream, on the topics that have not got
        it; what waits is told with what it follows from.
        """
        if again := [await self._again(commit) for commit in (await self._told_behind(self._overtaken)).values()]:
            yield again
        if not (owed := await self._not_filled()):
            return
        log.info("public topics are filled from the journal", topics=sorted(owed))
        pending: list[Pending] = []
        async with aclosing(self._journal.published()) as commits:
            async for commit in commits:
                records = [one for one in await self.records_of(commit) if one.topic in owed]
                pending += [Pending(Owed(commit.stream, commit.last), records)] if records else []
                if len(pending) >= at_once:
                    yield pending
                    pending = []
        if pending:
            yield pending
        yield [Pending(FILLED, [])]  # apart: it is reached when everything before it is acknowledged

    async def published(self, tokens: Sequence[object]) -> None:
        if FILLED in tokens:
            await self._note(filled=True)
            self._unfilled = set()
        owed = [one for one in tokens if isinstance(one, Owed)]
        owed += [Owed(one.stream, one.last) for one in tokens if isinstance(one, Commit) and self._tells(one)]
        await self._look_back(owed)

    async def is_filled(self) -> bool:
        return not await self._not_filled()

    async def look_behind(self, said: Mapping[str, int]) -> None:
        """Where of these streams, each told as it was at this event, more follows in public, the relay says what is so
        once more.
        """
        await self._look_back([Owed(stream, last) for stream, last in said.items()])

    async def fill_again(self) -> bool:
        """The relay's next round begins with everything from before; False where nothing is public."""
        if self._layers:
            self._unfilled = {public_of(self._service).name, state_of(self._service).name}
            await self._note(filled=False)
            self._nudge()
        return bool(self._layers)

    def _tells(self, commit: Commit) -> bool:
        layer = self._layers.get(kind_of(commit.stream))
        return layer is not None and tells(layer, commit)

    async def _look_back(self, published: Sequence[Owed]) -> None:
        """Of what follows in public from what stands behind it in the journal, another may have told before."""
        last: dict[str, int] = {}
        for stream, number in published:
            last[stream] = max(number, last.get(stream, 0))
            self._overtaken.pop(stream, None)
        heads = await self._journal.heads(list(last)) if last else {}
        behind = await self._told_behind({stream: number for stream, number in last.items() if heads[stream] > number})
        if behind:
            self._overtaken.update({stream: last[stream] for stream in behind})
            self._nudge()

    async def _told_behind(self, last: Mapping[str, int]) -> dict[str, Commit]:
        """By stream the newest commit behind this event from which something follows in public."""
        return {commit.stream: commit for commit in await self._journal.read_all(last) if self._tells(commit)}

    async def _again(self, commit: Commit) -> Pending:
        """What is so then, and not what has happened."""
        present = (await self._said(commit))[1].present
        return Pending(Owed(commit.stream, commit.last), [present] if present else [])

    async def _said(self, commit: Commit) -> tuple[list[Outgoing], Told]:
        layer = self._layers[kind_of(commit.stream)]
        records, told = said(layer, await self._before(layer, commit), commit, self._service)
        self._known.update({commit.stream: (told, commit.hash())})
        return records, told

    async def _before(self, layer: Published, commit: Commit) -> Told:
        """What is remembered is this commit's past if the chain of hashes says so; else all of the journal is read."""
        told, hashed = self._known.get(commit.stream) or (Told(layer.decider.initial), GENESIS)
        between = await self._between(told.last, commit)
        if told.last and not _is_chain(hashed, [*between, commit]):
            told = Told(layer.decider.initial)
            between = await self._between(0, commit)
        for earlier in between:
            _, told = said(layer, told, earlier, self._service)
        return told

    async def _between(self, last: int, commit: Commit) -> list[Commit]:
        if commit.first <= last + 1:
            return []
        return [one for one in await self._journal.read(commit.stream, last) if one.first < commit.first]

    async def _not_filled(self) -> set[str]:
        """Those of its topics that have not got what was published before."""
        if self._unfilled:
            filled = self._beginnings.find({"_id": {"$in": sorted(self._unfilled)}, "filled": True})
            self._unfilled -= {document["_id"] async for document in filled}
        return set(self._unfilled)

    async def _note(self, *, filled: bool) -> None:
        for topic in sorted(self._unfilled):
            await self._beginnings.update_one({"_id": topic}, {"$set": {"filled": filled}}, upsert=True)


def _is_chain(before: Hash, commits: Sequence[Commit]) -> bool:
    """One commit alone need not be hashed."""
    links = [before, *(one.hash() for one in commits[:-1])]
    return links == [one.previous for one in commits]


def tells(layer: Published, commit: Commit) -> bool:
    """Whether something may follow from it in public."""
    return any(READ_AS[one.type] in layer.events for one in commit.events)


def said(layer: Published, told: Told, commit: Commit, service: str) -> tuple[list[Outgoing], Told]:
    """Pure: what a commit says in public, what is so then, and what its stream has told."""
    records, state, previous, kept, now = list[Outgoing](), told.state, told.previous, told.kept, told.present
    for recorded, envelope in zip(commit.events, commit.envelopes(service), strict=True):
        event = recorded.event()
        if type(event) in layer.events and (public := layer.says(state, event)):
            records.append(_outgoing(public, envelope, previous, service))
            previous, kept = envelope.sequence, layer.keeps(kept, public)
            now = present(layer, kept, envelope, service)
        state = layer.decider.evolve(state, event)
    records += [now] if now and records else []
    return records, Told(state, previous, commit.last, kept, now)


def _outgoing(event: PublicEvent, source: Envelope, previous: int, service: str) -> Outgoing:
    envelope = source._replace(id=public_id(source.id), type=public_name(event), causation=source.id)
    headers = (*envelope.headers(), ("ce_previous", str(previous).encode()))
    return Outgoing(public_of(service).name, source.stream.encode(), encode(event).encode(), headers)


def present(layer: Published, kept: PublicState | None, source: Envelope, service: str) -> Outgoing:
    """The record that says what is so after an event; a null where it is gone."""
    envelope = source._replace(id=state_id(source.id), type=STATE_NAMES[layer.state], causation=source.id)
    value = kept.model_dump_json().encode() if kept else None
    return Outgoing(state_of(service).name, source.stream.encode(), value, envelope.headers())


def public_id(source: str) -> str:
    """An event says one thing in public at most."""
    return derived_id("public", source)


def state_id(source: str) -> str:
    """What is so after an event is one thing, too."""
    return derived_id("state", source)
