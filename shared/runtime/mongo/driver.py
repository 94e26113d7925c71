"""MongoDB, and the only file that imports its driver: replacing motor by its successor changes only this file.

Some calls answer at once in motor and must be awaited in PyMongo's ``AsyncMongoClient``; the functions here support
both.

All writes are acknowledged by a majority with its journal on disk. All reads are majority-committed: data that a
reader saw once cannot be rolled back. A call ends within its time or raises.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from inspect import isawaitable, iscoroutinefunction
from types import MappingProxyType
from typing import Any

from bson import Int64, Timestamp
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
)
from pymongo import ASCENDING, AsyncMongoClient, InsertOne, ReplaceOne, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, ConfigurationError, DuplicateKeyError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.runtime.access import WrongAccess

__all__ = [
    "ASCENDING",
    "BEGINNING",
    "NOBODY",
    "UNAUTHORIZED",
    "BulkWriteError",
    "Client",
    "Collection",
    "Database",
    "Document",
    "DuplicateKeyError",
    "InsertOne",
    "Moment",
    "MongoUnavailable",
    "OperationFailure",
    "ReplaceOne",
    "ServerTime",
    "Session",
    "UpdateOne",
    "add_index",
    "aggregate",
    "as_stored",
    "assigned_by_server",
    "connect",
    "directly",
    "duplicates_only",
    "inserts_into",
    "one_moment",
    "present",
    "server_time",
]

Document = dict[str, Any]
Client = AsyncIOMotorClient[Document]
Collection = AsyncIOMotorCollection[Document]
Database = AsyncIOMotorDatabase[Document]
Moment = AsyncIOMotorClientSession
ServerTime = Timestamp
BEGINNING = ServerTime(0, 1)
"""Earlier than everything that a server has recorded."""
MongoUnavailable = PyMongoError
"""Any failure of the database or the connection: the outcome is unknown."""

NOBODY: Mapping[str, str] = MappingProxyType({})
DUPLICATE_KEY, UNAUTHORIZED = 11000, 13
HELD_MS = 10_000
"""How long the server holds a request for changes if there are none."""


class Session:
    """One client and one service's database on it."""

    def __init__(self, client: Client, database: Database, uri: str) -> None:
        self._client = client
        self.database = database
        self._uri = uri
        self._listening: AsyncMongoClient[Document] | None = None

    async def answers(self, within: float = 1.0) -> bool:
        """Whether the primary answers now."""
        try:
            async with asyncio.timeout(within):
                await self.database.command("ping")
        except (MongoUnavailable, TimeoutError):
            return False
        return True

    @asynccontextmanager
    async def changes(self, collections: Sequence[str]) -> AsyncIterator[AsyncIterator[set[str]]]:
        """Names those of these collections that are written from now on, by any process. The relay's mark does not
        count.

        It uses a client of its own on this loop: motor would block one of its few threads, also at the end.
        """
        self._listening = client = self._listening or _listening(self._uri, self.database.name)
        async with client.start_session() as session:
            asked = {"aggregate": 1, "pipeline": _written_to(collections), "cursor": {"batchSize": 0}}
            opened = await client[self.database.name].command(asked, session=session)
            client._kill_cursors_executor.close()  # it looks twice a second for cursors that are not used here
            yield _names(client[self.database.name], opened["cursor"]["id"], session)

    async def close(self) -> None:
        if self._listening is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(2):
                    await self._listening.close()
        await _close(self._client)


def _listening(uri: str, name: str) -> AsyncMongoClient[Document]:
    return AsyncMongoClient(
        uri,
        appname=name,
        serverSelectionTimeoutMS=HELD_MS // 2,
        socketTimeoutMS=HELD_MS * 2,
        maxPoolSize=2,
        serverMonitoringMode="poll",
    )


def _written_to(collections: Sequence[str]) -> list[Document]:
    written = {
        "ns.coll": {"$in": list(collections)},
        "operationType": {"$in": ["insert", "update", "replace"]},
        "updateDescription.updatedFields.published": {"$ne": True},
    }
    return [{"$changeStream": {}}, {"$match": written}, {"$project": {"ns.coll": True}}]


async def _names(
    database: AsyncDatabase[Document], cursor: int, session: AsyncClientSession
) -> AsyncIterator[set[str]]:
    """The names of each batch together: the driver's own stream needs a turn of the loop for each change."""
    more = {"getMore": Int64(cursor), "collection": "$cmd.aggregate", "maxTimeMS": HELD_MS}
    while cursor:
        told = (await database.command(more, session=session))["cursor"]
        cursor = told["id"]
        if told["nextBatch"]:
            yield {change["ns"]["coll"] for change in told["nextBatch"]}


def connect(uri: str, database: str, within: float = 10.0) -> Session:
    """Opens nothing yet: the first call does, and every call ends within ``within`` seconds.

    Raises ``WrongAccess`` for an address that the driver cannot read; its own message may repeat the address.
    """
    try:
        client: Client = AsyncIOMotorClient(
            uri,
            appname=database,
            tz_aware=True,
            timeoutMS=int(within * 1000),
            serverSelectionTimeoutMS=int(within * 500),
            maxPoolSize=64,
            retryWrites=True,
            retryReads=True,
        )
    except (ConfigurationError, ValueError, OSError) as error:
        raise WrongAccess(f"mongo_uri cannot be used ({type(error).__name__})") from None
    return Session(
        client,
        client.get_database(
            database,
            codec_options=CodecOptions(tz_aware=True),
            write_concern=WriteConcern("majority", j=True),
            read_concern=ReadConcern("majority"),
        ),
        uri,
    )


def present(collection: Collection) -> Collection:
    """Reads from it see the present state, from a primary that proves with the answer that it still is one.

    A primary that was just elected may answer a majority read with less than its predecessor had acknowledged.
    """
    return collection.with_options(read_concern=ReadConcern("linearizable"))


@asynccontextmanager
async def one_moment(collection: Collection) -> AsyncIterator[Moment]:
    """All reads in it see the state at the first read, majority-committed, however long they take."""
    async with await _answer(collection.database.client.start_session(snapshot=True)) as session:
        yield session


async def as_stored(collection: Collection) -> AsyncIterator[RawBSONDocument]:
    """Every document with its bytes, whatever they contain."""
    raw = CodecOptions(document_class=RawBSONDocument, tz_aware=True)
    async for document in collection.with_options(codec_options=raw).find():
        yield document


async def aggregate(collection: Collection, *stages: Document, moment: Moment | None = None) -> AsyncIterator[Document]:
    async for document in await _answer(collection.aggregate(list(stages), session=moment)):
        yield document


@asynccontextmanager
async def inserts_into(collection: Collection) -> AsyncIterator[AsyncIterator[Document]]:
    """Every document that is inserted from now on, as soon as the driver knows of it."""
    async with await _answer(collection.watch([{"$match": {"operationType": "insert"}}])) as changes:
        yield _inserted(changes)


async def _inserted(changes: Any) -> AsyncIterator[Document]:
    """One request at a time: ``AsyncMongoClient`` expects ``next`` to end within the time of one call."""
    while changes.alive:
        if change := await changes.try_next():
            yield change["fullDocument"]


@asynccontextmanager
async def directly(address: str, within: float = 3.0, login: Mapping[str, str] = NOBODY) -> AsyncIterator[Client]:
    """One server, whatever its replica set says, for questions about itself. ``login`` is in the driver's words."""
    client: Client = AsyncIOMotorClient(
        f"mongodb://{address}/?directConnection=true",
        serverSelectionTimeoutMS=int(within * 1000),
        **dict[str, Any](login),
    )
    try:
        yield client
    finally:
        await _close(client)


async def _answer(given: Any) -> Any:
    return await given if isawaitable(given) else given


async def _close(client: Any) -> None:
    """In a thread: motor waits for the server at the end, and nobody else has to."""
    await (client.close() if iscoroutinefunction(client.close) else asyncio.to_thread(client.close))


def assigned_by_server() -> ServerTime:
    """A placeholder for the server's own cluster time, which grows with every insert and survives a
    change of primary.
    """
    return ServerTime(0, 0)


def server_time(moment: datetime) -> ServerTime:
    """The cluster time with which that second begins; it has seconds from 1970 to 2106."""
    return ServerTime(min(max(int(moment.timestamp()), 0), 2**32 - 1), 0)


async def add_index(
    collection: Collection,
    fields: Sequence[str],
    unique: bool = False,
    only_where: Mapping[str, Any] | None = None,
) -> None:
    """An account without the right to make indexes may still ask for an existing one."""
    if "_".join(f"{field}_{ASCENDING}" for field in fields) in await collection.index_information():
        return
    options: dict[str, Any] = {"unique": unique}
    if only_where is not None:
        options["partialFilterExpression"] = dict(only_where)
    await collection.create_index([(field, ASCENDING) for field in fields], **options)


def duplicates_only(error: BulkWriteError) -> bool:
    """Whether a bulk write failed only for existing keys, because another process was faster."""
    failures = error.details.get("writeErrors", [])
    concern = error.details.get("writeConcernErrors", [])
    return not concern and all(failure["code"] == DUPLICATE_KEY for failure in failures)
