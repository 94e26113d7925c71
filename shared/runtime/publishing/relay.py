"""The relay: publishes the journal to Kafka, in order, at least once, and marks it only after the acknowledgement.

It stops at the first failure of a stream, so the order is kept. Two relays at the same time are harmless: consumers
discard the duplicates by sequence.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple, Protocol, TypeVar, cast

import structlog

from shared.contracts.envelope import Headers
from shared.contracts.topics import events_of
from shared.runtime.commands.commit import Commit
from shared.runtime.commands.journal import Journal
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.crashpoints import crashpoint

S = TypeVar("S")
R = TypeVar("R")

log = structlog.get_logger()

COMMITS_AT_ONCE = 2000
POLL_SECONDS = 10.0
"""Nobody waits for it: whoever commits nudges, in this process or through the database."""

FIRST_RETRY, LAST_RETRY = 0.1, 5.0


class Outgoing(NamedTuple):
    """What goes to Kafka. ``value`` None is a tombstone."""

    topic: str
    key: bytes
    value: bytes | None
    headers: Headers


class Pending(NamedTuple):
    """Records that are published together or stay pending; ``token`` is the outbox's own mark."""

    token: Any
    records: Sequence[Outgoing]


class Outbox(Protocol):
    """Where unpublished things wait. ``pending`` keeps the order of every key, over all that one call gives."""

    def pending(self, at_once: int) -> AsyncGenerator[list[Pending], None]: ...

    async def published(self, done: Sequence[Pending]) -> None: ...


class Publisher(Protocol):
    async def publish(self, records: Sequence[Outgoing]) -> list[bool]:
        """For each record whether the broker acknowledged it. Behind a False no record of the same key is True."""
        ...


class FollowingRecords(Protocol):
    """What is published with a commit and follows from it. ``past``: what is owed from before, ahead of the rest."""

    async def records_of(self, commit: Commit) -> list[Outgoing]: ...

    def past(self, at_once: int) -> AsyncGenerator[list[Pending], None]: ...

    async def published(self, tokens: Sequence[object]) -> None: ...


@dataclass(frozen=True)
class JournalOutbox:
    """A service's unpublished commits as records: what it says to named readers, and what follows from it in public.

    A commit is marked when all of them are acknowledged.
    """

    journal: Journal
    service: str
    public: FollowingRecords | None = None

    async def pending(self, at_once: int) -> AsyncGenerator[list[Pending], None]:
        if self.public:
            async with aclosing(self.public.past(at_once)) as past:
                async for owed in past:
                    yield owed
        async with aclosing(self.journal.unpublished(at_once)) as commits:
            async for batch in commits:
                yield [Pending(commit, await self._records(commit)) for commit in batch]

    async def published(self, done: Sequence[Pending]) -> None:
        if self.public:
            await self.public.published([pending.token for pending in done])
        await self.journal.mark_published([pending.token for pending in done if isinstance(pending.token, Commit)])

    async def _records(self, commit: Commit) -> list[Outgoing]:
        closed = records_of(commit, self.service)
        return [*closed, *await self.public.records_of(commit)] if self.public else closed


def records_of(commit: Commit, service: str) -> list[Outgoing]:
    topic, key = events_of(service).name, commit.stream.encode()
    return [
        Outgoing(topic, key, event.data.encode(), envelope.headers())
        for event, envelope in zip(commit.events, commit.envelopes(service), strict=True)
    ]


def _all_of(acknowledged: Iterator[bool], number: int) -> bool:
    """Takes exactly ``number`` answers, also when the first is a no."""
    return sum(islice(acknowledged, number)) == number


async def _all(sent: Awaitable[S], read: Awaitable[R], marked: Awaitable[None]) -> tuple[S, R]:
    """At the same time, and each to its end, also when another fails: nothing may be on its way afterwards."""
    outcomes = await asyncio.gather(sent, read, marked, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return cast("tuple[S, R]", tuple(outcomes[:2]))


class Relay:
    """Runs for as long as its process. ``nudge`` is given when something new waits.

    While ``may_publish`` says no, nothing new is handed to the publisher.
    """

    def __init__(
        self, outbox: Outbox, publisher: Publisher, nudge: Nudge, may_publish: Callable[[], bool] = lambda: True
    ) -> None:
        self._outbox = outbox
        self._publisher = publisher
        self._nudge = nudge
        self._may_publish = may_publish
        self.published = 0

    async def run(self) -> None:
        wait = FIRST_RETRY
        while True:
            try:
                complete = await self.round()
            except MongoUnavailable as error:
                log.warning("relay cannot read the journal", error=type(error).__name__)
                complete = False
            if not complete:
                wait = min(wait * 2, LAST_RETRY)
                await asyncio.sleep(wait)
            elif self._may_publish():
                wait = FIRST_RETRY
                await self._nudge.within(POLL_SECONDS)
            else:
                await asyncio.sleep(FIRST_RETRY)

    async def round(self) -> bool:
        """Publishes what waits now; False when something was refused and has to wait.

        While one batch is on its way to Kafka, the one behind it is read and the one before it marked.
        """
        if not self._may_publish():
            return True
        async with aclosing(self._outbox.pending(COMMITS_AT_ONCE)) as batches:
            pending: list[Pending] = await anext(batches, [])
            sent, refused = list[Pending](), 0
            while pending and not refused and self._may_publish():
                now, coming = await _all(self._send(pending), anext(batches, []), self._mark(sent))
                refused = len(pending) - len(now)
                pending, sent = coming, now
            await self._mark(sent)
        if refused:
            log.warning("relay was refused", commits=refused)
        return not refused

    async def _send(self, pending: Sequence[Pending]) -> list[Pending]:
        """Those of which the broker has acknowledged everything."""
        crashpoint("relay.read")
        acknowledged = iter(await self._publisher.publish([record for one in pending for record in one.records]))
        done = [one for one in pending if _all_of(acknowledged, len(one.records))]
        crashpoint("relay.acknowledged")
        records = sum(len(one.records) for one in done)
        self.published += records
        topics = sorted({record.topic for one in pending for record in one.records})
        log.debug("batch published", topics=topics, commits=len(done), records=records)
        return done

    async def _mark(self, sent: Sequence[Pending]) -> None:
        if sent:
            await self._outbox.published(sent)
            crashpoint("relay.marked")
