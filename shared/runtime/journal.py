"""The journal: what a service decided, append-only, one insert per command, numbered 1, 2, 3 … within each stream.

Two unique keys carry the promises. ``_id = "<stream>:<first>"`` is the optimistic lock: of two commands that decided on
the same state one wins. ``command.id`` lets a command happen once, for ever. Commits are hash-chained per stream, so a
history changed by hand shows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.envelope import Envelope, source_of
from shared.contracts.registry import decode
from shared.kernel.decider import Event
from shared.kernel.time import iso
from shared.runtime.mongo import (
    ASCENDING,
    Collection,
    Document,
    DuplicateKeyError,
    UpdateOne,
    add_index,
    assigned_by_server,
)

Hash = str
GENESIS: Hash = "0" * 64


class StreamMoved(Exception):
    """Somebody else committed to the stream first: load it again and decide again."""


class CommandRepeated(Exception):
    """A command with this id has been executed before."""


@dataclass(frozen=True, slots=True)
class CommandMark:
    """Which command caused a commit; ``body`` is the SHA-256 of what the caller sent."""

    id: str
    type: str
    by: str
    body: Hash


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as it is kept: ``data`` is its JSON, character for character what will be published."""

    id: str
    type: str
    data: str

    def event(self) -> Event:
        return decode(self.type, self.data)


@dataclass(frozen=True, slots=True)
class Commit:
    """The events of one command. ``first`` to ``last`` are their sequence numbers, without a gap."""

    stream: str
    first: int
    conference: str
    command: CommandMark
    at: datetime
    correlation: str
    causation: str
    events: tuple[Recorded, ...]
    previous: Hash

    @property
    def id(self) -> str:
        return f"{self.stream}:{self.first}"

    @property
    def last(self) -> int:
        return self.first + len(self.events) - 1

    def hash(self) -> Hash:
        content = [
            self.previous,
            self.id,
            self.conference,
            [self.command.id, self.command.type, self.command.by, self.command.body],
            [iso(self.at), self.correlation, self.causation],
            [[event.id, event.type, event.data] for event in self.events],
        ]
        return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()

    def envelopes(self, service: str) -> tuple[Envelope, ...]:
        return tuple(
            Envelope(
                id=event.id,
                type=event.type,
                source=source_of(service),
                stream=self.stream,
                time=self.at,
                sequence=self.first + place,
                conference=self.conference,
                correlation=self.correlation,
                causation=self.causation,
            )
            for place, event in enumerate(self.events)
        )


class Journal:
    """One service's journal. Nothing in it is ever changed, but for the relay's mark ``published``."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def prepare(self) -> None:
        await add_index(self._collection, ["command.id"], unique=True)
        await add_index(self._collection, ["stream", "first"])
        await add_index(self._collection, ["recorded"], only_where={"published": False})

    async def append(self, commit: Commit) -> None:
        """Majority-durable when it returns. Raises ``StreamMoved``, ``CommandRepeated`` or ``MongoUnavailable``."""
        try:
            await self._collection.insert_one(to_document(commit))
        except DuplicateKeyError as taken:
            repeated = "command.id" in (taken.details or {}).get("keyPattern", {})
            raise (CommandRepeated if repeated else StreamMoved) from None

    async def read(self, stream: str, after: int = 0) -> list[Commit]:
        """The stream's commits behind sequence ``after``, in order."""
        found = self._collection.find({"stream": stream, "first": {"$gt": after}}).sort("first", ASCENDING)
        return [to_commit(document) async for document in found]

    async def by_command(self, command_id: str) -> Commit | None:
        found = await self._collection.find_one({"command.id": command_id})
        return to_commit(found) if found else None

    async def unpublished(self, limit: int) -> list[Commit]:
        """The oldest commits that Kafka has not acknowledged, in the order in which they were inserted."""
        found = self._collection.find({"published": False}).sort("recorded", ASCENDING).limit(limit)
        return [to_commit(document) async for document in found]

    async def mark_published(self, commits: Sequence[Commit]) -> None:
        marks = [UpdateOne({"_id": commit.id}, {"$set": {"published": True}}) for commit in commits]
        if marks:
            await self._collection.bulk_write(marks, ordered=False)

    async def backlog(self) -> tuple[int, datetime | None]:
        """How many commits wait to be published, and since when the oldest does (by the service's clock)."""
        waiting = await self._collection.count_documents({"published": False})
        oldest = await self._collection.find_one({"published": False}, sort=[("recorded", ASCENDING)])
        return waiting, oldest["at"] if oldest else None

    async def size(self) -> int:
        """How many events have been journalled."""
        sums = self._collection.aggregate([{"$group": {"_id": None, "n": {"$sum": {"$size": "$events"}}}}])
        return sum([found["n"] async for found in sums])

    async def commits(self) -> AsyncIterator[tuple[Commit, Hash]]:
        """Everything, stream by stream, each commit with the hash that was written beside it."""
        async for document in self._collection.find().sort([("stream", ASCENDING), ("first", ASCENDING)]):
            yield to_commit(document), document["hash"]


def to_document(commit: Commit) -> Document:
    mark = commit.command
    return {
        "_id": commit.id,
        "stream": commit.stream,
        "first": commit.first,
        "last": commit.last,
        "conference": commit.conference,
        "command": {"id": mark.id, "type": mark.type, "by": mark.by, "body": mark.body},
        "at": commit.at,
        "correlation": commit.correlation,
        "causation": commit.causation,
        "events": [{"id": event.id, "type": event.type, "data": event.data} for event in commit.events],
        "previous": commit.previous,
        "hash": commit.hash(),
        "published": False,
        "recorded": assigned_by_server(),
    }


def to_commit(document: Document) -> Commit:
    return Commit(
        stream=document["stream"],
        first=document["first"],
        conference=document["conference"],
        command=CommandMark(**document["command"]),
        at=document["at"],
        correlation=document["correlation"],
        causation=document["causation"],
        events=tuple(Recorded(**event) for event in document["events"]),
        previous=document["previous"],
    )
