"""What `kpk verify` holds against each other of what is so now: what follows from a journal, and its state topic.

Under each key the last record counts, as compaction would leave it. It has to be one that followed from the journal,
and none that was overtaken by something that is published. Only digests are remembered.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable

from shared.contracts.envelope import Malformed
from shared.declarations.service import Service
from shared.kernel.identifiers import kind_of
from shared.runtime.commands.commit import Commit
from shared.runtime.commands.journal import JOURNAL, Journal
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.reader import read_to_end, readable
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.mongo.driver import Database
from shared.runtime.operating.audit import Findings
from shared.runtime.operating.public_audit import NO_TOPIC, NOT_FILLED, is_filled, sentence_in
from shared.runtime.publishing.public import Told, said

STATE_LACKS = "the present state is missing in the topic"
STATE_DIFFERS = "the present state says something else than follows from the journal"
STATE_STALE = "the present state is older than what is published"
STATE_UNFOUNDED = "a present state follows from nothing in the journal"


class Present:
    """``expected`` by key all that was ever so, by number; ``heard`` what the topic says last."""

    def __init__(self, service: Service, findings: Findings) -> None:
        self._service = service.name
        self._layers = {layer.decider.kind: layer for layer in service.public}
        self._findings = findings
        self._expected: dict[str, dict[int, bytes]] = {}
        self._gone: set[str] = set()
        self._waiting: dict[str, int] = {}
        self._heard: dict[str, tuple[int, bytes]] = {}

    async def expect(self, commits: AsyncIterable[Commit]) -> None:
        """All of a journal, or of some of its streams; each stream from its first commit on, in order."""
        stream, told = "", Told(None)
        async for commit in commits:
            if layer := self._layers.get(kind_of(commit.stream)):
                told = told if commit.stream == stream else Told(layer.decider.initial)
                stream = commit.stream
                _, told = said(layer, told, commit, self._service)
                self._note(stream, told)

    def wait_for(self, commits: Iterable[Commit]) -> None:
        """Those that are not published yet: what is so without them is right, too."""
        for one in commits:
            self._waiting[one.stream] = min(one.first, self._waiting.get(one.stream, one.first))

    def hear(self, record: KafkaRecord) -> None:
        try:
            (key, _), (_, sequence, digest) = sentence_in(record)
        except Malformed:
            self._findings.add("a record is no present state", f"{record.partition}:{record.offset}")
            return
        self._heard[(key or b"").decode(errors="replace")] = sequence, digest

    def strangers(self) -> list[str]:
        """Keys that are not as expected: perhaps something was decided after the journal was read."""
        return sorted(key for key, head in self._heard.items() if head not in self._expected.get(key, {}).items())

    def compare(self, *, filled: bool) -> None:
        for key in sorted(self._expected.keys() - self._heard.keys()):
            if self._owed(key) and key not in self._gone:
                self._findings.add(STATE_LACKS if filled else NOT_FILLED, key)
        for key, (sequence, digest) in sorted(self._heard.items()):
            expected = self._expected.get(key)
            if expected is None:
                self._findings.add(STATE_UNFOUNDED, f"{key}:{sequence}")
            elif expected.get(sequence) != digest:
                self._findings.add(STATE_DIFFERS, f"{key}:{sequence}")
            elif sequence < self._owed(key):
                self._findings.add(STATE_STALE if filled else NOT_FILLED, f"{key}:{sequence}")

    def _note(self, key: str, told: Told) -> None:
        if told.present:
            self._expected.setdefault(key, {})[told.previous] = sentence_in(told.present)[1].digest
            (self._gone.discard if told.kept else self._gone.add)(key)

    def _owed(self, key: str) -> int:
        """The number of the newest that is published; 0: nothing is."""
        waiting = self._waiting.get(key)
        return max((one for one in self._expected[key] if waiting is None or one < waiting), default=0)


async def verify_present(
    kafka: KafkaAccess, service: Service, topic: str, database: Database, findings: Findings
) -> None:
    """In this order: whatever was published before the topic's end was looked up has to be in front of it."""
    found, journal = Present(service, findings), Journal(database[JOURNAL])
    if not await readable(kafka, [topic]):
        findings.add(NO_TOPIC, topic)
        return
    filled = await is_filled(database, topic)
    await found.expect(commit async for commit, _ in journal.commits())
    for waiting in (await journal.unpublished_by_stream()).values():
        found.wait_for(waiting)
    async for records in read_to_end(kafka, [topic]):
        for record in records:
            found.hear(record)
    await found.expect(commit for stream in found.strangers() for commit in await journal.read(stream))
    found.compare(filled=filled)
