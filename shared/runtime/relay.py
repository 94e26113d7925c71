"""The relay: what is journalled reaches Kafka, in order, at least once, and is marked only after the acknowledgement.

It stops at the first failure of a stream, so nothing overtakes. Two relays at once are harmless: consumers drop the
duplicates by sequence.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

import structlog

from shared.contracts.envelope import Headers
from shared.contracts.topics import events_of
from shared.runtime.crashpoints import crashpoint
from shared.runtime.journal import Commit, Journal
from shared.runtime.mongo import MongoUnavailable

log = structlog.get_logger()

COMMITS_A_ROUND = 2000
POLL_SECONDS = 0.1
LONGEST_WAIT = 5.0


@dataclass(frozen=True, slots=True)
class Record:
    """What goes to Kafka. ``value`` None is a tombstone."""

    topic: str
    key: bytes
    value: bytes | None
    headers: Headers


@dataclass(frozen=True, slots=True)
class Pending:
    """Records that are published together or stay pending; ``token`` is the outbox's own mark."""

    token: Any
    records: Sequence[Record]


class Outbox(Protocol):
    """Where unpublished things wait. ``pending`` keeps the order of every key."""

    async def pending(self, limit: int) -> list[Pending]: ...

    async def published(self, done: Sequence[Pending]) -> None: ...


class Publisher(Protocol):
    async def publish(self, records: Sequence[Record]) -> list[bool]:
        """For each record whether the broker acknowledged it. Behind a False no record of the same key is True."""
        ...


class JournalOutbox:
    """A service's unpublished commits as records."""

    def __init__(self, journal: Journal, service: str) -> None:
        self._journal = journal
        self._service = service

    async def pending(self, limit: int) -> list[Pending]:
        return [Pending(commit, records_of(commit, self._service)) for commit in await self._journal.unpublished(limit)]

    async def published(self, done: Sequence[Pending]) -> None:
        await self._journal.mark_published([pending.token for pending in done])


def records_of(commit: Commit, service: str) -> list[Record]:
    topic, key = events_of(service).name, commit.stream.encode()
    return [
        Record(topic, key, event.data.encode(), envelope.headers())
        for event, envelope in zip(commit.events, commit.envelopes(service), strict=True)
    ]


def _all_of(acknowledged: Iterator[bool], number: int) -> bool:
    """Takes exactly ``number`` answers, also when the first is a no."""
    return sum(islice(acknowledged, number)) == number


class Relay:
    """Runs for as long as its process. ``nudge`` makes it look at once instead of at its next poll."""

    def __init__(self, outbox: Outbox, publisher: Publisher, nudge: asyncio.Event) -> None:
        self._outbox = outbox
        self._publisher = publisher
        self._nudge = nudge
        self.turned = time.monotonic()
        self.published = 0

    async def run(self) -> None:
        wait = POLL_SECONDS
        while True:
            self.turned = time.monotonic()
            try:
                complete = await self.round()
            except MongoUnavailable as error:
                log.warning("relay cannot read the journal", error=type(error).__name__)
                complete = False
            wait = POLL_SECONDS if complete else min(wait * 2, LONGEST_WAIT)
            await self._pause(wait, nudged=complete)

    async def round(self) -> bool:
        """Publishes what waits now; False when something was refused and has to wait."""
        while pending := await self._outbox.pending(COMMITS_A_ROUND):
            crashpoint("relay.read")
            records = [record for one in pending for record in one.records]
            acknowledged = iter(await self._publisher.publish(records))
            done = [one for one in pending if _all_of(acknowledged, len(one.records))]
            crashpoint("relay.acknowledged")
            await self._outbox.published(done)
            crashpoint("relay.marked")
            self.published += sum(len(one.records) for one in done)
            if len(done) < len(pending):
                log.warning("relay was refused", commits=len(pending) - len(done))
                return False
        return True

    async def _pause(self, seconds: float, nudged: bool) -> None:
        if not nudged:
            await asyncio.sleep(seconds)
            return
        try:
            await asyncio.wait_for(self._nudge.wait(), seconds)
        except TimeoutError:
            return
        self._nudge.clear()
