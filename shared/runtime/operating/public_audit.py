"""What is held against each other in public: what follows from a service's journal, and its public topic.

Both are compared by key and id. Records that repeat an id are lawful; the last one under its key counts, so that
publishing again mends what was said otherwise before. Only digests are remembered.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterable, Iterable
from typing import NamedTuple

from shared.contracts.envelope import Malformed, read_headers
from shared.contracts.topics import public_of
from shared.declarations.service import Service
from shared.kernel.identifiers import kind_of
from shared.runtime.commands.commit import Commit, Place
from shared.runtime.commands.journal import JOURNAL, Journal
from shared.runtime.history.drift import BEGINNINGS
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.reader import read_to_end, readable
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.mongo.driver import Database
from shared.runtime.operating.audit import DIGEST, Findings
from shared.runtime.publishing.public import Told, said
from shared.runtime.publishing.relay import Outgoing

PUBLIC_LACKS = "a public event is missing in the topic"
PUBLIC_DIFFERS = "a public event says something else than follows from the journal"
UNFOUNDED = "a public event follows from nothing in the journal"
NOT_FILLED = "the public topic is not filled from the journal yet"
NO_TOPIC = "there is no topic"
LOOKED, LOOKED_EVERY = 50, 0.3


Id = tuple[bytes | None, str]
"""The record's key and ``ce_id``: one partition's order says which is the last."""


class Sentence(NamedTuple):
    """Where its source stands in the journal, and what it says."""

    stream: str
    sequence: int
    digest: bytes

    @property
    def place(self) -> str:
        return f"{self.stream}:{self.sequence}"


class InPublic:
    """``events`` are different ids in the topic, ``repeated`` the records that repeat one of them."""

    def __init__(self, service: Service, findings: Findings) -> None:
        self._service, self._topic = service.name, public_of(service.name).name
        self._layers = {layer.decider.kind: layer for layer in service.public}
        self._findings = findings
        self._expected: dict[Id, Sentence] = {}
        self._heard: dict[Id, Sentence] = {}
        self._waiting: set[Place] = set()
        self.repeated = 0

    @property
    def events(self) -> int:
        return len(self._heard)

    async def expect(self, commits: AsyncIterable[Commit]) -> None:
        """All of a journal, or of some of its streams; each stream from its first commit on, in order."""
        stream, told = "", Told(None)
        async for commit in commits:
            if layer := self._layers.get(kind_of(commit.stream)):
                told = told if commit.stream == stream else Told(layer.decider.initial)
                stream = commit.stream
                records, told = said(layer, told, commit, self._service)
                self._expected.update(sentence_in(one) for one in records if one.topic == self._topic)

    def wait_for(self, commits: Iterable[Commit]) -> None:
        """Those that are not published yet: they need not be there."""
        self._waiting |= {(one.stream, number) for one in commits for number in range(one.first, one.last + 1)}

    def hear(self, record: KafkaRecord) -> None:
        try:
            id_, sentence = sentence_in(record)
        except Malformed:
            self._findings.add("a record is no public event", f"{record.partition}:{record.offset}")
            return
        self.repeated += id_ in self._heard
        self._heard[id_] = sentence

    def strangers(self) -> list[str]:
        """Streams with something that was not expected: perhaps it was decided after the journal was read."""
        return sorted({self._heard[id_].stream for id_ in self._heard.keys() - self._expected.keys()})

    def compare(self, *, filled: bool) -> None:
        lacks = PUBLIC_LACKS if filled else NOT_FILLED
        for id_, expected in self._expected.items():
            heard = self._heard.get(id_)
            if heard is None and expected[:2] not in self._waiting:
                self._findings.add(lacks, expected.place)
            if heard is not None and heard != expected:
                self._findings.add(PUBLIC_DIFFERS, expected.place)
        for stranger in sorted(self._heard[id_] for id_ in self._heard.keys() - self._expected.keys()):
            self._findings.add(UNFOUNDED, stranger.place)


async def verify_public(
    kafka: KafkaAccess, service: Service, topic: str, database: Database, findings: Findings
) -> InPublic:
    """In this order: whatever was published before the topic's end was looked up has to be in front of it."""
    found, journal = InPublic(service, findings), Journal(database[JOURNAL])
    if not await readable(kafka, [topic]):
        findings.add(NO_TOPIC, topic)
        return found
    filled = await is_filled(database, topic)
    await found.expect(commit async for commit, _ in journal.commits())
    for waiting in (await journal.unpublished_by_stream()).values():
        found.wait_for(waiting)
    async for records in read_to_end(kafka, [topic]):
        for record in records:
            found.hear(record)
    await found.expect(commit for stream in found.strangers() for commit in await journal.read(stream))
    found.compare(filled=filled)
    return found


async def is_filled(database: Database, topic: str) -> bool:
    """Waits a little: a new release fills it at its first start."""
    for _ in range(LOOKED):
        if await database[BEGINNINGS].find_one({"_id": topic, "filled": True}):
            return True
        await asyncio.sleep(LOOKED_EVERY)
    return False


def sentence_in(record: KafkaRecord | Outgoing) -> tuple[Id, Sentence]:
    """Raises ``Malformed``."""
    envelope = read_headers(record.headers)
    content = repr((record.value, [(name, value) for name, value in record.headers]))
    digest = hashlib.sha256(content.encode()).digest()[:DIGEST]
    return (record.key, envelope.id), Sentence(envelope.stream, envelope.sequence, digest)
