"""The topics, declared once. Everything that creates, checks, reads or writes a topic takes it from here."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.kernel.values import Value

PARTITIONS = 12
"""Fixed for ever: the key decides the partition, and another number would tear streams apart."""

DAY = 24 * 60 * 60 * 1000


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


_FOREVER = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "message.timestamp.type": "LogAppendTime",
    "compression.type": "uncompressed",
}

_NEWEST_ONLY = {
    "cleanup.policy": "compact",
    "max.compaction.lag.ms": str(DAY),
    "segment.ms": str(DAY // 2),
    "min.cleanable.dirty.ratio": "0.1",
    "delete.retention.ms": str(30 * DAY),
    "message.timestamp.type": "LogAppendTime",
    "compression.type": "uncompressed",
}

SERVICES = ("members", "meetings", "funding", "notifications")
"""All of them, told once: topics, contracts, the embedded stack and the tools follow from these names."""


def events_of(service: str) -> Topic:
    return Topic(f"kpk.{service}.v1", service, _FOREVER)


PEOPLE = Topic("kpk.people.v1", "members", _NEWEST_ONLY)
EVENT_TOPICS = tuple(events_of(service) for service in SERVICES)
TOPICS = (*EVENT_TOPICS, PEOPLE)
