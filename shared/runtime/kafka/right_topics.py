"""A consumer waits until its topics exist, and does not start on topics that would break promises."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from aiokafka.errors import KafkaError

from shared.contracts.topics import Topic
from shared.runtime.kafka import topics as kafka_topics
from shared.runtime.kafka.access import KafkaAccess

log = structlog.get_logger()

RETRY_SECONDS = 1.0


class TopicsDiffer(Exception):
    """A topic has another partition count or cleanup policy than declared; work on it would break promises."""


async def until_right(kafka: KafkaAccess, topics: Sequence[Topic]) -> None:
    """Raises ``TopicsDiffer``."""
    while True:
        try:
            found = await kafka_topics.differences(kafka, topics)
        except KafkaError:
            found = None
        if found is not None:
            if fatal := [str(one) for one in found if one.fatal]:
                raise TopicsDiffer("; ".join(fatal))
            if not [one for one in found if one.is_ is None]:
                return
        log.warning("topics are not there yet", retry_seconds=RETRY_SECONDS)
        await asyncio.sleep(RETRY_SECONDS)
