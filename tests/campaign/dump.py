"""Everything that the stores hold, as plain values: what the checker reads instead of asking the system."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]
Place = tuple[str, int]
"""Topic and partition."""


@dataclass(frozen=True, slots=True)
class Record:
    """``at`` is when the broker appended it, in milliseconds."""

    topic: str
    partition: int
    offset: int
    at: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True, slots=True)
class Mail:
    """As the sink accepted it. ``id`` is the Message-ID, ``at`` in milliseconds, ``sha`` that of all its bytes."""

    id: str
    to: str
    at: int
    sha: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the outsider read, when it read it."""

    topic: str
    partition: int
    offset: int
    key: str
    event: str


@dataclass(frozen=True, slots=True)
class Dump:
    """``databases`` is service → collection → documents; ``committed`` is group → place → next offset."""

    records: tuple[Record, ...]
    ends: dict[Place, int]
    databases: dict[str, dict[str, list[Document]]]
    mails: tuple[Mail, ...]
    committed: dict[str, dict[Place, int]]
    seen: tuple[Seen, ...] = ()
    logs: dict[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()

    def collection(self, service: str, name: str) -> list[Document]:
        return self.databases.get(service, {}).get(name, [])


def waiting(journal: Iterable[Document], marks: Iterable[Document], noted: Iterable[Document]) -> list[str]:
    """The commits that wait for the relay: behind the mark of their writer, or noted one by one."""
    upto = {mark["_id"]: mark["recorded"] for mark in marks}
    alone = {note["_id"] for note in noted}
    return [one["_id"] for one in journal if one["_id"] in alone or _is_behind(one, upto)]


def _is_behind(commit: Document, upto: Document) -> bool:
    """Of a writer without a mark nothing is published; what has no writer came from the topic."""
    writer = commit.get("writer")
    return writer is not None and (writer not in upto or commit["recorded"] > upto[writer])
