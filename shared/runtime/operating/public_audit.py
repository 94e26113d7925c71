"""Compares a public topic with the public events that follow from the service's journal.

It compares them by key and id. Records that repeat an id are allowed; the last one under its key counts, so publishing
again repairs a wrong one. It keeps only digests of what is as it should be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
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
from shared.runtime.operating.audit import Findings
from shared.runtime.operating.digests import DIGEST, UNMARKED, Digests, digest
from shared.runtime.publishing.public import Told, said, tells
from shared.runtime.publishing.relay import Outgoing

PUBLIC_LACKS = "a public event is missing in the topic"
PUBLIC_DIFFERS = "a public event says something else than follows from the journal"
UNFOUNDED = "a public event follows from nothing in the journal"
NOT_FILLED = "the public topic is not filled from the journal yet"
NO_TOPIC = "there is no topic"
LOOKED, LOOKED_EVERY = 50, 0.3


RIGHT, WRONG = 1, 2
"""The last record of an expected event."""


class Sentence(NamedTuple):
    """Its source's place in the journal, its key and id as a digest, and its content."""

    stream: str
    sequence: int
    id: bytes
    content: bytes

    @property
    def place(self) -> str:
        return f"{self.stream}:{self.sequence}"


class Side(Protocol):
    """A topic's content, compared with what follows from the journal."""

    def expect(self, records: Sequence[Outgoing], told: Told, stream: str) -> None:
        """What follows from one more commit, and what its stream has told by then; again for a stream that was read
        anew.
        """
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
        self._expected = Digests(2 * DIGEST)
        self._strange: dict[bytes, Sentence] = {}
        self._waiting: set[Place] = set()
        self.repeated = 0

    @property
    def events(self) -> int:
        return len(self._strange) + self._expected.count(RIGHT) + self._expected.count(WRONG)

    def expect(self, records: Sequence[Outgoing], told: Told, stream: str) -> None:
        del told
        for sentence in [sentence_in(one) for one in records if one.topic == self._topic]:
            self._expected.add(stream, sentence.sequence, sentence.id + sentence.content)

    def wait_for(self, commits: Iterable[Commit]) -> None:
        """They need not be there."""
        self._waiting |= {(one.stream, number) for one in commits for number in range(one.first, one.last + 1)}

    def hear(self, record: KafkaRecord) -> None:
        try:
            sentence = sentence_in(record)
        except Malformed:
            self._findings.add("a record is no public event", f"{record.partition}:{record.offset}")
            return
        at = self._place_of(sentence)
        if at is None:
            self.repeated += sentence.id in self._strange
            self._strange[sentence.id] = sentence
        else:
            self.repeated += self._expected.marked(at) != UNMARKED
            self._mark(at, sentence)

    def strangers(self) -> list[str]:
        return sorted({one.stream for one in self._strange.values()})

    def compare(self, *, filled: bool) -> None:
        self._look_again()
        lacks = PUBLIC_LACKS if filled else NOT_FILLED
        for place in self._expected.with_mark(UNMARKED):
            if place not in self._waiting:
                self._findings.add(lacks, f"{place[0]}:{place[1]}")
        for stream, sequence in self._expected.with_mark(WRONG):
            self._findings.add(PUBLIC_DIFFERS, f"{stream}:{sequence}")
        for stranger in sorted(self._strange.values()):
            self._findings.add(UNFOUNDED, stranger.place)

    def _place_of(self, sentence: Sentence) -> int | None:
        at = self._expected.find(sentence.stream, sentence.sequence)
        return at if at is not None and self._expected[at][:DIGEST] == sentence.id else None

    def _mark(self, at: int, sentence: Sentence) -> None:
        self._expected.mark(at, RIGHT if self._expected[at][DIGEST:] == sentence.content else WRONG)

    def _look_again(self) -> None:
        """Among what is expected now of the streams that were read anew."""
        for id_, sentence in list(self._strange.items()):
            if (at := self._place_of(sentence)) is not None:
                self._mark(at, sentence)
                del self._strange[id_]


class PublicAudit:
    """Some topics that follow from one journal, which is read by the caller: ``expect`` it, then ``compare``.

    The order matters: everything published before a topic's end is read has to lie before that end.
    """

    def __init__(self, kafka: KafkaAccess, service: Service, database: Database, findings: Findings) -> None:
        self._kafka, self._service, self._database = kafka, service, database
        self._findings = findings
        self._layers = {layer.decider.kind: layer for layer in service.public}
        self._sides: dict[str, Side] = {}
        self._filled: list[bool] = []
        self._stream, self._told, self._untold = "", Told(None), list[Commit]()

    async def listen(self, sides: Mapping[str, Side]) -> None:
        """``sides`` by topic; a topic that is not there is a finding."""
        self._sides = {topic: side for topic, side in sides.items() if await readable(self._kafka, [topic])}
        for topic in sorted(sides.keys() - self._sides.keys()):
            self._findings.add(NO_TOPIC, topic)
        self._filled = await asyncio.gather(*(is_filled(self._database, topic) for topic in self._sides))

    def expect(self, commit: Commit) -> None:
        """All of a journal, each stream from its first commit on, in order."""
        if self._sides:
            self._expect(commit, self._sides.values())

    async def compare(self) -> None:
        journal = Journal(self._database[JOURNAL])
        for waiting in (await journal.unpublished_by_stream()).values():
            for side in self._sides.values():
                side.wait_for(waiting)
        for (topic, side), is_full in zip(self._sides.items(), self._filled, strict=True):
            async for records in read_to_end(self._kafka, [topic]):
                for record in records:
                    side.hear(record)
            for stream in side.strangers():
                for commit in await journal.read(stream):
                    self._expect(commit, [side])
            side.compare(filled=is_full)

    def _expect(self, commit: Commit, sides: Collection[Side]) -> None:
        """Folds a stream as far as something follows from it in public: most commits tell nobody anything."""
        layer = self._layers.get(kind_of(commit.stream))
        if layer is None:
            return
        if commit.first == 1 or commit.stream != self._stream:
            self._stream, self._told, self._untold = commit.stream, Told(layer.decider.initial), []
        self._untold.append(commit)
        if not tells(layer, commit):
            return
        for one in self._untold:
            records, self._told = said(layer, self._told, one, self._service.name)
            for side in sides:
                side.expect(records, self._told, one.stream)
        self._untold = []


async def is_filled(database: Database, topic: str) -> bool:
    """Waits a little, because a new release fills it at its first start."""
    for _ in range(LOOKED):
        if await database[BEGINNINGS].find_one({"_id": topic, "filled": True}):
            return True
        await asyncio.sleep(LOOKED_EVERY)
    return False


def sentence_in(record: KafkaRecord | Outgoing) -> Sentence:
    """Raises ``Malformed``."""
    envelope = read_headers(record.headers)
    id_ = digest(repr((record.key, envelope.id)).encode())
    content = repr((record.value, [(name, value) for name, value in record.headers]))
    return Sentence(envelope.stream, envelope.sequence, id_, digest(content.encode()))
