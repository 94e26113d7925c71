"""How far consumer groups have read, asked of the broker without joining a group."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError

from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.topics import BrokerRefuses, administering, reading

Offsets = Mapping[TopicPartition, int]

OF_SUBSCRIBERS = "city-"
"""The prefix of other systems' users, and so of their groups."""


async def lags(kafka: KafkaAccess, beginning: str) -> dict[str, int]:
    """The unread records of each group with this prefix, on all partitions of the topics that it reads.

    A group exists from its first commit on. Raises ``BrokerRefuses``.
    """
    try:
        committed, places = await _committed(kafka, beginning)
        async with reading(kafka) as reader:
            starts, ends = await asyncio.gather(reader.beginning_offsets(places), reader.end_offsets(places))
    except BrokerRefuses:
        raise
    except KafkaError as error:
        raise BrokerRefuses(f"groups at {kafka} are not told: {type(error).__name__}") from None
    return {group: _unread(offsets, starts, ends) for group, offsets in committed.items()}


async def lags_within(seconds: float, kafka: KafkaAccess, beginning: str) -> dict[str, int] | None:
    """Like ``lags``. None if the broker does not answer in this time."""
    try:
        async with asyncio.timeout(seconds):
            return await lags(kafka, beginning)
    except (BrokerRefuses, TimeoutError):
        return None


async def _committed(kafka: KafkaAccess, beginning: str) -> tuple[dict[str, Offsets], list[TopicPartition]]:
    """Offsets for each group and every partition of the topics that any of them reads."""
    async with administering(kafka) as admin:
        groups = sorted({name for name, *_ in await admin.list_consumer_groups() if name.startswith(beginning)})
        read = [(group, await _offsets(admin, group)) for group in groups]
        found = {group: offsets for group, offsets in read if offsets is not None}
        topics = sorted({at.topic for offsets in found.values() for at in offsets})
        told = await admin.describe_topics(topics) if topics else []
    return found, [TopicPartition(one["topic"], row["partition"]) for one in told for row in one["partitions"]]


async def _offsets(admin: AIOKafkaAdminClient, group: str) -> Offsets | None:
    """None: the group's owner is removed. With its rights, the rights of others to look at the group are gone, too."""
    try:
        told = await admin.list_consumer_group_offsets(group)
    except GroupAuthorizationFailedError:
        return None
    return {at: one.offset for at, one in told.items() if one.offset >= 0}


def _unread(offsets: Offsets, starts: Offsets, ends: Offsets) -> int:
    """A partition without a commit counts from its beginning. One that was created anew does not count below zero."""
    topics = {at.topic for at in offsets}
    return sum(max(0, end - offsets.get(at, starts[at])) for at, end in ends.items() if at.topic in topics)
