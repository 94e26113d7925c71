"""Topics as declared and as they are: compared, created, and refused when they differ in what can not be mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError

from shared.contracts.topics import TOPICS, Topic

FATAL = ("partitions", "cleanup.policy")


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


async def differences(bootstrap: str, topics: Sequence[Topic] = TOPICS) -> list[Difference]:
    """Raises ``KafkaError`` when no broker answers."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=10_000)
    try:
        await admin.start()
        return await _differences(admin, topics)
    finally:
        await admin.close()


async def apply_topics(bootstrap: str, topics: Sequence[Topic] = TOPICS, replication: int = 1) -> list[str]:
    """Creates what is missing, and leaves what exists alone; returns the names created."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=10_000)
    try:
        await admin.start()
        existing = await admin.list_topics()
        missing = [topic for topic in topics if topic.name not in existing]
        for topic in missing:
            await _create(admin, topic, replication)
        return [topic.name for topic in missing]
    finally:
        await admin.close()


async def _create(admin: AIOKafkaAdminClient, topic: Topic, replication: int) -> None:
    new = NewTopic(topic.name, topic.partitions, replication, topic_configs=dict(topic.config))
    try:
        await admin.create_topics([new])
    except TopicAlreadyExistsError:
        return


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
