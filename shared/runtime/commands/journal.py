"""The journal: the decisions of a service, append-only, one insert per command, numbered 1, 2, 3 … within each stream.

Two unique keys keep the promises. ``_id = "<stream>:<first>"`` is the optimistic lock: of two commands that decided on
the same state, one wins. The id of a commit's first event is derived from its command's id, so a command is executed
only once for all time, also in a journal that was recovered from its topic. Commits form a hash chain, so a manual
change of the history is detected.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from datetime import datetime

from shared.kernel.identifiers import Uuid
from shared.runtime.commands.commit import Commit, Hash, Place, Recorded, to_commit, to_document
from shared.runtime.commands.group_commit import GroupCommit, KeyTaken
from shared.runtime.commands.unpublished import Unpublished
from shared.runtime.mongo.driver import (
    ASCENDING,
    Collection,
    Document,
    DuplicateKeyError,
    add_index,
    aggregate,
    present,
    server_time,
)

JOURNAL, CONFLICTS = "journal", "journal_conflicts"
"""What its collections are called."""

COMMITS_AT_ONCE = 2000
OF_STREAM_AT_ONCE = 100
BY_STREAM = (("stream", ASCENDING), ("first", ASCENDING))
LAST_OF_EACH: Sequence[Document] = (
    {"$sort": {"stream": -1, "first": -1}},
    {"$group": {"_id": "$stream", "last": {"$first": "$last"}}},
)
"""One look into the index for each stream, however many commits it has."""

FIRST_EVENT = "events.0.id"


class StreamMoved(Exception):
    """Somebody else committed to the stream first: load it again and decide again."""


class CommandRepeated(Exception):
    """A command with this id has been executed before."""


class Journal:
    """One service's journal. Nothing in it is ever changed: what Kafka has not acknowledged is marked beside it."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._inserts = GroupCommit(collection)
        self._conflicts = collection.database[CONFLICTS]
        self._unpublished = Unpublished(collection)

    async def prepare(self) -> None:
        await add_index(self._collection, [FIRST_EVENT], unique=True)
        await add_index(self._collection, ["stream", "first"])
        await self._unpublished.prepare()

    async def append(self, commit: Commit) -> Hash:
        """Majority-durable when it returns the commit's hash.

        Raises ``StreamMoved``, ``CommandRepeated`` or ``MongoUnavailable``.
        """
        document = to_document(commit)
        try:
            await self._inserts.insert(document)
        except KeyTaken as key:
            raise _taken(key.fields) from None
        return str(document["hash"])

    async def append_published(self, commit: Commit) -> None:
        """As ``append``, what its topic has already: it has no writer, so it never waits."""
        try:
            await self._collection.insert_one(to_document(commit))
        except DuplicateKeyError as error:
            raise _taken((error.details or {})["keyPattern"]) from None

    async def copy_marks(self) -> None:
        """Once, of a journal from before: what its own documents say was not published waits for the relay."""
        await self._unpublished.copy_marks()

    async def read(self, stream: str, after: int = 0) -> list[Commit]:
        """The stream's commits behind sequence ``after``, in order."""
        return [commit async for commits in self.in_parts(stream, after) for commit in commits]

    async def in_parts(self, stream: str, after: int = 0) -> AsyncGenerator[list[Commit], None]:
        """The same, so few at once that whoever works on them holds up nobody else of the process for long."""
        behind = {"stream": stream, "first": {"$gt": after}}
        found = self._collection.find(behind, batch_size=OF_STREAM_AT_ONCE).sort("first", ASCENDING)
        while documents := await found.to_list(OF_STREAM_AT_ONCE):
            yield [to_commit(document) for document in documents]

    async def read_all(self, after: Mapping[str, int]) -> list[Commit]:
        """Of each of these streams the commits behind its sequence, in order: one question for all of them."""
        behind = [{"stream": stream, "first": {"$gt": last}} for stream, last in after.items()]
        if not behind:
            return []
        found = self._collection.find({"$or": behind}).sort([("stream", ASCENDING), ("first", ASCENDING)])
        return [to_commit(document) async for document in found]

    async def streams(self, prefix: str) -> list[str]:
        """The names of all streams that begin with ``prefix``, which ends with a slash."""
        behind = prefix[:-1] + chr(ord("/") + 1)
        found = self._collection.find({"stream": {"$gte": prefix, "$lt": behind}, "first": 1}, {"stream": True})
        return sorted([document["stream"] async for document in found])

    async def events_at(self, places: AbstractSet[Place]) -> dict[Place, Recorded]:
        """What stands there; a place where nothing stands is left out.

        One question by ``_id`` where every commit begins at one of the places. Whatever is left then lies further back
        in its commit, or nowhere: that is asked for by stream, and of a primary that proves that it is one.
        """
        found = await _events_of(self._collection, {"_id": {"$in": [f"{stream}:{first}" for stream, first in places]}})
        if left := sorted({stream for stream, _ in places - found.keys()}):
            found.update(await _events_of(present(self._collection), {"stream": {"$in": left}}))
        return found

    async def by_first_event(self, event: Uuid) -> Commit | None:
        found = await self._collection.find_one({FIRST_EVENT: event})
        return to_commit(found) if found else None

    async def unpublished(self, at_once: int) -> AsyncGenerator[list[Commit], None]:
        """What Kafka has not acknowledged, each stream in order, so many at once: all as it stands at one moment.

        For the one relay of this process.
        """
        async with aclosing(self._unpublished.to_publish(at_once)) as waiting:
            async for documents in waiting:
                yield [to_commit(document) for document in documents]

    async def unpublished_by_stream(self) -> dict[str, list[Commit]]:
        """All of them, each stream's in order."""
        streams: dict[str, list[Commit]] = {}
        async for documents in self._unpublished.commits(COMMITS_AT_ONCE):
            for commit in map(to_commit, documents):
                streams.setdefault(commit.stream, []).append(commit)
        return streams

    async def heads(self, streams: Sequence[str]) -> dict[str, int]:
        """Each stream's last sequence, 0 where there is none."""
        among = {"$match": {"stream": {"$in": list(streams)}}}
        found = aggregate(self._collection, among, *LAST_OF_EACH)
        return {**dict.fromkeys(streams, 0), **{one["_id"]: one["last"] async for one in found}}

    async def set_aside(self, commits: Sequence[Commit]) -> None:
        """Out of the journal, never lost: they contradict what has been published under their numbers."""
        for commit in reversed(commits):
            document = await self._collection.find_one({"_id": commit.id})
            if document is not None:
                await self._conflicts.update_one({"_id": document["hash"]}, {"$set": {"commit": document}}, upsert=True)
                await self._collection.delete_one({"_id": commit.id})
        await self._unpublished.forget({commit.id for commit in commits})

    async def publish_again(self, since: datetime | None) -> int:
        """Whatever was recorded at or after a moment (by the database's clock) waits for the relay once more.

        A command's own time is that of its cause, perhaps by another clock; by it a stream could be torn.
        """
        where: Document = {} if since is None else {"recorded": {"$gte": server_time(since)}}
        return await self._unpublished.note(aiter(self._collection.find(where, {"writer": True, "recorded": True})))

    async def mark_published(self, commits: Sequence[Commit]) -> None:
        """Of what ``unpublished`` gave last."""
        await self._unpublished.mark({commit.id for commit in commits})

    async def backlog(self) -> tuple[int, datetime | None]:
        """How many commits wait to be published, and since when the oldest does (by the database's clock)."""
        return await self._unpublished.backlog()

    async def size(self) -> int:
        """How many commits there are, from the collection's own books: it costs nothing, however many there are."""
        return await self._collection.estimated_document_count()

    async def published(self) -> AsyncGenerator[Commit, None]:
        """By stream all that Kafka has acknowledged: whatever ``unpublished`` may still give is left out."""
        async with aclosing(self._unpublished.others(BY_STREAM, COMMITS_AT_ONCE)) as published:
            async for document in published:
                yield to_commit(document)

    async def commits(self) -> AsyncGenerator[tuple[Commit, Hash], None]:
        """Everything, by stream; each commit with the hash that was written beside it."""
        async for document in self._collection.find(batch_size=COMMITS_AT_ONCE).sort(BY_STREAM):
            yield to_commit(document), document["hash"]


def _taken(fields: Mapping[str, int]) -> StreamMoved | CommandRepeated:
    return CommandRepeated() if FIRST_EVENT in fields else StreamMoved()


async def _events_of(collection: Collection, where: Document) -> dict[Place, Recorded]:
    found = collection.find(where, {"stream": True, "first": True, "events": True})
    return {
        (document["stream"], document["first"] + index): Recorded(**event)
        async for document in found
        for index, event in enumerate(document["events"])
    }
