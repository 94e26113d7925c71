"""The driver's face of the model cluster, as far as shared/runtime uses it.

It stands in for motor: ``driver.connect`` builds its client from ``ModelClient``, so the concerns that hold here are
those that the product asks for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

from pymongo import InsertOne, ReplaceOne, UpdateOne
from pymongo.errors import AutoReconnect, BulkWriteError, DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from tests.storms.world.cluster import Cluster, Filter, Outcome, Unique, select
from tests.storms.world.documents import Document, Sort, aggregated, changed, copied, ordered, projected


class ModelClient:
    """In the place of motor's client."""

    def __init__(self, cluster: Cluster, _uri: str, **_options: object) -> None:
        self._cluster = cluster

    def get_database(
        self, name: str, *, write_concern: WriteConcern, read_concern: ReadConcern, **_codecs: object
    ) -> ModelDatabase:
        return ModelDatabase(self._cluster, name, write_concern, read_concern)

    async def start_session(self, *, snapshot: bool) -> nullcontext[Moment]:
        assert snapshot
        return nullcontext(Moment())

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class Moment:
    """What was there when the first of several questions was answered."""

    tables: Mapping[str, dict[Any, Document]] | None = None


@dataclass(frozen=True)
class ModelDatabase:
    cluster: Cluster
    name: str
    write_concern: WriteConcern
    read_concern: ReadConcern

    @property
    def client(self) -> ModelClient:
        return ModelClient(self.cluster, "")

    def __getitem__(self, name: str) -> ModelCollection:
        return ModelCollection(self, name)

    def visible(self, name: str) -> dict[Any, Document]:
        table = self.cluster.table(self.name, name)
        return table.majority if self.read_concern.level == "majority" else table.local

    def at(self, moment: Moment) -> Mapping[str, dict[Any, Document]]:
        if moment.tables is None:
            names = [name for database, name in self.cluster.tables if database == self.name]
            moment.tables = {name: dict(self.visible(name)) for name in names}
        return moment.tables

    def with_options(
        self, write_concern: WriteConcern | None = None, read_concern: ReadConcern | None = None
    ) -> ModelDatabase:
        return ModelDatabase(
            self.cluster, self.name, write_concern or self.write_concern, read_concern or self.read_concern
        )


class ModelCollection:
    def __init__(self, database: ModelDatabase, name: str) -> None:
        self.database = database
        self.name = name
        self._cluster = database.cluster
        self._table = self._cluster.table(database.name, name)

    def with_options(self, *, read_concern: ReadConcern) -> ModelCollection:
        """Whoever asks the primary that proves to be one sees what that has, as the local reads of the model do."""
        return ModelCollection(self.database.with_options(read_concern=read_concern), self.name)

    def _call(self, what: str, act: Callable[[], Any]) -> asyncio.Future[Any]:
        def served() -> Any:
            self._cluster.must_be_there()
            return act()

        return self._cluster.wire.call(f"{what} {self.name.partition('_')[0]}", served, unknown)

    def _write(self, what: str, act: Callable[[], Outcome]) -> asyncio.Future[Any]:
        concern = self.database.write_concern
        return self._call(what, lambda: self._cluster.acknowledged(concern, act()))

    def _visible(self, moment: Moment | None = None) -> dict[Any, Document]:
        return self.database.at(moment).get(self.name, {}) if moment else self.database.visible(self.name)

    async def create_index(
        self,
        keys: Sequence[tuple[str, int]],
        unique: bool = False,
        partialFilterExpression: Filter | None = None,  # noqa: N803
    ) -> None:
        if unique and keys[0][0] not in [known.path for known in self._table.uniques]:
            assert not self._table.local, "our unique indexes come before the first document"
            self._table.uniques.append(Unique(keys[0][0], partialFilterExpression or {}))

    async def index_information(self) -> dict[str, object]:
        return {}

    def find(
        self,
        where: Filter | None = None,
        projection: Filter | None = None,
        session: Moment | None = None,
        **_driver: object,
    ) -> Cursor:
        return Cursor(lambda: self._call("find", lambda: select(self._visible(session), where or {})), projection)

    async def find_one(
        self, where: Filter, projection: Filter | None = None, sort: Sort | None = None
    ) -> Document | None:
        found = await self.find(where, projection).sort(sort or ()).limit(1).fetch()
        return found[0] if found else None

    def aggregate(self, stages: Sequence[Document], session: Moment | None = None) -> Cursor:
        return Cursor(lambda: self._call("find", lambda: aggregated(self._visible(session).values(), stages)), None)

    async def count_documents(self, where: Filter) -> int:
        return len(await self._call("count", lambda: select(self._visible(), where)))

    async def distinct(self, name: str, where: Filter) -> list[Any]:
        return list({document[name]: None async for document in self.find(where)})

    async def estimated_document_count(self) -> int:
        return await self.count_documents({})

    async def insert_one(self, document: Document) -> None:
        await self._write("insert", lambda: self._cluster.insert(self._table, document))

    async def update_one(self, where: Filter, update: Filter, upsert: bool = False) -> Outcome:
        done: Outcome = await self._write("update", partial(self._update, where, update, upsert))
        return done

    async def update_many(self, where: Filter, update: Filter) -> Outcome:
        done: Outcome = await self._write("update", partial(self._update, where, update, upsert=False, many=True))
        return done

    async def replace_one(self, where: Filter, document: Document) -> None:
        await self.bulk_write([ReplaceOne(where, document)], ordered=False)

    async def delete_one(self, where: Filter) -> None:
        await self._write("delete", lambda: self._cluster.delete(self._table, where, many=False))

    async def delete_many(self, where: Filter) -> None:
        await self._write("delete", lambda: self._cluster.delete(self._table, where, many=True))

    async def bulk_write(self, writes: Sequence[Any], ordered: bool) -> Outcome:
        """As the driver does it unordered: one message for all writes of a kind, and none is undone by another.

        The server's time of an insert is drawn before its place in the oplog; here as early as can be.
        """
        assert not ordered
        for write in writes:
            if isinstance(write, InsertOne):
                write._doc = self._cluster.stamped(write._doc)
        outcome, failed = Outcome(), list[Document]()
        kinds = {InsertOne: 0, UpdateOne: 1, ReplaceOne: 1}
        for _, group in groupby(sorted(writes, key=lambda one: kinds[type(one)]), lambda one: kinds[type(one)]):
            done, errors = await self._call("bulk", partial(self._bulk, list(group)))
            outcome.add(done)
            failed += errors
        if failed:
            raise BulkWriteError({"writeErrors": failed, "writeConcernErrors": []})
        return outcome

    def _bulk(self, writes: list[Any]) -> Any:
        outcome, failed = Outcome(), list[Document]()
        for index, write in enumerate(writes):
            try:
                outcome.add(self._apply(write))
            except DuplicateKeyError as error:
                failed.append({"index": index, "code": 11000, **(error.details or {})})
        return self._cluster.acknowledged(self.database.write_concern, (outcome, failed))

    def _apply(self, write: Any) -> Outcome:
        if isinstance(write, InsertOne):
            return self._cluster.insert(self._table, write._doc)
        if isinstance(write, UpdateOne):
            return self._update(write._filter, write._doc, bool(write._upsert))  # type: ignore[arg-type]
        replace = partial(replaced, write._doc)
        return self._cluster.update(self._table, write._filter, replace, bool(write._upsert))

    def _update(self, where: Filter, update: Filter, upsert: bool, many: bool = False) -> Outcome:
        return self._cluster.update(
            self._table, where, lambda old, inserted: changed(old, update, inserted), upsert, many
        )


class Cursor:
    """What ``find`` gives: asks when it is read."""

    def __init__(
        self,
        ask: Callable[[], asyncio.Future[list[Document]]],
        projection: Filter | None,
        sort: Sort = (),
        limit: int = 0,
    ) -> None:
        self._ask = ask
        self._projection = projection
        self._sort = sort
        self._limit = limit
        self._left: list[Document] | None = None

    def sort(self, by: str | Sort, direction: int = 1) -> Cursor:
        return Cursor(self._ask, self._projection, [(by, direction)] if isinstance(by, str) else by, self._limit)

    def limit(self, limit: int) -> Cursor:
        return Cursor(self._ask, self._projection, self._sort, limit)

    async def to_list(self, length: int) -> list[Document]:
        if self._left is None:
            self._left = await self.fetch()
        taken, self._left = self._left[:length], self._left[length:]
        return taken

    async def fetch(self) -> list[Document]:
        found = ordered(await self._ask(), self._sort)[: self._limit or None]
        return [projected(document, self._projection) for document in found]

    async def __aiter__(self) -> AsyncIterator[Document]:
        for document in await self.fetch():
            yield document


def replaced(new: Document, old: Document, _inserted: bool) -> Document:
    return {"_id": old["_id"], **copied(new)}


def unknown(_happened: bool) -> PyMongoError:
    """The driver's own retry has failed too."""
    return AutoReconnect("connection closed")
