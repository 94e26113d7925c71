"""Personal data, in the two services that need it: members keeps and publishes it, notifications remembers it.

Not event-sourced: one document per person, replaced by compare-and-set on ``version``, so that erasing means erasing.
"""

from __future__ import annotations

import asyncio
import hmac
import random
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.contracts.envelope import Envelope, source_of
from shared.contracts.people import PersonDetails
from shared.contracts.topics import PEOPLE
from shared.kernel.identifiers import derived_id
from shared.kernel.rejections import Rejected
from shared.runtime.execute import TRIES, Busy, CommandIdReused, Request
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

MOST_COMMANDS = 10_000
"""Of one person: some 3 MB of a document that may have 16. Who changes an address more often is a program gone wild."""

ERASED: Document = {"details": None, "body_key": None, "caused_by": None}
NOBODY: Document = {"version": 0, "details": {}, "body_key": None, "given": 0}


class PersonGone(Exception):
    """The person is erased: nothing is recorded about them any more."""


class RecordedTooOften(Rejected):
    """Zu dieser Person wurden schon {most} Aufträge ausgeführt; weitere werden nicht angenommen."""


class HearsOfPeople(Protocol):
    async def apply(self, changes: Sequence[tuple[str, int, PersonDetails | None]]) -> None:
        """Person, version and details (None: erased) as they arrived, in order. May be repeated."""
        ...


@dataclass(frozen=True, slots=True)
class Contact:
    """``details`` is None once the person is erased."""

    details: PersonDetails | None


class People:
    """The members service's collection. Every change raises ``version`` by one and waits to be published.

    A command is executed at most once, for ever: its mark is written in the same update as what it changes, and none is
    dropped to make room. After ``MOST_COMMANDS`` of them a person's details stay as they are until they are erased.
    Of what a command said only an HMAC is kept. Its key is the person's own, drawn at random and erased with the
    details, so that nobody can try out afterwards which address fits.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def prepare(self) -> None:
        await add_index(self._collection, ["published"])
        await add_index(self._collection, ["commands.id"], unique=True, only_where={"commands.id": {"$exists": True}})

    async def record(
        self, conference: str, person: str, details: PersonDetails, at: datetime, request: Request
    ) -> bool:
        """Whether the command had been executed before; then it changes nothing.

        Raises ``CommandIdReused``, ``RecordedTooOften``, ``PersonGone``, or ``Busy`` when the race was lost too often.
        """
        for attempt in range(TRIES):
            known = await self._read(person)
            if known["details"] is None:
                raise PersonGone
            if await self._executed(person, request):
                return True
            if known["given"] >= MOST_COMMANDS:
                raise RecordedTooOften(most=MOST_COMMANDS)
            if await self._execute(person, known, _changes(known, conference, details, at, request), request):
                return False
            await asyncio.sleep(random.uniform(0.001, 0.005) * 2**attempt)
        raise Busy

    async def erase(self, conference: str, person: str, at: datetime) -> None:
        """For good, also somebody of whom nothing was known yet. Only the commands' marks stay. May be repeated."""
        nothing = {**ERASED, "conference": conference, "at": at, "published": False}
        with suppress(DuplicateKeyError):  # erased before: the document is there, and nothing in it is left to erase
            await self._collection.update_one(
                {"_id": person, "details": {"$ne": None}}, {"$set": nothing, "$inc": {"version": 1}}, upsert=True
            )

    async def known(self, person: str) -> bool:
        return (await self.details([person])).get(person) is not None

    async def details(self, people: Sequence[str]) -> dict[str, Document | None]:
        found = self._collection.find({"_id": {"$in": list(people)}}, {"details": True})
        return {document["_id"]: document["details"] async for document in found}

    async def has_executed(self, request: Request) -> bool:
        return await self._collection.find_one({"commands.id": request.mark}, {"_id": True}) is not None

    async def pending(self, at_once: int) -> AsyncGenerator[list[Pending], None]:
        """Changes that Kafka has not acknowledged, each as one record (null for an erased person)."""
        found = self._collection.find({"published": False}, {"commands": False}, batch_size=at_once)
        found = found.sort("_id", ASCENDING)
        while documents := await found.to_list(at_once):
            yield [Pending(_token(document), [_record(document)]) for document in documents]

    async def published(self, done: Sequence[Pending]) -> None:
        """Only what still stands is marked: who was changed meanwhile, or is to be said again, is published again."""
        marks = [UpdateOne(pending.token, {"$set": {"published": True}}) for pending in done]
        if marks:
            await self._collection.bulk_write(marks, ordered=False)

    async def apply(self, changes: Sequence[tuple[str, int, PersonDetails | None]]) -> None:
        """Publishes over what the topic says and is older than what is kept: a dying relay may have said it last."""
        older = [
            UpdateOne(
                {"_id": person, "version": {"$gt": version}}, {"$set": {"published": False}, "$inc": {"said_again": 1}}
            )
            for person, version, _ in changes
        ]
        if older:
            await self._collection.bulk_write(older, ordered=False)

    async def publish_again(self) -> int:
        """Everybody's present state, erased people's too, waits for the relay once more."""
        done = await self._collection.update_many({"published": True}, {"$set": {"published": False}})
        return done.modified_count

    async def bring_forward(self, said: Envelope, details: PersonDetails | None) -> bool:
        """To what was published, if that is newer: after an older state of the collection was restored.

        With it comes the mark of the command that led there, though not what it said: none can compare that.
        """
        newer = {"version": said.sequence, "conference": said.conference, "at": said.time, "published": True}
        if details:
            told = {"details": details.model_dump(mode="json"), "caused_by": said.causation}
            change = {"$set": {**newer, **told}, "$push": {"commands": {"id": said.causation, "body": None}}}
        else:
            change = {"$set": {**newer, **ERASED}}
        try:
            done = await self._collection.update_one(
                {"_id": said.stream, "version": {"$lt": said.sequence}},
                change,
                upsert=True,
            )
        except DuplicateKeyError:
            return False
        return bool(done.matched_count or done.upserted_id)

    async def _read(self, person: str) -> Document:
        """``given`` is how many commands were executed; the commands themselves stay where they are."""
        given = {"$size": {"$ifNull": ["$commands", []]}}
        found = await self._collection.find_one(
            {"_id": person}, {"version": True, "details": True, "body_key": True, "given": given}
        )
        return {**NOBODY, **(found or {})}

    async def _executed(self, person: str, request: Request) -> bool:
        """Raises ``CommandIdReused`` if it was for another person or had another body."""
        kept = {"body_key": True, "commands": {"$elemMatch": {"id": request.mark}}}
        found = await self._collection.find_one({"commands.id": request.mark}, kept)
        if found is None:
            return False
        body = found["commands"][0]["body"]
        if found["_id"] != person or body not in (None, _keyed(found.get("body_key"), request)):
            raise CommandIdReused
        return True

    async def _execute(self, person: str, known: Document, changes: Document, request: Request) -> bool:
        """False when somebody else was faster: with the person, or with this command.

        The unique index keeps a command's id from two documents, not from one document twice: that is what ``$ne`` is
        for, where the command changes nothing and leaves the version as it is.
        """
        key = known["body_key"] or secrets.token_hex(16)
        as_read = {"_id": person, "version": known["version"], "body_key": known["body_key"]}
        try:
            done = await self._collection.update_one(
                {**as_read, "commands.id": {"$ne": request.mark}},
                {
                    "$set": {**changes, "body_key": key},
                    "$push": {"commands": {"id": request.mark, "body": _keyed(key, request)}},
                },
                upsert=not known["version"],
            )
        except DuplicateKeyError:
            return False
        return bool(done.matched_count or done.upserted_id)


def _changes(known: Document, conference: str, details: PersonDetails, at: datetime, request: Request) -> Document:
    """The same details again are nothing to publish."""
    content = details.model_dump(mode="json")
    if content == known["details"]:
        return {}
    by = {"conference": conference, "at": at, "caused_by": request.mark}
    return {**by, "details": content, "version": known["version"] + 1, "published": False}


def _keyed(key: str | None, request: Request) -> str | None:
    return key and hmac.digest(key.encode(), request.body.encode(), "sha256").hex()


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


def _token(document: Document) -> Document:
    """What is published, and how often it was asked for; a null matches a field that is not there."""
    return {"_id": document["_id"], "version": document["version"], "said_again": document.get("said_again")}


def _record(document: Document) -> Record:
    """Headers as an event's, with the version as sequence; the value is the details' JSON or null."""
    version_id, details = derived_id("person", document["_id"], str(document["version"])), document["details"]
    cause = document["caused_by"] or version_id
    envelope = Envelope(
        id=version_id,
        type=TYPE,
        source=source_of(PEOPLE.owner),
        stream=document["_id"],
        time=document["at"],
        sequence=document["version"],
        conference=document["conference"],
        correlation=cause,
        causation=cause,
    )
    value = PersonDetails.model_validate(details).model_dump_json().encode() if details else None
    return Record(PEOPLE.name, document["_id"].encode(), value, envelope.headers())
