"""Personal data, in the one service that owns it: how to write to each person, and which commands said so.

Executing ``RecordPerson`` is decided like every command, and kept where it can be erased instead of in the journal.
"""

from __future__ import annotations

import asyncio
import hmac
import random
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from services.members.domain.person import ErasePerson, PersonIsErased, PersonOfAnotherConference, RecordPerson
from shared.contracts.envelope import Envelope
from shared.contracts.people import PERSON_DETAILS, PersonContact, PersonDetails
from shared.kernel.decider import Command
from shared.kernel.rejections import Busy, Rejected
from shared.kernel.replacing import ChangedMeanwhile
from shared.kernel.values import Value
from shared.runtime.commands.execute import TRIES, Answer, CommandIdReused, Executor, Request
from shared.runtime.mongo.driver import Collection, Document, DuplicateKeyError, add_index
from shared.runtime.publishing.state_topics import StateTopic

MOST_COMMANDS = 10_000
"""The most for one person: some 3 MB of a document that may have 16. Only a broken program comes near it."""

ERASED: Document = {"details": None, "body_key": None, "caused_by": None}
NOBODY: Document = {"conference": None, "version": 0, "details": {}, "body_key": None, "given": 0}


OTHER_DETAILS = "andere Angaben"
"""What a rejection may say of a person's details: that they differ, not what they are."""


class PersonGone(Exception):
    """The person is erased: nothing is recorded about them any more."""


class RecordedTooOften(Rejected):
    """Zu dieser Person wurden schon {most} Aufträge ausgeführt; weitere werden nicht angenommen."""


class People(StateTopic):
    """A command is executed at most once, for ever: one update writes its mark and what it changes.

    No mark is dropped to make room: after ``MOST_COMMANDS`` of them a person's details can only be erased. Only an
    HMAC of a command's content is kept. Each person has a random key for it, which is erased with the details. So
    nobody can find out afterwards, by trying, which address it was.
    """

    private = ("commands",)

    def __init__(self, collection: Collection) -> None:
        super().__init__(collection, PERSON_DETAILS)

    async def prepare(self) -> None:
        await super().prepare()
        await add_index(self._collection, ["announced"])
        await add_index(self._collection, ["corrected"], only_where={"corrected": {"$exists": True}})
        await add_index(self._collection, ["commands.id"], unique=True, only_where={"commands.id": {"$exists": True}})

    async def record(
        self,
        conference: str,
        person: str,
        details: PersonDetails,
        at: datetime,
        request: Request,
        seen: int | None = None,
    ) -> bool:
        """Whether the command had been executed before; then it changes nothing.

        ``seen`` is the version that the details replace; None: any. Raises ``ChangedMeanwhile``,
        ``CommandIdReused``, ``RecordedTooOften``, ``PersonGone``, or ``Busy`` when the race was lost too often.
        """
        for attempt in range(TRIES):
            known = await self._read(person)
            if known["conference"] not in (None, conference):
                raise PersonOfAnotherConference
            if known["details"] is None:
                raise PersonGone
            if await self._executed(person, request):
                return True
            if known["given"] >= MOST_COMMANDS:
                raise RecordedTooOften(most=MOST_COMMANDS)
            changes = _changes(known, conference, details, at, request)
            if changes and seen not in (None, known["version"]):
                raise ChangedMeanwhile(now=OTHER_DETAILS)
            if await self._execute(person, known, changes, request):
                return False
            await asyncio.sleep(random.uniform(0.001, 0.005) * 2**attempt)  # noqa: S311 - chance spreads retries
        raise Busy

    async def erase(self, conference: str, person: str, at: datetime) -> None:
        """For good, also if nothing was recorded yet. Only the commands' marks stay. May be repeated."""
        nothing = {**ERASED, "conference": conference, "at": at, "published": False}
        known = {"_id": person, "conference": conference, "details": {"$ne": None}}
        erasure = {"$set": nothing, "$inc": {"version": 1}}
        try:
            await self._collection.update_one(known, erasure, upsert=True)
        except DuplicateKeyError:  # erased before, or recorded by another process since this update looked
            await self._collection.update_one(known, erasure)

    async def erase_again(self, person: str) -> None:
        """Repeat every step for an erased person: the key goes too, and readers take the null that follows for new."""
        again = {"$set": {**ERASED, "published": False}, "$inc": {"version": 1}}
        await self._collection.update_one({"_id": person, "details": None}, again)

    async def unannounced(self) -> list[tuple[str, str]]:
        """Conference and id of the people who were never announced to the other services."""
        found = self._collection.find({"announced": None, "details": {"$ne": None}}, {"conference": True})
        return [(one["conference"], one["_id"]) async for one in found]

    async def mark_announced(self, person: str) -> None:
        await self._collection.update_one({"_id": person}, {"$set": {"announced": True}})

    async def corrected(self) -> list[tuple[str, str, int]]:
        """Conference, id and version of the people whose corrected details are published and not yet announced."""
        where = {"corrected": {"$exists": True}, "published": True, "details": {"$ne": None}}
        found = self._collection.find(where, {"conference": True, "corrected": True})
        return [(one["conference"], one["_id"], one["corrected"]) async for one in found]

    async def mark_told(self, person: str, version: int) -> None:
        """A later correction is announced on its own."""
        await self._collection.update_one({"_id": person, "corrected": version}, {"$unset": {"corrected": ""}})

    async def known(self, conference: str, person: str) -> bool:
        return (await self.details(conference, [person])).get(person) is not None

    async def belongs_elsewhere(self, conference: str, person: str) -> bool:
        found = await self._collection.find_one({"_id": person}, {"conference": True})
        return found is not None and found["conference"] != conference

    async def not_to_be_erased(self, people: Sequence[tuple[str, str]]) -> set[str]:
        """Which of the people, each given with a conference, are erased already or belong to another conference."""
        by = dict(people)
        found = self._collection.find({"_id": {"$in": list(by)}}, {"conference": True, "details": True})
        return {one["_id"] async for one in found if one["details"] is None or one["conference"] != by[one["_id"]]}

    async def details(self, conference: str, people: Sequence[str]) -> dict[str, Document | None]:
        """The details of those people who belong to the conference."""
        found = self._collection.find({"_id": {"$in": list(people)}, "conference": conference}, {"details": True})
        return {document["_id"]: document["details"] async for document in found}

    async def recorded(self, conference: str, person: str) -> Document | None:
        """The details and their version; None for a person who is unknown there, or erased."""
        where = {"_id": person, "conference": conference, "details": {"$ne": None}}
        found = await self._collection.find_one(where, {"_id": False, "details": True, "version": True})
        return found and {**found, "details": _told(found["details"])}

    async def of_conference(self, conference: str) -> dict[str, Document]:
        """The details of everybody who is recorded there; erased people have none."""
        found = self._collection.find({"conference": conference, "details": {"$ne": None}}, {"details": True})
        return {document["_id"]: _told(document["details"]) async for document in found}

    def as_published(self, said: Envelope, details: Value | None) -> Document:
        """With the mark of the last command, but without the HMAC of its content: no reader can compare that."""
        change = super().as_published(said, details)
        if details:
            return {**change, "$push": {"commands": {"id": said.causation, "body": None}}}
        return {"$set": {**change["$set"], **ERASED}}

    async def _read(self, person: str) -> Document:
        """``given`` is the number of executed commands; the commands themselves are not read."""
        given = {"$size": {"$ifNull": ["$commands", []]}}
        found = await self._collection.find_one(
            {"_id": person}, {"conference": True, "version": True, "details": True, "body_key": True, "given": given}
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
        """False when another process was faster: with the person, or with this command.

        The unique index keeps a command's id out of a second document, but not out of the same document twice. ``$ne``
        prevents that for a command that changes nothing and so leaves the version as it is.
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
    """The same details again are not published again."""
    told, before = details.model_dump(mode="json"), known["details"]
    if told == _told(before):
        return {}
    version = known["version"] + 1
    since = before.get("email_since") if told["email"] == before.get("email", "") else version
    content = PersonContact(**told, email_since=since)
    by = {"conference": conference, "at": at, "caused_by": request.mark}
    corrected = {"corrected": version} if known["details"] else {}
    return {**by, "details": content.model_dump(mode="json"), "version": version, "published": False, **corrected}


def _told(details: Document) -> Document:
    """A person's details, without what only the readers of the topic need."""
    return {name: value for name, value in details.items() if name != "email_since"}


def _keyed(key: str | None, request: Request) -> str | None:
    return key and hmac.digest(key.encode(), request.body.encode(), "sha256").hex()


class Recording:
    """Executes ``RecordPerson``, and ``ErasePerson`` as often as it comes; hands every other command on.

    A recording adds no event to the person's stream: the answer names the last number, and no event. Recordings have
    a name space of keys of their own, so that no command is looked up in two places (decision 0014).
    """

    def __init__(self, executor: Executor, people: People) -> None:
        self._executor = executor
        self._people = people

    async def execute(self, command: Command, request: Request) -> Answer:
        """A repeated command gets its first answer and changes nothing; until the erasure."""
        match command:
            case RecordPerson():
                return await self._record(command, request)
            case ErasePerson():
                return await self._erase(command, request)
            case _:
                return await self._executor.execute(command, request)

    async def _erase(self, command: ErasePerson, request: Request) -> Answer:
        """Repeat every step, whether or not it was decided before. The first time may have stopped half-way, a backup
        may have brought the details back, the topic may have lost the null.
        """
        answer = await self._executor.execute(command, request)
        await self._people.erase(command.conference, command.person, command.at)
        await self._people.erase_again(command.person)
        return answer

    async def _record(self, command: RecordPerson, request: Request) -> Answer:
        answer = await self._executor.execute(command, replace(request, id=f"recording:{request.id}"))
        try:
            repeated = await self._people.record(
                command.conference,
                command.person,
                command.details,
                command.at,
                request,
                command.replaces.version if command.replaces else None,
            )
        except PersonGone:
            raise PersonIsErased from None
        return replace(answer, replayed=repeated)
