"""Topics byte for byte from offset 0, their ends, and what the groups have committed; by a client that is not ours."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]

from tests.campaign.apart import apart
from tests.campaign.dump import Place, Record
from tests.kit.confluent import At, settings_of

ANSWER_SECONDS = 20.0
DUMP_SECONDS = 120.0

LATEST: Any = OffsetSpec.latest()  # type: ignore[no-untyped-call]
# Brokers are killed here on purpose: looked for again every second, and no word of it.
PATIENT = {"reconnect.backoff.max.ms": 1_000, "log_level": 0}


class DumpFailed(Exception):
    """A topic or a group could not be read: nothing can be said about the run."""


def admin(bootstrap: At) -> AdminClient:
    """To be asked now, held until it answers, and thrown away: one that has seen its broker die may wait for ever."""
    return AdminClient({**settings_of(bootstrap), **PATIENT})


@apart
def places(bootstrap: At, topics: Sequence[str]) -> list[Place]:
    """Without those topics that are not there. Raises ``DumpFailed``, as all here do."""
    return _places(admin(bootstrap), topics)


def _places(asked: AdminClient, topics: Sequence[str]) -> list[Place]:
    try:
        known = asked.list_topics(timeout=ANSWER_SECONDS).topics
    except KafkaException:
        raise DumpFailed("the broker does not tell its topics") from None
    return [(topic, number) for topic in topics if topic in known for number in sorted(known[topic].partitions)]


@apart
def ends(bootstrap: At, topics: Sequence[str]) -> dict[Place, int]:
    asked = admin(bootstrap)
    wanted = {TopicPartition(*place): LATEST for place in _places(asked, topics)}
    if not wanted:
        return {}
    answers = asked.list_offsets(wanted, request_timeout=ANSWER_SECONDS)
    return {(place.topic, place.partition): _told(answer, "ends").offset for place, answer in answers.items()}


@apart
def committed(bootstrap: At, group: str) -> dict[Place, int]:
    asked = admin(bootstrap)
    [answer] = asked.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]).values()
    told = _told(answer, f"offsets of {group}").topic_partitions
    return {(one.topic, one.partition): one.offset for one in told if one.offset >= 0}


def _told(answer: Any, what: str) -> Any:
    try:
        return answer.result(ANSWER_SECONDS)
    except (TimeoutError, KafkaException):
        raise DumpFailed(f"the broker does not tell the {what}") from None


def consumer(bootstrap: At, **more: Any) -> Consumer:
    settings: dict[str, Any] = {
        **settings_of(bootstrap),
        "group.id": "campaign-without-a-group",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "isolation.level": "read_committed",
        "auto.offset.reset": "earliest",
        **PATIENT,
        **more,
    }
    return Consumer(settings)


@apart
def read_everything(bootstrap: At, topics: Sequence[str]) -> list[Record]:
    """In order of topic, partition and offset. Raises ``DumpFailed`` when the end is not reached in time."""
    left = set(places(bootstrap, topics))
    reader, records = consumer(bootstrap), list[Record]()
    late = time.monotonic() + DUMP_SECONDS
    try:
        reader.assign([TopicPartition(*place, 0) for place in left])
        while left:
            if time.monotonic() > late:
                raise DumpFailed(f"the ends of {len(left)} partitions are not reached")
            for message in reader.consume(2_000, timeout=0.5):
                fault = message.error()
                if fault is None:
                    records.append(record_of(message))
                elif fault.code() == KafkaError._PARTITION_EOF:
                    left.discard(place_of(message))
    finally:
        reader.close()
    return sorted(records, key=lambda one: (one.topic, one.partition, one.offset))


def place_of(message: Message) -> Place:
    topic, partition = message.topic(), message.partition()
    assert topic is not None and partition is not None
    return topic, partition


def record_of(message: Message) -> Record:
    offset = message.offset()
    assert offset is not None
    headers: Any = message.headers() or []
    key: Any = message.key()
    value: Any = message.value()
    return Record(*place_of(message), offset, message.timestamp()[1], key, value, tuple(headers))
