"""Keeps records that could not be handled, with their raw bytes, until somebody retries or drops them.

A record with readable headers is parked under its stream and sequence, and later events of that stream queue behind it
in order. A record without them (quarantine) blocks nothing, because its stream is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.contracts.registry import STATES
from shared.runtime.delivery.stores import in_streams
from shared.runtime.kafka.record import UNKNOWN_TIME, KafkaRecord, KeptRecord
from shared.runtime.mongo.driver import ASCENDING, Collection, Database, Document, UpdateOne, add_index, aggregate

PARKED, DROPPED = "parked", "parked_dropped"
"""What the collections are called."""

LARGEST_KEPT = 1024 * 1024

POISON, FORK, GAP, BEHIND, REACTION, QUARANTINE = "poison", "fork", "gap", "behind", "reaction", "quarantine"
STUCK = frozenset({POISON, FORK, REACTION})
"""Reasons that need a person. ``gap`` and ``behind`` continue by themselves when the event before is applied."""


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """``stream`` and ``sequence`` are None in quarantine. ``problem`` names the fault, never a value."""

    reason: str
    problem: str
    record: KafkaRecord
    stream: str | None = None
    sequence: int | None = None
    event: str | None = None

    @property
    def id(self) -> str:
        if self.stream is None:
            return f"{self.record.topic}:{self.record.partition}:{self.record.offset}"
        return row_id_of(self.stream, self.sequence, self.event)


def row_id_of(stream: str, sequence: int | None, event: str | None) -> str:
    return f"{stream}:{sequence}:{event}"


class Parked:
    """One service's parked records, and the trace of those that were dropped."""

    def __init__(self, database: Database) -> None:
        self._rows = database[PARKED]
        self._dropped: Collection = database[DROPPED]

    async def prepare(self) -> None:
        for fields in (("stream", "sequence"), ("reason", "parked_at"), ("topic", "key"), ("parked_at",)):
            await add_index(self._rows, fields)

    async def keep(self, rows: Sequence[ParkedRow]) -> None:
        """Keeps each record once, however often it is parked, with the newest reason."""
        if rows:
            writes = [UpdateOne({"_id": row.id}, _upsert(row), upsert=True) for row in rows]
            await self._rows.bulk_write(writes, ordered=False)

    async def of_streams(self, streams: Sequence[str]) -> dict[str, list[ParkedRow]]:
        return await self._by_stream({"$in": list(streams)})

    async def held_by(self, streams: Sequence[str]) -> dict[str, list[ParkedRow]]:
        """Also for all streams of a kind, as ``stuttgart/seat-group/``."""
        return await self._by_stream(in_streams(streams))

    async def _by_stream(self, which: Mapping[str, object]) -> dict[str, list[ParkedRow]]:
        found = self._rows.find({"stream": which}).sort("sequence", ASCENDING)
        rows: dict[str, list[ParkedRow]] = {}
        async for document in found:
            rows.setdefault(document["stream"], []).append(_row(document))
        return rows

    async def streams(self) -> list[str]:
        """The streams with parked records."""
        found: list[str] = await self._rows.distinct("stream", {"stream": {"$ne": None}})
        return found

    async def get(self, row_id: str) -> ParkedRow | None:
        found = await self._rows.find_one({"_id": row_id})
        return _row(found) if found else None

    async def remove(self, row_ids: Sequence[str]) -> None:
        if row_ids:
            await self._rows.delete_many({"_id": {"$in": list(row_ids)}})

    async def drop(self, row: ParkedRow, by: str, why: str) -> None:
        """Leaves a trace: which record was dropped, by whom and why."""
        trace = {**_cause(row), **_whereabouts(row), "by": by, "why": why, "dropped_at": datetime.now(UTC)}
        await self._dropped.update_one({"_id": row.id}, {"$set": trace}, upsert=True)
        await self._rows.delete_one({"_id": row.id})

    async def dropped_events(self) -> frozenset[str]:
        """Ids of dropped events. A fork is none: its sequence belongs to another event."""
        given_up = self._dropped.find({"stream": {"$ne": None}, "reason": {"$ne": FORK}}, {"event": True})
        return frozenset([found["event"] async for found in given_up])

    async def forged(self) -> frozenset[str]:
        """Ids of the records that the journal did not know, dropped ones included."""
        where = {"reason": FORK, "stream": None}
        return frozenset(
            [row["_id"] for rows in (self._rows, self._dropped) async for row in rows.find(where, {"_id": True})]
        )

    async def holds_state(self, topic: str, key: str) -> bool:
        """Whether a state of this key is parked."""
        return await self._rows.find_one({"topic": topic, "key": key.encode()}, {"_id": True}) is not None

    async def forget_state(self, topic: str, key: str) -> None:
        """An erased person's states are removed from the parked records, too."""
        await self._rows.delete_many({"topic": topic, "key": key.encode()})

    async def overview(self, limit: int = 1000) -> list[Document]:
        found = self._rows.find({}, {"value": False, "headers": False, "key": False})
        return [document async for document in found.sort("parked_at", ASCENDING).limit(limit)]

    async def by_reason(self) -> dict[str, tuple[int, datetime]]:
        """The number of records for each reason, and the time of the oldest."""
        group = {"_id": "$reason", "number": {"$sum": 1}, "since": {"$min": "$parked_at"}}
        rows = aggregate(
            self._rows, {"$match": {"reason": {"$gt": ""}}}, {"$group": group}
        )  # else it reads all records
        return {row["_id"]: (row["number"], row["since"]) async for row in rows}

    async def count(self) -> int:
        return await self._rows.count_documents({})


def _cause(row: ParkedRow) -> Document:
    return {"reason": row.reason, "problem": row.problem}


def _upsert(row: ParkedRow) -> Document:
    record = row.record
    return {
        "$set": _cause(row),
        "$setOnInsert": {
            **_whereabouts(row),
            "timestamp": record.timestamp,
            "key": record.key,
            "value": None if record.topic in STATES else (record.value and record.value[:LARGEST_KEPT]),
            "headers": [[name, value] for name, value in record.headers],
            "parked_at": datetime.now(UTC),
        },
    }


def _whereabouts(row: ParkedRow) -> Document:
    """Its places in the topic and in its stream: the only parts that stay of a dropped record."""
    record = row.record
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "stream": row.stream,
        "sequence": row.sequence,
        "event": row.event,
    }


def _row(document: Document) -> ParkedRow:
    record = KeptRecord(
        topic=document["topic"],
        partition=document["partition"],
        offset=document["offset"],
        key=document["key"],
        value=document["value"],
        headers=[(name, value) for name, value in document["headers"]],
        timestamp=document.get("timestamp", UNKNOWN_TIME),
    )
    return ParkedRow(
        document["reason"],
        document["problem"],
        record,
        document["stream"],
        document["sequence"],
        document["event"],
    )
