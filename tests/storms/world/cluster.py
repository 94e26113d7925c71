"""A MongoDB replica set as a model: what its primary has, what a majority has, and fail-overs that lose the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bson import Timestamp
from pymongo.errors import AutoReconnect, DuplicateKeyError
from pymongo.write_concern import WriteConcern

from tests.storms.world.documents import Document, begun, copied, matches, values_at
from tests.storms.world.loop import SERVERS
from tests.storms.world.wire import Wire, pace

Filter = Mapping[str, Any]
FILLED_IN_BY_SERVER = Timestamp(0, 0)


@dataclass
class Unique:
    """An index over one path; ``holders`` says which document has a value."""

    path: str
    only_where: Filter
    holders: dict[Any, Any] = field(default_factory=dict)

    def keys(self, document: Document | None) -> list[Any]:
        if document is None or not matches(document, self.only_where):
            return []
        return values_at(document, self.path) or [None]


@dataclass
class Table:
    """A collection in both states, and since when each document is durable, in its first form and in its last."""

    local: dict[Any, Document] = field(default_factory=dict)
    majority: dict[Any, Document] = field(default_factory=dict)
    uniques: list[Unique] = field(default_factory=list)
    durable_since: dict[Any, float] = field(default_factory=dict)
    changed_at: dict[Any, float] = field(default_factory=dict)

    def must_be_free(self, document: Document) -> None:
        for unique in self.uniques:
            for key in unique.keys(document):
                if unique.holders.get(key, document["_id"]) != document["_id"]:
                    raise duplicate(unique.path)

    def put(self, key: Any, document: Document | None) -> None:
        """None deletes."""
        for unique in self.uniques:
            for value in unique.keys(self.local.get(key)):
                unique.holders.pop(value, None)
            for value in unique.keys(document):
                unique.holders[value] = key
        store(self.local, key, document)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the oplog: a document as it was after a write."""

    table: Table
    key: Any
    document: Document | None


@dataclass
class Outcome:
    """As the driver's result objects."""

    matched_count: int = 0
    modified_count: int = 0
    inserted_count: int = 0
    deleted_count: int = 0
    upserted_id: Any = None
    upserted_count: int = 0

    def add(self, other: Outcome) -> None:
        self.matched_count += other.matched_count
        self.modified_count += other.modified_count
        self.inserted_count += other.inserted_count
        self.deleted_count += other.deleted_count
        self.upserted_count += other.upserted_count


class Cluster:
    """One primary, and a majority that follows it at a distance."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.tables: dict[tuple[str, str], Table] = {}
        self._chance = wire.chance("mongo")
        self._oplog: list[Entry] = []
        self._rolled_back = 0
        self._durable = 0
        self._waiting: list[tuple[int, asyncio.Future[Any], Any]] = []
        self._lagging = False
        self._away_until = 0.0
        self._ticks = 0

    def table(self, database: str, name: str) -> Table:
        return self.tables.setdefault((database, name), Table())

    def must_be_there(self) -> None:
        if self.wire.loop.time() < self._away_until:
            raise AutoReconnect("no primary")

    # Writing

    def insert(self, table: Table, document: Document) -> Outcome:
        if document["_id"] in table.local:
            raise duplicate("_id")
        stamped = self.stamped(document)
        table.must_be_free(stamped)
        self._write(table, stamped["_id"], stamped)
        return Outcome(inserted_count=1)

    def update(
        self,
        table: Table,
        where: Filter,
        change: Callable[[Document, bool], Document],
        upsert: bool,
        many: bool = False,
    ) -> Outcome:
        found = select(table.local, where)
        outcome = Outcome()
        for document in found if many else found[:1]:
            new = change(document, False)
            outcome.matched_count += 1
            if new != document:
                table.must_be_free(new)
                self._write(table, document["_id"], new)
                outcome.modified_count += 1
        if not found and upsert:
            outcome.upserted_id = begun(where)["_id"]
            outcome.upserted_count = 1
            self.insert(table, change(begun(where), True))
        return outcome

    def delete(self, table: Table, where: Filter, many: bool) -> Outcome:
        found = select(table.local, where)[: None if many else 1]
        for document in found:
            self._write(table, document["_id"], None)
        return Outcome(deleted_count=len(found))

    def acknowledged(self, concern: WriteConcern, outcome: Any) -> Any:
        """The outcome now, or a future of it: when the majority has everything that the primary has now."""
        if concern.document.get("w") != "majority":
            return outcome
        done: asyncio.Future[Any] = self.wire.loop.create_future()
        self._waiting.append((len(self._oplog), done, outcome))
        self._tell()
        return done

    def stamped(self, document: Filter) -> Document:
        return {
            name: self._now() if value == FILLED_IN_BY_SERVER else copied(value) for name, value in document.items()
        }

    def _now(self) -> Timestamp:
        self._ticks += 1
        return Timestamp(int(self.wire.loop.time()) + 1, self._ticks)

    def _write(self, table: Table, key: Any, document: Document | None) -> None:
        table.put(key, document)
        self._oplog.append(Entry(table, key, document))
        follow = partial(self._follow, len(self._oplog), self._rolled_back)
        self.wire.loop.call_later(pace(self._chance), follow, context=SERVERS)

    # Following

    def _follow(self, upto: int, era: int) -> None:
        if not self._lagging and era == self._rolled_back:
            self._make_durable(upto)

    def _make_durable(self, upto: int) -> None:
        now = self.wire.loop.time()
        for entry in self._oplog[self._durable : upto]:
            entry.table.durable_since.setdefault(entry.key, now)
            entry.table.changed_at[entry.key] = now
            store(entry.table.majority, entry.key, entry.document)
        self._durable = max(self._durable, upto)
        self._tell()

    def _tell(self) -> None:
        waiting, self._waiting = self._waiting, []
        for upto, done, outcome in waiting:
            if upto <= self._durable:
                done.set_result(outcome)
            else:
                self._waiting.append((upto, done, outcome))

    def lag(self, seconds: float) -> None:
        """The majority stands still; the primary goes on alone."""
        self._lagging = True
        self.wire.loop.call_later(seconds, self._catch_up, context=SERVERS)

    def _catch_up(self) -> None:
        self._lagging = False
        self._make_durable(len(self._oplog))

    def fail_over(self, seconds: float) -> None:
        """A new primary, with some of what only the old one had, or nothing of it; the rest is rolled back."""
        self._make_durable(self._chance.randint(self._durable, len(self._oplog)))
        lost = self._oplog[self._durable :]
        del self._oplog[self._durable :]
        self._rolled_back += 1
        for entry in reversed(lost):
            entry.table.put(entry.key, entry.table.majority.get(entry.key))
        for _, done, _ in self._waiting:
            done.set_result(AutoReconnect("the primary stepped down"))
        self._waiting = []
        self._lagging = False
        self._away_until = self.wire.loop.time() + seconds


def select(documents: Mapping[Any, Document], where: Filter) -> list[Document]:
    match where:
        case {"_id": {"$in": keys}} if len(where) == 1:
            return [documents[key] for key in keys if key in documents]
        case {"_id": key, **rest} if not isinstance(key, dict):
            found = documents.get(key)
            return [found] if found is not None and matches(found, rest) else []
    return [document for document in documents.values() if matches(document, where)]


def store(documents: dict[Any, Document], key: Any, document: Document | None) -> None:
    if document is None:
        documents.pop(key, None)
    else:
        documents[key] = document


def duplicate(path: str) -> DuplicateKeyError:
    return DuplicateKeyError("E11000 duplicate key", 11000, {"code": 11000, "keyPattern": {path: 1}})
