"""Topics as declared and as they are: compared, created, and refused if they differ in what cannot be repaired."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError, for_code

from shared.contracts.topics import TOPICS, Topic
from shared.runtime.kafka.access import KafkaAccess

FATAL = ("partitions", "cleanup.policy")
USABLE_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Difference:
    """``is_`` None: the topic does not exist."""

    topic: str
    what: str
    declared: str
    is_: str | None

    @property
    def fatal(self) -> bool:
        """Keys would move to other partitions, or events would be deleted: no service may start on it."""
        return self.is_ is not None and self.what in FATAL

    def __str__(self) -> str:
        return f"{self.topic}: {self.what} is {self.is_ or 'missing'}, declared is {self.declared}"


class BrokerRefuses(KafkaError):  # type: ignore[misc]
    """No broker answers, or it refuses the request."""

    def __str__(self) -> str:
        return str(self.args[0])


async def differences(kafka: KafkaAccess, topics: Sequence[Topic] = TOPICS) -> list[Difference]:
    """Raises ``BrokerRefuses`` when no broker answers."""
    async with administering(kafka) as admin:
        return await _differences(admin, topics)


async def apply_topics(kafka: KafkaAccess, topics: Sequence[Topic] = TOPICS, replication: int = 1) -> list[str]:
    """Creates missing topics and does not change existing ones. Returns the created names; all are usable then.

    Raises ``BrokerRefuses``, also for a slow broker; the next try continues.
    """
    async with administering(kafka) as admin:
        existing = await admin.list_topics()
        missing = [topic for topic in topics if topic.name not in existing]
        if missing:
            await _create(admin, missing, replication)
        await _until_usable(admin, {topic.name: topic.partitions if topic in missing else 1 for topic in topics})
        if missing:
            await _until_led(kafka, missing)
        return [topic.name for topic in missing]


async def partitions_of(kafka: KafkaAccess, topics: Sequence[str]) -> dict[str, int]:
    """How many partitions each topic has; 0 when it does not exist."""
    async with administering(kafka) as admin:
        return {told["topic"]: len(told["partitions"]) for told in await admin.describe_topics(list(topics))}


async def has_its_beginning(kafka: KafkaAccess, topic: str) -> bool:
    """Whether no partition has lost its first records to anything but compaction. Raises ``BrokerRefuses``."""
    return not any((await beginnings_of(kafka, topic)).values())


async def beginnings_of(kafka: KafkaAccess, topic: str) -> dict[int, int]:
    """For each partition the offset of its first existing record; empty if there is no such topic."""
    partitions = [TopicPartition(topic, number) for number in range((await partitions_of(kafka, [topic]))[topic])]
    if not partitions:
        return {}
    async with reading(kafka) as reader:
        return {at.partition: start for at, start in (await reader.beginning_offsets(partitions)).items()}


async def has_members(kafka: KafkaAccess, group: str) -> bool:
    """Whether a consumer group has members now. Raises ``BrokerRefuses``.

    A broker that is still loading the group answers with a code and without members.
    """
    async with administering(kafka) as admin:
        [answer] = await admin.describe_consumer_groups([group])
        [described] = answer.to_object()["groups"]
        if (refusal := for_code(described["error_code"])) is not NoError:
            raise BrokerRefuses(f"group {group} is not told: {refusal.__name__}")
        return bool(described["members"])


@asynccontextmanager
async def reading(kafka: KafkaAccess) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without a group, for one question."""
    reader = AIOKafkaConsumer(**kafka.options(), enable_auto_commit=False)
    try:
        await reader.start()
        yield reader
    finally:
        await reader.stop()


@asynccontextmanager
async def administering(kafka: KafkaAccess) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**kafka.options(), request_timeout_ms=10_000)
    try:
        await admin.start()
        yield admin
    except BrokerRefuses:
        raise
    except KafkaError as error:
        raise BrokerRefuses(f"kafka at {kafka}: {type(error).__name__}") from None
    finally:
        await admin.close()


async def _create(admin: AIOKafkaAdminClient, topics: Sequence[Topic], replication: int) -> None:
    """All in one request, carried out at once. A refusal comes as a code in the answer, not as an error."""
    new = [NewTopic(one.name, one.partitions, replication, topic_configs=dict(one.config)) for one in topics]
    answer = await admin.create_topics(new)
    for name, code, *_ in answer.topic_errors:
        refusal = for_code(code)
        if refusal not in (NoError, TopicAlreadyExistsError):
            raise BrokerRefuses(f"{name} is not created: {refusal.__name__}")


async def _until_usable(admin: AIOKafkaAdminClient, partitions: Mapping[str, int]) -> None:
    """The controller creates a topic a moment before every broker knows it and its partitions have leaders.

    ``partitions``: the least number for each topic; those from an earlier try may have no leaders yet either.
    """
    ends = time.monotonic() + USABLE_WITHIN
    for topic, least in partitions.items():
        while not _has_leaders((await admin.describe_topics([topic]))[0], least):
            if time.monotonic() > ends:
                raise BrokerRefuses(f"{topic} is created but has no leaders")
            await asyncio.sleep(0.05)


async def _until_led(kafka: KafkaAccess, topics: Sequence[Topic]) -> None:
    """A broker learns that it leads a partition a moment before it does. Until then it refuses some
    of many new ones.
    """
    led = [TopicPartition(topic.name, number) for topic in topics for number in range(topic.partitions)]
    async with reading(kafka) as reader:
        await reader.beginning_offsets(led)


def _has_leaders(described: Mapping[str, Any], least: int) -> bool:
    leaders = [partition["leader"] for partition in described["partitions"]]
    return len(leaders) >= least and min(leaders) >= 0


async def _differences(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> list[Difference]:
    existing = set(await admin.list_topics())
    found = [Difference(topic.name, "topic", "present", None) for topic in topics if topic.name not in existing]
    for topic in topics:
        if topic.name in existing:
            found += await _differences_of(admin, topic)
    return found


async def _differences_of(admin: AIOKafkaAdminClient, topic: Topic) -> list[Difference]:
    described = (await admin.describe_topics([topic.name]))[0]
    is_ = {"partitions": str(len(described["partitions"])), **await _config(admin, topic.name)}
    declared = {"partitions": str(topic.partitions), **topic.config}
    return [
        Difference(topic.name, what, wanted, is_.get(what, "unknown"))
        for what, wanted in declared.items()
        if is_.get(what) != wanted
    ]


async def _config(admin: AIOKafkaAdminClient, topic: str) -> dict[str, str]:
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    return {entry[0]: entry[1] for answer in answers for resource in answer.resources for entry in resource[4]}
