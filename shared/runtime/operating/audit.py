"""Compares journal, topic, projections, positions and people, without any server.

It keeps only digests of events. A difference names streams, sequences and opaque ids, never a value.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from shared.declarations.projection import Document, Key, Projection
from shared.kernel.decider import Event
from shared.runtime.commands.commit import GENESIS, Commit, Hash, Place
from shared.runtime.delivery.folding import Folder, fold
from shared.runtime.delivery.records import Received, ReceivedState, read_event
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.operating.digests import UNMARKED, Digests, digest

FORKED = "an event in the topic is not in the journal"
POSITION_AHEAD = "the position is ahead of the topic's"
BEGINNING_GONE = "the topic lost its beginning in partition"
EXAMPLES = 3
MOST_PLACES = 10_000
"""The most examples of a kind that are kept; more are only counted."""
HEARD = 1


class Difference(NamedTuple):
    """A kind of difference, its number, and example places: streams, sequences, opaque ids."""

    what: str
    number: int
    places: list[str]

    def __str__(self) -> str:
        more = self.number - len(self.places)
        return f"{self.what}: {', '.join(self.places)}" + (f" and {more} more" if more else "")


class Findings:
    """One service's differences by kind, each with the first places."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._places: dict[str, list[str]] = {}
        self._more: Counter[str] = Counter()

    def add(self, what: str, where: str) -> None:
        places = self._places.setdefault(what, [])
        if len(places) < MOST_PLACES:
            places.append(where)
        else:
            self._more[what] += 1

    def __iter__(self) -> Iterator[Difference]:
        for what, places in self._places.items():
            yield Difference(what, len(places) + self._more[what], places[:EXAMPLES])

    def seen_again(self, later: Findings) -> Findings:
        """The differences of ``later`` that are also in this one: the others were events on their way."""
        both = Findings(self._service)
        for what, places in later._places.items():
            for where in sorted(set(places) & set(self._places.get(what, ()))):
                both.add(what, where)
        return both

    def by_kind(self) -> dict[str, str]:
        """Each kind of difference with its sentence."""
        return {one.what: f"{self._service}: {one}" for one in self}

    def sentences(self) -> list[str]:
        return list(self.by_kind().values())


class Heard:
    """A service's own topic beside its journal, which is read before: repeated records are only counted."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._journal = Digests()
        self._later: set[Place] = set()
        self._stream, self._head = "", (0, GENESIS)
        self.events = 0
        self.duplicates = 0

    def expect(self, commit: Commit, stored: Hash) -> None:
        """The journal, stream by stream, in order. Its hash chain is checked at the same time."""
        last, previous = self._head if commit.stream == self._stream else (0, GENESIS)
        if commit.first != last + 1:
            self._findings.add("the journal has a gap before", commit.id)
        if commit.previous != previous or commit.hash() != stored:
            self._findings.add("the journal's hash chain is broken at", commit.id)
        self._stream, self._head = commit.stream, (commit.last, stored)
        for sequence, event in enumerate(commit.events, start=commit.first):
            self._journal.add(commit.stream, sequence, digest_of(event.id, event.type, event.data.encode()))

    def hear(self, received: Received) -> bool:
        """False if exactly this was not at its place when the journal was read."""
        envelope = received.envelope
        at = self._journal.find(envelope.stream, envelope.sequence)
        content = digest_of(envelope.id, envelope.type, received.record.value or b"")
        if at is None or self._journal[at] != content:
            return False
        if self._journal.marked(at):
            self.duplicates += 1
            return True
        if envelope.sequence > 1 and not self._is_heard(envelope.stream, envelope.sequence - 1):
            self._findings.add("the topic's order is broken", f"{envelope.stream}:{envelope.sequence}")
        self._journal.mark(at, HEARD)
        self.events += 1
        return True

    def hear_later(self, received: Received) -> None:
        """What was decided after the journal was read: it is not expected."""
        if received.place in self._later:
            self.duplicates += 1
        else:
            self._later.add(received.place)
            self.events += 1

    def compare(self) -> None:
        for stream, sequence in self._journal.with_mark(UNMARKED):
            self._findings.add("an event is missing in the topic", f"{stream}:{sequence}")

    def _is_heard(self, stream: str, sequence: int) -> bool:
        at = self._journal.find(stream, sequence)
        return at is not None and self._journal.marked(at) == HEARD


class Folded:
    """A service's projections and positions as they follow from its topics alone, by the rules of its delivery.

    ``dropped`` are the ids of events that an operator dropped: skipped, not folded. Every document has one source
    stream, and every stream one partition. So whoever reads one partition after the other settles each.
    """

    def __init__(self, findings: Findings, projections: Sequence[Projection], dropped: AbstractSet[str]) -> None:
        self._findings = findings
        self._folder = Folder(projections)
        self._dropped = dropped
        self._stuck: set[str] = set()
        self.wanted = self._folder.events
        self.positions: dict[str, int] = {}
        self.documents: dict[Key, Document] = {}
        self._settled: defaultdict[str, dict[str, bytes]] = defaultdict(dict)

    def settle(self) -> None:
        """Nothing more follows for these documents: digests are kept."""
        for key, document in self.documents.items():
            self._settled[key.projection][key.id] = digest_of_document(document)
        self.documents.clear()

    def take(self, received: Received) -> None:
        envelope = received.envelope
        stream = envelope.stream
        if stream in self._stuck or envelope.sequence != self.positions.get(stream, 0) + 1:
            return
        if envelope.id not in self._dropped and not self._applied(received):
            self._stuck.add(stream)
            return
        self.positions[stream] = envelope.sequence

    def _applied(self, received: Received) -> bool:
        event, envelope = received.event, received.envelope
        where = f"{envelope.stream}:{envelope.sequence}"
        if received.problem:
            self._findings.add("an event cannot be read", where)
            return False
        try:
            fold(self.documents, event, envelope, self._folder.touched(event, envelope))
        except Exception as error:
            self._findings.add(f"a projection cannot take an event ({type(error).__name__})", where)
            return False
        return True

    async def compare_projection(self, name: str, stored: AsyncIterable[Document]) -> None:
        self.settle()
        left = self._settled.pop(name, {})
        async for document in stored:
            key = document["_id"]
            expected = left.pop(key, None)
            if expected is None:
                self._findings.add(f"projection {name} has a document that no event made", str(key))
            elif expected != digest_of_document(document):
                self._findings.add(f"projection {name} differs from its events at", str(key))
        for key in left:
            self._findings.add(f"projection {name} lacks a document", key)

    async def compare_positions(self, stored: AsyncIterable[Document]) -> None:
        left = dict(self.positions)
        async for position in stored:
            stream, last = str(position["_id"]), position["last"]
            leads = left.pop(stream, 0)
            if last > leads:
                self._findings.add(POSITION_AHEAD, f"{stream}:{last}")
            elif last < leads:
                self._findings.add("the position differs from the topic's", f"{stream}:{last}")
        for stream, last in left.items():
            self._findings.add("the position is missing", f"{stream}:{last}")


PersonHead = tuple[int, bytes | None]
"""Version and digest of the details; None for an erased person."""


def person_head(version: int, details: Mapping[str, Any] | None) -> PersonHead:
    return version, None if details is None else digest_of_document(details)


def head_of(received: ReceivedState) -> PersonHead:
    details = received.details
    return person_head(received.version, None if details is None else details.model_dump(mode="json"))


def compare_people(
    findings: Findings, where: str, kept: Mapping[str, PersonHead], other: Mapping[str, PersonHead]
) -> None:
    """``kept`` is the truth. An erased person may be missing elsewhere, because nulls are not kept for ever."""
    for person, head in kept.items():
        if other.get(person, None if head[1] else head) != head:
            findings.add(f"{where} differs about", person)
    for person in other.keys() - kept.keys():
        findings.add(f"{where} knows somebody who is not kept", person)


def event_of(record: KafkaRecord, wanted: AbstractSet[type[Event]], findings: Findings) -> Received | None:
    read = read_event(record, wanted)
    if isinstance(read, Received):
        return read
    findings.add("a record is no event", f"{record.topic}:{record.partition}:{record.offset}")
    return None


def digest_of_document(content: Mapping[str, Any]) -> bytes:
    return digest(json.dumps(content, sort_keys=True, default=repr).encode())


def digest_of(event_id: str, type_name: str, data: bytes) -> bytes:
    return digest(b"\n".join([event_id.encode(), type_name.encode(), data]))
