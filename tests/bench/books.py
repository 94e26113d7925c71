"""When something ended, read afterwards from what the servers wrote down anyway: nobody is asked while the clock runs.

All times are UTC ms of this machine, whose clock everything that is measured shares.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Mapping, Sequence

from aiokafka import TopicPartition

from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.topics import partitions_of, reading
from shared.runtime.mongo.driver import Database

OFFSETS_TOPIC = "__consumer_offsets"
COMMITS = (0, 1)
"""Versions of its keys that stand for an offset; others are about members."""

Offsets = Mapping[TopicPartition, int]


def now() -> float:
    return time.time() * 1000


async def committed_at(bootstrap: str, group: str) -> float:
    """The moment at which the last of the group's partitions was first committed to where it stands."""
    furthest: dict[bytes, tuple[int, int]] = {}
    async for records in read_to_end(KafkaAccess(bootstrap), [OFFSETS_TOPIC]):
        for record in records:
            if record.key and record.value and is_commit_of(group, record.key):
                known = furthest.get(record.key, (-1, 0))
                furthest[record.key] = max(known, (offset_in(record.value), -record.timestamp))
    return max(-negated for _, negated in furthest.values())


def is_commit_of(group: str, key: bytes) -> bool:
    version, length = struct.unpack_from(">hh", key)
    return version in COMMITS and key[4 : 4 + length] == group.encode()


def offset_in(value: bytes) -> int:
    _, offset = struct.unpack_from(">hq", value)
    return int(offset)


async def last_write(database: Database, collection: str) -> float | None:
    """When the collection was last written to, by the server's log of operations; None: never."""
    wanted = {"ns": f"{database.name}.{collection}"}
    found = await database.client["local"]["oplog.rs"].find(wanted, {"wall": True}).sort("$natural", -1).to_list(1)
    return found[0]["wall"].timestamp() * 1000 if found else None


async def ends(kafka: KafkaAccess, topic: str) -> Offsets:
    partitions = [TopicPartition(topic, number) for number in range((await partitions_of(kafka, [topic]))[topic])]
    async with reading(kafka) as reader:
        told: Offsets = await reader.end_offsets(partitions)
        return told


async def appended_at(kafka: KafkaAccess, offsets: Offsets) -> Sequence[int]:
    """When the records at these places were appended, by the broker's clock."""
    async with reading(kafka) as reader:
        reader.assign(list(offsets))
        for at, offset in offsets.items():
            reader.seek(at, offset)
        return [(await reader.getone(at)).timestamp for at in offsets]
