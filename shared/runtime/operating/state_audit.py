"""Compares a state topic with the public states that follow from the service's journal.

For each key the last record counts, as after compaction. It must be a state that followed from the journal, and no
published event may have replaced it. It keeps only digests.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shared.contracts.envelope import Malformed
from shared.runtime.commands.commit import Commit
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.operating.audit import Findings
from shared.runtime.operating.digests import Digests
from shared.runtime.operating.public_audit import NOT_FILLED, sentence_in
from shared.runtime.publishing.public import Told
from shared.runtime.publishing.relay import Outgoing

STATE_LACKS = "the present state is missing in the topic"
STATE_DIFFERS = "the present state says something else than follows from the journal"
STATE_STALE = "the present state is older than what is published"
STATE_UNFOUNDED = "a present state follows from nothing in the journal"


class Present:
    """``expected`` has all past states by key and number; ``heard`` is the topic's last state of each key."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._expected = Digests()
        self._gone: set[str] = set()
        self._waiting: dict[str, int] = {}
        self._heard: dict[str, tuple[int, bytes]] = {}

    def expect(self, records: Sequence[Outgoing], told: Told, stream: str) -> None:
        if told.present and records:
            self._expected.add(stream, told.previous, sentence_in(told.present).content)
            (self._gone.discard if told.kept else self._gone.add)(stream)

    def wait_for(self, commits: Iterable[Commit]) -> None:
        """States without these commits are right, too."""
        for one in commits:
            self._waiting[one.stream] = min(one.first, self._waiting.get(one.stream, one.first))

    def hear(self, record: KafkaRecord) -> None:
        try:
            sentence = sentence_in(record)
        except Malformed:
            self._findings.add("a record is no present state", f"{record.partition}:{record.offset}")
            return
        self._heard[(record.key or b"").decode(errors="replace")] = sentence.sequence, sentence.content

    def strangers(self) -> list[str]:
        return sorted(key for key, (sequence, said) in self._heard.items() if self._content(key, sequence) != said)

    def compare(self, *, filled: bool) -> None:
        for key in sorted(set(self._expected.streams()) - self._heard.keys()):
            if self._owed(key) and key not in self._gone:
                self._findings.add(STATE_LACKS if filled else NOT_FILLED, key)
        for key, (sequence, content) in sorted(self._heard.items()):
            if not self._expected.numbers(key):
                self._findings.add(STATE_UNFOUNDED, f"{key}:{sequence}")
            elif self._content(key, sequence) != content:
                self._findings.add(STATE_DIFFERS, f"{key}:{sequence}")
            elif sequence < self._owed(key):
                self._findings.add(STATE_STALE if filled else NOT_FILLED, f"{key}:{sequence}")

    def _content(self, key: str, sequence: int) -> bytes | None:
        at = self._expected.find(key, sequence)
        return None if at is None else self._expected[at]

    def _owed(self, key: str) -> int:
        """The number of the newest published state; 0: there is none."""
        waiting = self._waiting.get(key)
        return max((one for one in self._expected.numbers(key) if waiting is None or one < waiting), default=0)
