"""Compares journal, topic, projections, positions and people, without any server.

It keeps only digests of events. A difference names streams, sequences and opaque ids, never a value.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from shared.declarations.projection import Document, Key, Projection
from shared.kernel.decider import Event
from shared.runtime.commands.commit import GENESIS, Commit, Hash
from shared.runtime.delivery.folding import Folder, fold
from shared.runtime.delivery.records import Received, ReceivedState, read_event
from shared.runtime.kafka.record import KafkaRecord

FORKED = "an event in the topic is not in the journal"
POSITION_AHEAD = "the position is ahead of the topic's"
BEGINNING_GONE = "the topic lost its beginning in partition"
EXAMPLES = 3
MOST_PLACES = 10_000
"""The most examples of a kind that are kept; more are only counted."""
DIGEST = 16


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


@dataclass
class _StreamHeard:
    digests: bytearray = field(default_factory=bytearray)
    early: dict[int, bytes] = field(default_factory=dict)

    @property
    def last(self) -> int:
        return len(self.digests) // DIGEST

    def at(self, sequence: int) -> bytes | None:
        if sequence <= self.last:
            return bytes(self.digests[(sequence - 1) * DIGEST : sequence * DIGEST])
        return self.early.get(sequence)

    def add(self, sequence: int, digest: bytes) -> None:
        self.early[sequence] = digest
        while (following := self.early.pop(self.last + 1, None)) is not None:
            self.digests += following


class Heard:
    """The content of a topic: the first record of each stream's sequence; duplicates are counted."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._streams: dict[str, _StreamHeard] = {}
        self.events = 0
        self.duplicates = 0

    def hear(self, received: Received) -> None:
        envelope = received.envelope
        stream = self._streams.setdefault(envelope.stream, _StreamHeard())
        digest = digest_of(envelope.id, envelope.type, received.record.value or b"")
        known, where = stream.at(envelope.sequence), f"{envelope.stream}:{envelope.sequence}"
        if known == digest:
            self.duplicates += 1
        elif known is not None:
            self._findings.add("two events in the topic claim one place", where)
        else:
            if envelope.sequence != stream.last + 1:
                self._findings.add("the topic's order is broken", where)
            stream.add(envelope.sequence, digest)
            self.events += 1

    async def compare(self, commits: AsyncIterable[tuple[Commit, Hash]]) -> None:
        """With the journal, whose hash chain is checked at the same time; commits come stream by stream, in order."""
        findings, stream, last, previous = self._findings, "", 0, GENESIS
        async for commit, stored in commits:
            if commit.stream != stream:
                self._expect_nothing_behind(stream, last)
                stream, last, previous = commit.stream, 0, GENESIS
            if commit.first != last + 1:
                findings.add("the journal has a gap before", commit.id)
            if commit.previous != previous or commit.hash() != stored:
                findings.add("the journal's hash chain is broken at", commit.id)
            self._expect(commit)
            last, previous = commit.last, stored
        self._expect_nothing_behind(stream, last)
        for name in self._streams:
            findings.add("a stream in the topic is not in the journal", name)

    def _expect(self, commit: Commit) -> None:
        heard = self._streams.get(commit.stream, _StreamHeard())
        for sequence, event in enumerate(commit.events, start=commit.first):
            digest = heard.at(sequence)
            if digest is None:
                self._findings.add("an event is missing in the topic", f"{commit.stream}:{sequence}")
            elif digest != digest_of(event.id, event.type, event.data.encode()):
                self._findings.add("journal and topic say different things at", f"{commit.stream}:{sequence}")

    def _expect_nothing_behind(self, stream: str, last: int) -> None:
        """A compared stream is forgotten: the streams left at the end are in no journal."""
        heard = self._streams.pop(stream, _StreamHeard())
        behind = [*range(last + 1, heard.last + 1), *(sequence for sequence in heard.early if sequence > last)]
        for sequence in behind:
            self._findings.add(FORKED, f"{stream}:{sequence}")


class Folded:
    """A service's projections and positions as they follow from its topics alone, by the rules of its delivery.

    ``dropped`` are the ids of events that an operator dropped: skipped, not folded.
    """

    def __init__(self, findings: Findings, projections: Sequence[Projection], dropped: AbstractSet[str]) -> None:
        self._findings = findings
        self._folder = Folder(projections)
        self._dropped = dropped
        self._stuck: set[str] = set()
        self.wanted = self._folder.events
        self.positions: dict[str, int] = {}
        self.documents: dict[Key, Document] = {}

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
        left = {key.id: document for key, document in self.documents.items() if key.projection == name}
        async for document in stored:
            key = document["_id"]
            expected = left.pop(key, None)
            if expected is None:
                self._findings.add(f"projection {name} has a document that no event made", str(key))
            elif canonical(expected) != canonical(document):
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
    return version, None if details is None else _digest(canonical(details).encode())


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


def canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, default=repr)


def digest_of(event_id: str, type_name: str, data: bytes) -> bytes:
    return _digest(b"\n".join([event_id.encode(), type_name.encode(), data]))


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()[:DIGEST]
