"""Compares a public topic with the public events that follow from the service's journal.

It compares them by key and id. Records that repeat an id are allowed; the last one under its key counts, so publishing
again repairs a wrong one. It keeps only digests.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

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
"""The record's key and ``ce_id``; the order within a partition says which is the last."""


class Sentence(NamedTuple):
    """Its source's place in the journal, and its content."""

    stream: str
    sequence: int
    digest: bytes

    @property
    def place(self) -> str:
        return f"{self.stream}:{self.sequence}"


class Side(Protocol):
    """A topic's content, compared with what follows from the journal."""

    def expect(self, records: Sequence[Outgoing], told: Told, stream: str) -> None:
        """What follows from one more commit, and what its stream has told by then."""
        ...

    def wait_for(self, commits: Iterable[Commit]) -> None:
        """Those that are not published yet."""
        ...

    def hear(self, record: KafkaRecord) -> None: ...

    def strangers(self) -> list[str]:
        """Streams of unexpected records: perhaps they were decided after the journal was read."""
        ...

    def compare(self, *, filled: bool) -> None: ...


class InPublic:
    """``events`` is the number of different ids in the topic, ``repeated`` that of records which repeat one."""

    def __init__(self, service: str, findings: Findings) -> None:
        self._topic = public_of(service).name
        self._findings = findings
        self._expected: dict[Id, Sentence] = {}
        self._heard: dict[Id, Sentence] = {}
        self._waiting: set[Place] = set()
        self.repeated = 0

    @property
    def events(self) -> int:
        return len(self._heard)

    def expect(self, records: Sequence[Outgoing], told: Told, stream: str) -> None:
        del told, stream
        self._expected.update(sentence_in(one) for one in records if one.topic == self._topic)

    def wait_for(self, commits: Iterable[Commit]) -> None:
        """They need not be there."""
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
    kafka: KafkaAccess, service: Service, database: Database, findings: Findings, sides: Mapping[str, Side]
) -> None:
    """``sides`` by topic; the journal is read and folded once for all of them.

    The order matters: everything published before a topic's end was read has to lie before that end.
    """
    journal = Journal(database[JOURNAL])
    there = {topic: side for topic, side in sides.items() if await readable(kafka, [topic])}
    for topic in sorted(sides.keys() - there.keys()):
        findings.add(NO_TOPIC, topic)
    if not there:
        return
    filled = await asyncio.gather(*(is_filled(database, topic) for topic in there))
    await _expect(service, (commit async for commit, _ in journal.commits()), there.values())
    for waiting in (await journal.unpublished_by_stream()).values():
        for side in there.values():
            side.wait_for(waiting)
    for (topic, side), is_full in zip(there.items(), filled, strict=True):
        async for records in read_to_end(kafka, [topic]):
            for record in records:
                side.hear(record)
        await _expect(service, (one for stream in side.strangers() for one in await journal.read(stream)), [side])
        side.compare(filled=is_full)


async def _expect(service: Service, commits: AsyncIterable[Commit], sides: Collection[Side]) -> None:
    """All of a journal, or some of its streams; each stream from its first commit on, in order."""
    layers = {layer.decider.kind: layer for layer in service.public}
    stream, told = "", Told(None)
    async for commit in commits:
        if layer := layers.get(kind_of(commit.stream)):
            told = told if commit.stream == stream else Told(layer.decider.initial)
            stream = commit.stream
            records, told = said(layer, told, commit, service.name)
            for side in sides:
                side.expect(records, told, stream)


async def is_filled(database: Database, topic: str) -> bool:
    """Waits a little, because a new release fills it at its first start."""
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
