"""The search behind `kpk privacy proof`: databases, topics, oplog and, on the embedded stack, logs, files and mails."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default as email_policy
from pathlib import Path
from typing import Any

from deploy.kpk.privacy.traces import Needles, Place, Verdict, left
from shared.contracts.topics import EVENT_TOPICS, GONE_WITHIN, PEOPLE, PUBLIC_TOPICS, SERVICES, STATE_TOPICS
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.mongo.driver import Database, as_stored, connect
from shared.runtime.mongo.oplog import REACHES_DAYS

MONGO_SECONDS = 60.0
OWNER, COPY = f"{PEOPLE.owner}: people", "notifications: contacts"
"""The two collections that may have details, until the person is erased."""

PERSONAL = ("details", "body_key", "caused_by")
"""What the owner keeps of a person besides an id. With the key somebody could find out the details by trying."""

COPIED = ("details", "refused", "earlier")
"""What the copy has of a person: also the last refused address, and the one before a correction."""

ERASED = "kpk.members.PersonErased.v1"


@dataclass
class Proof:
    """``words`` is the number of texts that were searched for besides the id."""

    person: str
    erased: bool
    words: int
    places: Sequence[Place]

    @property
    def left(self) -> list[Place]:
        return left(self.places)


@dataclass
class Search:
    """``known`` is what the collections of people have of the person; ``records`` are theirs in the topic, in order."""

    needles: Needles
    now: datetime
    erased: bool = False
    known: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    records: list[KafkaRecord] = field(default_factory=list)

    @property
    def nulled(self) -> tuple[int, datetime] | None:
        """Place and time of the person's last null."""
        nulls = [one for one in self.records if one.value is None]
        return (nulls[-1].offset, _at(nulls[-1])) if nulls else None

    @property
    def gone_by(self) -> datetime | None:
        """When the earlier states are gone from the broker, and from all readers."""
        return self.nulled[1] + timedelta(milliseconds=GONE_WITHIN) if self.nulled else None

    def of_copy_in(self, where: str) -> tuple[Verdict, str, datetime | None]:
        """For details in their proper place while the person is not erased."""
        if not self.erased:
            return "kept", where, None
        going = self.gone_by is not None and self.now <= self.gone_by
        return "going" if going else "LEFT", where, self.gone_by


async def prove(
    needles: Needles,
    mongo_uri: str,
    kafka: KafkaAccess,
    data: str | None,
    prefix: str = "kpk_",
    now: datetime | None = None,
) -> Proof:
    """``data`` is the embedded stack's folder, whose logs, files and mails can be searched too.

    Raises ``KafkaUnreadable`` or ``MongoUnavailable``: an unsearched place proves nothing.
    """
    search = Search(needles, now or datetime.now(UTC))
    databases = {service: f"{prefix}{service}" for service in SERVICES}
    await _learn(search, mongo_uri, kafka, databases)
    places = [*_owned(search), _topic_of_people(search)]
    for service, name in databases.items():
        async with _database(mongo_uri, name) as database:
            places += await _collections(search, service, database)
    places += await _topics(search, kafka)
    places.append(await _oplog(search, mongo_uri))
    if data is not None:
        places += _folder(search, Path(data))
    unseen = ["docs/privacy.md says how long they may be kept"]
    places.append(Place("backups", verdict="not searched", where=unseen))
    return Proof(needles.person, search.erased, len(needles.words), places)


async def _learn(search: Search, mongo_uri: str, kafka: KafkaAccess, databases: Mapping[str, str]) -> None:
    """Everything known of the person anywhere is searched for everywhere, except what also fits somebody else."""
    needles = search.needles
    async for batch in read_to_end(kafka, [PEOPLE.name]):
        search.records += [record for record in batch if record.key == needles.person.encode()]
    for record in search.records:
        needles.learn(_details(record))
    async with _database(mongo_uri, databases["notifications"]) as database:
        search.known[COPY] = await database["contacts"].find_one({"_id": needles.person}) or {}
    async with _database(mongo_uri, databases["members"]) as database:
        search.known[OWNER] = await database["people"].find_one({"_id": needles.person}) or {}
        decided = {"stream": {"$regex": f"/person/{re.escape(needles.person)}$"}, "events.type": ERASED}
        search.erased = await database["journal"].find_one(decided) is not None
        for known in search.known.values():
            needles.learn(known.get("details"))
        await _unlearn(needles, database)
    search.erased = search.erased or search.known[OWNER].get("details", "") is None


async def _unlearn(needles: Needles, members: Database) -> None:
    async for other in members["people"].find({"_id": {"$ne": needles.person}, "details": {"$ne": None}}):
        needles.learned -= set(other["details"].values())


def _owned(search: Search) -> list[Place]:
    owner, copy = Place(OWNER, 1), Place(COPY, 1)
    for place, known in ((owner, search.known[OWNER]), (copy, search.known[COPY])):
        if known:
            place.holds("id only")
    copied = [name for name in COPIED if search.known[COPY].get(name) is not None]
    if copied:
        copy.holds(*search.of_copy_in(", ".join(copied)))
    told = [name for name in PERSONAL if search.known[OWNER].get(name) is not None]
    if told:
        owner.holds("LEFT" if search.erased else "kept", ", ".join(told))
    return [owner, copy]


def _topic_of_people(search: Search) -> Place:
    place = Place(f"topic {PEOPLE.name}")
    last_null = search.nulled[0] if search.nulled else -1
    for record in search.records:
        where = _where(record)
        place.looks_at(_headers(record), search.needles, where)
        if record.value is None:
            place.holds("id only", where)
        elif search.erased and record.offset > last_null:
            place.holds("LEFT", where)
        else:
            place.holds(*search.of_copy_in(where))
    return place


async def _topics(search: Search, kafka: KafkaAccess) -> list[Place]:
    searched = (*EVENT_TOPICS, *PUBLIC_TOPICS, *STATE_TOPICS)
    places = {topic.name: Place(f"topic {topic.name}") for topic in searched}
    async for batch in read_to_end(kafka, list(places)):
        for record in batch:
            content = b"\n".join([record.key or b"", record.value or b"", _headers(record)])
            places[record.topic].looks_at(content, search.needles, _where(record))
    return list(places.values())


async def _collections(search: Search, service: str, database: Database) -> list[Place]:
    """All collections, whatever they are for; those of people one by one."""
    names = [f"{service}: {name}" for name in sorted(await database.list_collection_names())]
    places = [Place(name) for name in names if name not in (OWNER, COPY)]
    for place in places:
        async for document in as_stored(database[place.name.partition(": ")[2]]):
            place.looks_at(bytes(document.raw), search.needles, str(document["_id"]))
    return places


async def _oplog(search: Search, mongo_uri: str) -> Place:
    """Writes from before the erasure stay in it until it removes them."""
    place = Place("mongod: oplog")
    async with _database(mongo_uri, "local") as local:
        async for entry in as_stored(local["oplog.rs"]):
            place.searched += 1
            content = bytes(entry.raw)
            found = search.needles.find(content)
            if found == "details" or (found == "id" and b"salutation" in content):
                gone_by = entry["wall"] + timedelta(days=REACHES_DAYS)
                verdict: Verdict = "kept" if not search.erased else "going" if search.now <= gone_by else "LEFT"
                place.holds(verdict, "", gone_by if search.erased else None)
            elif found == "id":
                place.holds("id only")
    return place


def _folder(search: Search, data: Path) -> list[Place]:
    """The embedded stack's folder. MongoDB's own files are compressed; their content was read through the server."""
    mails, kafka = Place("mail sink"), Place("kafka: files")
    for file, content in _read(lambda: (data / "mail").glob("*.eml")):
        mails.searched += 1
        if search.needles.find(_text_of(content).encode()):
            mails.holds("delivered", file.name)
    for file, content in _read(lambda: (data / "kafka" / "data").rglob("*.log*")):
        kafka.searched += 1
        if search.needles.find(content) == "details":
            where = f"{file.parent.name}/{file.name}"
            kafka.holds(*(search.of_copy_in(where) if file.parent.name.startswith(PEOPLE.name) else ("LEFT", where)))
    return [mails, kafka, *_logs(search, data)]


def _logs(search: Search, data: Path) -> Iterator[Place]:
    def there() -> Iterator[Path]:
        return (one for one in data.rglob("*.log*") if not {"data", "mail"} & {*one.relative_to(data).parts[:-1]})

    for file, content in _read(there):
        place = Place(f"log {file.relative_to(data)}")
        for number, line in enumerate(content.splitlines(), start=1):
            place.looks_at(line, search.needles, f"line {number}")
        yield place


def _read(there: Callable[[], Iterable[Path]]) -> Iterator[tuple[Path, bytes]]:
    """Servers run meanwhile. A file that is gone since it was listed may have another name now: so they are listed
    again, until nothing new is there.
    """
    seen: set[Path] = set()
    while new := sorted(set(there()) - seen):
        for file in new:
            try:
                yield file, file.read_bytes()
            except FileNotFoundError:
                continue
        seen.update(new)


def _text_of(mail: bytes) -> str:
    """Headers and texts, decoded."""
    message = message_from_bytes(mail, policy=email_policy)
    texts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*map(str, message.values()), *map(str, texts)])


def _details(record: KafkaRecord) -> Mapping[str, Any] | None:
    try:
        told = json.loads(record.value or b"null")
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _headers(record: KafkaRecord) -> bytes:
    return b"\n".join(name.encode() + b"=" + (value or b"") for name, value in record.headers)


def _where(record: KafkaRecord) -> str:
    return f"{record.partition}:{record.offset}"


def _at(record: KafkaRecord) -> datetime:
    return datetime.fromtimestamp(record.timestamp / 1000, UTC)


@asynccontextmanager
async def _database(mongo_uri: str, name: str) -> AsyncIterator[Database]:
    session = connect(mongo_uri, name, MONGO_SECONDS)
    try:
        yield session.database
    finally:
        await session.close()
