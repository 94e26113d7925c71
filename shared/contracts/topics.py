"""The topics, declared once. Everything that creates, checks, reads or writes a topic takes it from here."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from shared.kernel.values import Value

PARTITIONS = 12
"""Fixed for ever: the key decides the partition, and another number would tear streams apart."""

HOUR = 60 * 60 * 1000
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    owner: str
    config: dict[str, str] = field(hash=False)
    partitions: int = PARTITIONS


@dataclass(frozen=True, slots=True)
class StateType:
    """What a compacted topic says of each of its keys: the present state and nothing else, a null when it is gone.

    ``name`` is the records' ``ce_type``, ``key`` says what the keys are ids of.
    """

    topic: Topic
    name: str
    key: str
    model: type[Value]


MOST_AHEAD = 1_000_000
"""A state whose version is further than this ahead of the one that is known was not said by its owner.

Versions count changes of one key, some thousands at most; whoever was away for years is behind by no more.
"""

_FOREVER = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "message.timestamp.type": "LogAppendTime",
    "compression.type": "uncompressed",
}

MARKED_EVERY = 6 * HOUR
"""A broker closes a segment only when something is appended, and compacts only closed ones: so something is (ms)."""

GONE_WITHIN = 2 * DAY
"""From a null until nothing is left on the broker of what it replaces, while broker and owner run (ms).

A day by the settings below: the segment is closed ``segment.ms`` and ``MARKED_EVERY`` after the null at the latest,
compacted when ``max.compaction.lag.ms`` are over, and deleted ``file.delete.delay.ms`` later. Another day is for a
cleaner that is busy and a broker that was down.
"""

NULLS_KEPT = 30 * DAY
"""So long at least a null is there to be read (ms); a reader that was away longer has to look what is missing."""

_NEWEST_ONLY = {
    "cleanup.policy": "compact",
    "min.compaction.lag.ms": "0",
    "max.compaction.lag.ms": str(DAY),
    "segment.ms": str(DAY // 2),
    "segment.jitter.ms": "0",
    "min.cleanable.dirty.ratio": "0.1",
    "delete.retention.ms": str(NULLS_KEPT),
    "file.delete.delay.ms": str(HOUR // 60),
    "message.timestamp.type": "LogAppendTime",
    "compression.type": "uncompressed",
}

SERVICES = ("members", "meetings", "funding", "notifications", "office")
"""All of them, told once: topics, contracts, the embedded stack and the tools follow from these names."""


IN_PUBLIC = ("members", "meetings", "funding")
"""Those that say something in public. What notifications tells is about somebody's mails throughout."""


@cache
def events_of(service: str) -> Topic:
    return Topic(f"kpk.{service}.v1", service, _FOREVER)


@cache
def public_of(service: str) -> Topic:
    """What the same service says in public: for any system of the city."""
    return Topic(f"kpk.{service}.public.v1", service, _FOREVER)


@cache
def state_of(service: str) -> Topic:
    """What is so now of what the same service says in public: the last record of each stream."""
    return Topic(f"kpk.{service}.state.v1", service, _NEWEST_ONLY)


PEOPLE = Topic("kpk.people.v1", "members", _NEWEST_ONLY)
EVENT_TOPICS = tuple(events_of(service) for service in SERVICES)
PUBLIC_TOPICS = tuple(public_of(service) for service in IN_PUBLIC)
STATE_TOPICS = tuple(state_of(service) for service in IN_PUBLIC)
TOPICS = (*EVENT_TOPICS, *PUBLIC_TOPICS, *STATE_TOPICS, PEOPLE)
