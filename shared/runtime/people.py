"""Personal data, in the two services that need it: members keeps and publishes it, notifications remembers it.

Not event-sourced: one document per person, replaced by compare-and-set on ``version``, so that erasing means erasing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.envelope import Envelope, source_of
from shared.contracts.people import PersonDetails
from shared.contracts.topics import PEOPLE
from shared.kernel.identifiers import derived_id
from shared.runtime.mongo import (
    ASCENDING,
    BulkWriteError,
    Collection,
    Document,
    DuplicateKeyError,
    UpdateOne,
    add_index,
    duplicates_only,
)
from shared.runtime.relay import Pending, Record

TYPE = "kpk.people.PersonDetails.v1"


@dataclass(frozen=True, slots=True)
class Contact:
    """``details`` is None once the person is erased."""

    details: PersonDetails | None


class People:
    """The members service's collection. Every change raises ``version`` by one and waits to be published."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def prepare(self) -> None:
        await add_index(self._collection, ["published"])

    async def record(self, conference: str, person: str, details: PersonDetails | None, at: datetime) -> int:
        """The person's version afterwards; the same details again change nothing. ``None`` erases for good."""
        content = details.model_dump(mode="json") if details else None
        while True:
            found = await self._collection.find_one({"_id": person})
            if found and (found["details"] == content or found["details"] is None):
                return int(found["version"])
            version = found["version"] + 1 if found else 1
            if await self._replace(person, version, {"conference": conference, "details": content, "at": at}):
                return int(version)

    async def known(self, person: str) -> bool:
        return (await self.details([person])).get(person) is not None

    async def details(self, people: Sequence[str]) -> dict[str, Document | None]:
        found = self._collection.find({"_id": {"$in": list(people)}})
        return {document["_id"]: document["details"] async for document in found}

    async def pending(self, limit: int) -> list[Pending]:
        """Changes that Kafka has not acknowledged, each as one record (null for an erased person)."""
        found = self._collection.find({"published": False}).sort("_id", ASCENDING).limit(limit)
        return [Pending((document["_id"], document["version"]), [_record(document)]) async for document in found]

    async def published(self, done: Sequence[Pending]) -> None:
        """Only versions that still stand are marked: a person changed meanwhile is published again."""
        marks = [
            UpdateOne({"_id": person, "version": version}, {"$set": {"published": True}})
            for person, version in (pending.token for pending in done)
        ]
        if marks:
            await self._collection.bulk_write(marks, ordered=False)

    async def _replace(self, person: str, version: int, content: Document) -> bool:
        changed = {**content, "version": version, "published": False}
        try:
            done = await self._collection.update_one(
                {"_id": person, "version": version - 1}, {"$set": changed}, upsert=version == 1
            )
        except DuplicateKeyError:
            return False
        return bool(done.matched_count or done.upserted_id)


class Contacts:
    """The notifications service's copy. The newest version wins; holes are normal on a compacted topic."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def apply(self, changes: Sequence[tuple[str, int, PersonDetails | None]]) -> None:
        newest: dict[str, tuple[int, PersonDetails | None]] = {}
        for person, version, details in changes:
            if version > newest.get(person, (0, None))[0]:
                newest[person] = (version, details)
        try:
            await self._write(newest, upsert=True)
        except BulkWriteError as error:
            if not duplicates_only(error):
                raise
            await self._write(newest, upsert=False)

    async def get(self, person: str) -> Contact | None:
        """None: nothing has arrived about this person yet."""
        found = await self._collection.find_one({"_id": person})
        if found is None:
            return None
        return Contact(found["details"] and PersonDetails.model_validate(found["details"]))

    async def _write(self, newest: Mapping[str, tuple[int, PersonDetails | None]], upsert: bool) -> None:
        writes = [
            UpdateOne(
                {"_id": person, "version": {"$lt": version}},
                {"$set": {"version": version, "details": details and details.model_dump(mode="json")}},
                upsert=upsert,
            )
            for person, (version, details) in newest.items()
        ]
        if writes:
            await self._collection.bulk_write(writes, ordered=False)


def _record(document: Document) -> Record:
    """Headers as an event's, with the version as sequence; the value is the details' JSON or null."""
    version_id = derived_id("person", document["_id"], str(document["version"]))
    envelope = Envelope(
        id=version_id,
        type=TYPE,
        source=source_of(PEOPLE.owner),
        stream=document["_id"],
        time=document["at"],
        sequence=document["version"],
        conference=document["conference"],
        correlation=version_id,
        causation=version_id,
    )
    details = document["details"]
    value = PersonDetails.model_validate(details).model_dump_json().encode() if details else None
    return Record(PEOPLE.name, document["_id"].encode(), value, envelope.headers())
