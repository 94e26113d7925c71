"""The public layer: what follows in public from each commit, on a topic of its own for any system of the city.

A public event carries its source's sequence, and as ``ce_previous`` the sequence of the public event before it on the
same stream (0: none), so that a reader sees what it missed. Its id derives from its source's: said again, it is the
same. What a stream has told before is read from the journal when something public follows, and remembered: whatever is
closed is neither decoded nor folded for itself. No projection is asked.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import structlog

from shared.contracts.envelope import Envelope
from shared.contracts.public.event import PublicEvent
from shared.contracts.registry import READ_AS, encode, public_name
from shared.contracts.topics import public_of
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
PAST, FILLED = "past", "filled"
"""Marks of what is published from before, and of its end."""


@dataclass(frozen=True, slots=True)
class Told:
    """A stream as far as it was read: its state, the last commit's hash, the sequence of its last public event, and the
    sequence of its last event.
    """

    state: Any
    hash: Hash = GENESIS
    previous: int = 0
    last: int = 0


class PublicLayer:
    """One service's. One document in ``beginnings`` says that its topic has what the journal held from before."""

    def __init__(
        self, service: Service, journal: Journal, beginnings: Collection, nudge: Callable[[], None] = lambda: None
    ) -> None:
        self._service = service.name
        self._topic = public_of(service.name).name
        self._layers = {layer.decider.kind: layer for layer in service.public}
        self._journal = journal
        self._beginnings = beginnings
        self._nudge = nudge
        self._known: Recent[str, Told] = Recent(KNOWN_STREAMS)
        self._filled = not self._layers

    async def records_of(self, commit: Commit) -> list[Outgoing]:
        layer = self._layers.get(kind_of(commit.stream))
        if layer is None or not any(READ_AS[one.type] in layer.events for one in commit.events):
            return []
        records, told = said(layer, await self._before(layer, commit), commit, self._service)
        self._known.update({commit.stream: told})
        return records

    async def past(self, at_once: int) -> AsyncGenerator[list[Pending], None]:
        """Once: all that was published before, stream by stream; what waits is told with what it follows from."""
        if self._filled or await self._is_filled():
            return
        log.info("public topic is filled from the journal", topic=self._topic)
        pending: list[Pending] = []
        async with aclosing(self._journal.published()) as commits:
            async for commit in commits:
                pending += [Pending(PAST, records)] if (records := await self.records_of(commit)) else []
                if len(pending) >= at_once:
                    yield pending
                    pending = []
        if pending:
            yield pending
        yield [Pending(FILLED, [])]  # apart: it is reached when everything before it is acknowledged

    async def published(self, tokens: Sequence[object]) -> None:
        if FILLED in tokens:
            await self._note(filled=True)

    async def fill_again(self) -> bool:
        """The relay's next round begins with everything from before; False where nothing is public."""
        if self._layers:
            await self._note(filled=False)
            self._nudge()
        return bool(self._layers)

    async def _before(self, layer: Published, commit: Commit) -> Told:
        """What is remembered is this commit's past if the chain of hashes says so; else all of the journal is read."""
        told = self._known.get(commit.stream)
        if told is None or not _is_chain(told.hash, [*(between := await self._between(told.last, commit)), commit]):
            told = Told(layer.decider.initial)
            between = await self._between(0, commit)
        for earlier in between:
            _, told = said(layer, told, earlier, self._service)
        return told

    async def _between(self, last: int, commit: Commit) -> list[Commit]:
        if commit.first <= last + 1:
            return []
        return [one for one in await self._journal.read(commit.stream, last) if one.first < commit.first]

    async def _is_filled(self) -> bool:
        found = await self._beginnings.find_one({"_id": self._topic})
        self._filled = bool(found and found.get("filled"))
        return self._filled

    async def _note(self, *, filled: bool) -> None:
        await self._beginnings.update_one({"_id": self._topic}, {"$set": {"filled": filled}}, upsert=True)
        self._filled = filled


def _is_chain(before: Hash, commits: Sequence[Commit]) -> bool:
    """One commit alone need not be hashed."""
    links = [before, *(one.hash() for one in commits[:-1])]
    return links == [one.previous for one in commits]


def said(layer: Published, told: Told, commit: Commit, service: str) -> tuple[list[Outgoing], Told]:
    """Pure: what a commit says in public, and what its stream has told then."""
    records, state, previous = list[Outgoing](), told.state, told.previous
    for recorded, envelope in zip(commit.events, commit.envelopes(service), strict=True):
        event = recorded.event()
        if type(event) in layer.events and (public := layer.says(state, event)):
            records.append(_outgoing(public, envelope, previous, service))
            previous = envelope.sequence
        state = layer.decider.evolve(state, event)
    return records, Told(state, commit.hash(), previous, commit.last)


def _outgoing(event: PublicEvent, source: Envelope, previous: int, service: str) -> Outgoing:
    envelope = source._replace(id=public_id(source.id), type=public_name(event), causation=source.id)
    headers = (*envelope.headers(), ("ce_previous", str(previous).encode()))
    return Outgoing(public_of(service).name, source.stream.encode(), encode(event).encode(), headers)


def public_id(source: str) -> str:
    """An event says one thing in public at most."""
    return derived_id("public", source)
