"""A stack whose services find, when they start, what the servers of another one held.

The topics are as the present code declares them. Of what the servers keep, only the time at which a record was appended
is another, and a settable clock stands where it stood.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from bson.raw_bson import RawBSONDocument
from pymongo.database import Database

from deploy.embedded.data_folder import claim
from deploy.embedded.mongo_guard import with_key
from deploy.embedded.stack import Stack, apply_topics
from shared.runtime.kafka.access import KafkaAccess
from tests.campaign.dump import Place
from tests.campaign.mongo_dump import connect
from tests.journeys.upgrade.reading import RAW
from tests.journeys.upgrade.snapshot import Collection, Record, Snapshot, decoded, encoded


def stack_with(snapshot: Snapshot, data: Path) -> Stack:
    """The servers are filled as soon as they run and have topics, before the first service starts."""

    async def fill(kafka: KafkaAccess) -> None:
        await apply_topics(kafka)
        await asyncio.gather(
            asyncio.to_thread(fill_mongod, with_key(stack.state.mongo_uri, stack.mongo_secrets), snapshot),
            fill_kafka(kafka, snapshot),
        )

    claim(data)
    stack = Stack(data, settable_clock=True, topics=fill)
    return stack


def fill_mongod(uri: str, snapshot: Snapshot) -> None:
    ago = datetime.now(UTC) - snapshot.taken
    with connect(uri) as client:
        for (service, name), kept in snapshot.collections.items():
            documents = put_back(kept.documents, ago) if name == "clock" else kept.documents
            _fill(client[f"kpk_{service}"], name, Collection(documents, kept.indexes))


def _fill(database: Database[dict[str, Any]], name: str, kept: Collection) -> None:
    if kept.documents:
        database.with_options(RAW)[name].insert_many([RawBSONDocument(one) for one in kept.documents])
    if kept.indexes:
        database.command("createIndexes", name, indexes=[dict(index) for index in kept.indexes])


def put_back(clocks: Iterable[bytes], ago: timedelta) -> tuple[bytes, ...]:
    """A clock is kept as its distance from the machine's, which has gone on since."""
    passed = ago // timedelta(milliseconds=1)
    return encoded([{**clock, "ahead_ms": clock["ahead_ms"] - passed} for clock in decoded(tuple(clocks))])


class WrongOffset(Exception):
    """The broker has given a record another offset than it had."""


async def fill_kafka(kafka: KafkaAccess, snapshot: Snapshot) -> None:
    """Raises ``WrongOffset``."""
    await send(kafka, snapshot.records)
    for group, offsets in snapshot.committed.items():
        await commit(kafka, group, offsets)


async def send(kafka: KafkaAccess, records: Iterable[Record]) -> None:
    """Partition by partition, each in order."""
    async with AIOKafkaProducer(**kafka.options(), enable_idempotence=True) as producer:
        for (topic, partition), run in groupby(records, lambda one: (one.topic, one.partition)):
            sent = [
                await producer.send(topic, one.value, one.key, partition=partition, headers=list(one.headers))
                for one in run
            ]
            offsets = [told.offset for told in await asyncio.gather(*sent)]
            if offsets != list(range(len(sent))):
                raise WrongOffset(f"{topic}:{partition}")


async def commit(kafka: KafkaAccess, group: str, offsets: Mapping[Place, int]) -> None:
    """As the group itself would have done."""
    async with AIOKafkaConsumer(**kafka.options(), group_id=group, enable_auto_commit=False) as consumer:
        places = {TopicPartition(*place): offset for place, offset in offsets.items()}
        consumer.assign(list(places))
        await consumer.commit(places)
