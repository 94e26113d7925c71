"""Finds the commits that Kafka has not acknowledged, from the journal itself, which nobody may change.

Each commit contains its writer. A writer inserts one commit after another and stops at the first insert with an unknown
outcome (``group_commit.py``). So no commit of a writer can appear before one that is visible, and one mark per writer
says up to where everything is published. Two kinds of commits are noted one by one: those that Kafka refused while it
acknowledged later commits of the same writer, and those to be published again.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from datetime import datetime
from typing import NamedTuple

from shared.runtime.mongo.driver import (
    ASCENDING,
    BEGINNING,
    Collection,
    Document,
    Moment,
    ServerTime,
    UpdateOne,
    add_index,
    aggregate,
    one_moment,
)

MARKS, NOTED, COPIED = "published_up_to", "unpublished", "unpublished_copied"
AT_ONCE = 2000

LAST_OF_EACH: Sequence[Document] = (
    {"$sort": {"writer": -1, "recorded": -1}},
    {"$group": {"_id": "$writer", "last": {"$first": "$recorded"}}},
)
"""Each writer costs one lookup in the index, whatever its number of commits."""

Marks = Mapping[str, ServerTime]
"""By writer the time up to which everything is published."""


class Given(NamedTuple):
    """A commit as handed to the relay; ``recorded`` is the server's cluster time of its insert."""

    commit: str
    recorded: ServerTime


class Unpublished:
    """Marks are ``{_id: <writer>, recorded}``, notes ``{_id: <commit>, recorded}``.

    ``recorded`` orders the commits of all writers and keeps the order within each stream: a commit is decided only
    after the one before it was seen.
    """

    def __init__(self, journal: Collection) -> None:
        self._journal = journal
        self._marks: Collection = journal.database[MARKS]
        self._noted: Collection = journal.database[NOTED]
        self._copied: Collection = journal.database[COPIED]
        self._given: dict[str, list[Given]] = {}
        self._some_are_noted = False

    async def prepare(self) -> None:
        await add_index(self._journal, ["writer", "recorded"])
        await add_index(self._noted, ["recorded"])

    async def commits(self, at_once: int) -> AsyncGenerator[list[Document], None]:
        """The waiting commits in order, all as of one moment.

        Without one moment a later commit could be read without an earlier one that became visible behind the reader.
        """
        async with one_moment(self._journal) as moment:
            tails = await self._tails(moment)
            async for span in self._spans(tails, at_once, moment):
                found = self._journal.find(span, session=moment, batch_size=at_once).sort("recorded", ASCENDING)
                while documents := await found.to_list(at_once):
                    yield documents

    async def _spans(self, tails: Marks, at_once: int, moment: Moment) -> AsyncIterator[Document]:
        """The queries, one span of time after another: a number of notes, and everything else that
        waits between them.
        """
        after, found = BEGINNING, self._noted.find({}, session=moment, batch_size=at_once).sort("recorded", ASCENDING)
        while notes := await found.to_list(at_once):
            self._some_are_noted = True
            upto = notes[-1]["recorded"]
            within = [_of(writer, {"$gt": max(mark, after), "$lte": upto}) for writer, mark in tails.items()]
            yield {"$or": [{"_id": {"$in": [note["_id"] for note in notes]}}, *within]}
            after = upto
        if tails:
            yield {"$or": [_of(writer, {"$gt": max(mark, after)}) for writer, mark in tails.items()]}

    async def others(self, order: Sequence[tuple[str, int]], at_once: int) -> AsyncGenerator[Document, None]:
        """The journal's documents that do not wait. Documents published after the first is read are left out.

        Marks are read before notes: what a mark skips was noted before.
        """
        marks, found = await self._marked(), self._journal.find({}, batch_size=at_once).sort(order)
        while documents := await found.to_list(at_once):
            among = {"_id": {"$in": [one["_id"] for one in documents]}}
            noted = {one["_id"] async for one in self._noted.find(among, {"_id": True})}
            for one in documents:
                if one["_id"] not in noted and not _waits(one, marks):
                    yield one

    async def to_publish(self, at_once: int) -> AsyncGenerator[list[Document], None]:
        """The same commits for the process that marks them."""
        self._given, self._some_are_noted = {}, False
        async with aclosing(self.commits(at_once)) as waiting:
            async for documents in waiting:
                for one in documents:
                    given = self._given.setdefault(one.get("writer", ""), [])
                    given.append(Given(one["_id"], one["recorded"]))
                yield documents

    async def mark(self, acknowledged: AbstractSet[str]) -> None:
        """Marks the acknowledged commits of ``to_publish``; refused ones before the last of them are noted."""
        for writer, given in self._given.items():
            passed = _up_to_last(given, acknowledged)
            if writer and passed:
                await self._write([one for one in passed if one.commit not in acknowledged])
                upto = {"$max": {"recorded": passed[-1].recorded}}
                await self._marks.update_one({"_id": writer}, upto, upsert=True)
            del given[: len(passed)]
        if self._some_are_noted:
            await self.forget(acknowledged)

    async def note(self, commits: AsyncIterator[Document]) -> int:
        """Notes commits that are to be published although their writer's mark has passed them. Returns how many were
        new.
        """
        marks, added, known = await self._marked(), 0, list[Given]()
        async for one in commits:
            if not _waits(one, marks):
                known.append(Given(one["_id"], one["recorded"]))
            if len(known) == AT_ONCE:
                added += await self._write(known)
                known = []
        return added + await self._write(known)

    async def forget(self, commits: AbstractSet[str]) -> None:
        """Of what was noted."""
        await self._noted.delete_many({"_id": {"$in": list(commits)}})

    async def copy_marks(self) -> None:
        """Journals of an early release had marks in their documents, as ``published``. Each is copied once.

        No process may write them any more: those of that release have ended.
        """
        until = await self._copied.find_one({"_id": COPIED})
        newer = {"recorded": {"$gt": until["recorded"]}} if until else {}
        # They name no writer, so that the index finds nothing at once in a journal that has none, at each start.
        marked = self._journal.find({"writer": None, "published": False, **newer}, {"recorded": True})
        commits = [Given(commit["_id"], commit["recorded"]) async for commit in marked]
        if commits:
            await self._write(commits)
            upto = {"$max": {"recorded": max(commit.recorded for commit in commits)}}
            await self._copied.update_one({"_id": COPIED}, upto, upsert=True)

    async def backlog(self) -> tuple[int, datetime | None]:
        """How many commits wait, and since when the oldest does (by the database's clock)."""
        tails = await self._tails()
        waiting, oldest = await self._noted.count_documents({}), [await _oldest(self._noted, {})]
        if tails:
            behind = {"$or": [_of(writer, {"$gt": mark}) for writer, mark in tails.items()]}
            waiting += await self._journal.count_documents(behind)
            oldest.append(await _oldest(self._journal, behind))
        return waiting, min((moment.as_datetime() for moment in oldest if moment), default=None)

    async def _tails(self, moment: Moment | None = None) -> Marks:
        """The marks of writers with waiting commits."""
        marks = await self._marked(moment)
        writers = {one["_id"]: one["last"] async for one in aggregate(self._journal, *LAST_OF_EACH, moment=moment)}
        known = {writer: marks.get(writer, BEGINNING) for writer in writers if writer is not None}
        return {writer: mark for writer, mark in known.items() if mark < writers[writer]}

    async def _marked(self, moment: Moment | None = None) -> Marks:
        return {one["_id"]: one["recorded"] async for one in self._marks.find({}, session=moment)}

    async def _write(self, notes: Sequence[Given]) -> int:
        writes = [
            UpdateOne({"_id": one.commit}, {"$setOnInsert": {"recorded": one.recorded}}, upsert=True) for one in notes
        ]
        if not writes:
            return 0
        self._some_are_noted = True
        return (await self._noted.bulk_write(writes, ordered=False)).upserted_count


def _of(writer: str, recorded: Document) -> Document:
    return {"writer": writer, "recorded": recorded}


def _waits(commit: Document, marks: Marks) -> bool:
    writer = commit.get("writer")
    return writer is not None and commit["recorded"] > marks.get(writer, BEGINNING)


def _up_to_last(given: Sequence[Given], acknowledged: AbstractSet[str]) -> Sequence[Given]:
    behind = next((place for place in range(len(given), 0, -1) if given[place - 1].commit in acknowledged), 0)
    return given[:behind]


async def _oldest(collection: Collection, where: Document) -> ServerTime | None:
    found = await collection.find_one(where, sort=[("recorded", ASCENDING)])
    return found["recorded"] if found else None
