"""A record of a topic, with its partition and offset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple, Protocol

Partition = tuple[str, int]
"""Topic and number."""

UNKNOWN_TIME = 2**53
"""For records that were parked before their time was kept: later than any."""


class KafkaRecord(Protocol):
    """What delivery needs of a record."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...  # ms since 1970 UTC, by the broker's clock when it was appended
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]: ...


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A record read back from where it was parked."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    timestamp: int = UNKNOWN_TIME


class Span(NamedTuple):
    """Neighbouring records of a batch: ``behind`` is the offset after the last one, ``appended``
    the latest time (ms).
    """

    partition: Partition
    first: int
    behind: int
    appended: int


def spans(records: Iterable[KafkaRecord]) -> Iterator[Span]:
    for (topic, partition), together in groupby(records, attrgetter("topic", "partition")):
        lying = list(together)
        yield Span((topic, partition), lying[0].offset, lying[-1].offset + 1, max(one.timestamp for one in lying))
