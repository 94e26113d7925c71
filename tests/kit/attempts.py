"""Requests that a client can try at a broker; the result is the broker's own answer: an error code, 0 for success.

The requests are sent as they are. A client library would hide, repeat or raise what is a plain number here.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import (
    AlterConfigsRequest,
    CreatePartitionsRequest,
    CreateTopicsRequest,
    DeleteGroupsRequest,
    DeleteRecordsRequest,
    DeleteTopicsRequest,
    DescribeClientQuotasRequest,
    DescribeConfigsRequest,
    DescribeGroupsRequest,
)
from aiokafka.protocol.commit import OffsetCommitRequest
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.group import JoinGroupRequest
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import InitProducerIdRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from shared.runtime.kafka import quotas, rights, users
from shared.runtime.kafka.rights import CLUSTER, Grant

Headers = tuple[tuple[str, bytes | None], ...]
Try = Callable[[Any, str], Awaitable[int]]
"""Asked of an administrator's connection, about the resource of this name."""

TOPIC, GROUP, TRANSACTION, OF_CLUSTER = 29, 30, 53, 31
REFUSED = (TOPIC, GROUP, OF_CLUSTER, TRANSACTION)
TOPIC_RESOURCE = 2
SECONDS = 10_000


def batch(key: bytes | None = b"k", value: bytes | None = b"v", headers: Headers = ()) -> bytes:
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 10_000_000)
    builder.append(0, int(time.time() * 1000), key, value, list(headers))
    return bytes(builder.build())


async def produce(admin: Any, topic: str, record: bytes | None = None) -> int:
    answer = await admin._send_request(ProduceRequest(None, -1, SECONDS, [(topic, [(0, record or batch())])]))
    return int(answer.topics[0][1][0][1])


async def fetch(admin: Any, topic: str) -> int:
    answer = await admin._send_request(FetchRequest(0, 0, 1_000_000, 0, [(topic, [(0, 0, 1_000)])]))
    return int(answer.topics[0][1][0][1])


async def describe_topic(admin: Any, topic: str) -> int:
    return int((await admin._get_cluster_metadata([topic])).topics[0][0])


async def describe_configs(admin: Any, topic: str) -> int:
    answer = await admin._send_request(DescribeConfigsRequest([(TOPIC_RESOURCE, topic, None)]))
    return int(answer.resources[0][0])


async def alter_configs(admin: Any, topic: str) -> int:
    asked = [(TOPIC_RESOURCE, topic, [("retention.ms", "-1")])]
    return int((await admin._send_request(AlterConfigsRequest(asked, validate_only=True))).resources[0][0])


async def delete_topic(admin: Any, topic: str) -> int:
    return int((await admin._send_request(DeleteTopicsRequest([topic], SECONDS))).topic_error_codes[0][1])


async def delete_records(admin: Any, topic: str) -> int:
    answer = await admin._send_request(DeleteRecordsRequest([(topic, [(0, 0)])], SECONDS))
    return int(answer.topics[0][1][0][2])


async def add_partitions(admin: Any, topic: str) -> int:
    asked = CreatePartitionsRequest([(topic, (24, None))], SECONDS, validate_only=True)
    return int((await admin._send_request(asked)).topic_errors[0][1])


async def describe_group(admin: Any, group: str) -> int:
    return int((await admin._send_request(DescribeGroupsRequest([group]))).groups[0][0])


async def commit(admin: Any, group: str) -> int:
    """Over the topic that everybody of ours may read; for whoever may not, the group is looked at first."""
    asked = OffsetCommitRequest(group, -1, "", -1, [("kpk.members.v1", [(0, 0, "")])])
    return int((await admin._send_request(asked)).topics[0][1][0][1])


async def join(admin: Any, group: str) -> int:
    """With a session time that no broker takes: whoever might join is told so, and nobody waits for the others."""
    asked = JoinGroupRequest(group, 1, 10_000, "", None, "consumer", [("range", b"")])
    return int((await admin._send_request(asked)).error_code)


async def delete_group(admin: Any, group: str) -> int:
    return int((await admin._send_request(DeleteGroupsRequest([group]))).results[0][1])


async def create_topic(admin: Any, _: str) -> int:
    asked = CreateTopicsRequest([("kpk.tomorrow.v1", 1, 1, [], [])], SECONDS, validate_only=True)
    return int((await admin._send_request(asked)).topic_errors[0][1])


async def describe_rights(admin: Any, _: str) -> int:
    return int((await admin._send_request(rights._Describe())).error_code)


async def describe_users(admin: Any, _: str) -> int:
    return int((await admin._send_request(users._Describe())).error_code)


async def give_rights(admin: Any, _: str) -> int:
    """One that is there already."""
    row = Grant("members", "group", "members", "read").row
    return int((await admin._send_request(rights._Create([row]))).creation_responses[0][0])


async def describe_quotas(admin: Any, _: str) -> int:
    return int((await admin._send_request(DescribeClientQuotasRequest([("user", 2, None)], True))).error_code)


async def give_quota(admin: Any, _: str) -> int:
    """None, to a user who is not there."""
    answer = await admin._send_request(
        quotas._Alter([([("user", "nobody-at-all")], [("request_percentage", 0, True)])])
    )
    return int(answer.entries[0][0])


async def give_password(admin: Any, _: str) -> int:
    """Of a user who is not there: it is taken away."""
    answer = await admin._send_request(users._Alter([("nobody-at-all", users.SHA_512, {})], []))
    code = int(answer.results[0][1])
    return 0 if code == users.NOTHING_AT_ALL else code


async def be_idempotent(admin: Any, _: str) -> int:
    return int((await admin._send_request(InitProducerIdRequest(None, SECONDS))).error_code)


async def begin_transaction(admin: Any, name: str) -> int:
    """With a name that somebody else uses it would fence them out."""
    return int((await admin._send_request(InitProducerIdRequest(name, SECONDS))).error_code)


TRIES: Mapping[tuple[str, str], tuple[Try, ...]] = {
    ("topic", "describe"): (describe_topic,),
    ("topic", "read"): (fetch,),
    ("topic", "write"): (produce,),
    ("topic", "describe configs"): (describe_configs,),
    ("topic", "alter configs"): (alter_configs,),
    ("topic", "alter"): (add_partitions,),
    ("topic", "delete"): (delete_records, delete_topic),
    ("group", "describe"): (describe_group,),
    ("group", "read"): (commit, join),
    ("group", "delete"): (delete_group,),
    ("cluster", "create"): (create_topic,),
    ("cluster", "describe"): (describe_rights, describe_users),
    ("cluster", "alter"): (give_rights, give_password),
    ("cluster", "describe configs"): (describe_quotas,),
    ("cluster", "alter configs"): (give_quota,),
    ("cluster", "idempotent write"): (be_idempotent,),
    ("transactional id", "write"): (begin_transaction,),
}

Cell = tuple[str, str, str]
"""Kind and name of a resource, and an operation."""


async def possible(admin: Any, names: Mapping[str, tuple[str, ...]]) -> set[Cell]:
    """Every operation with every resource of ``names`` that at least one try of it was let do."""
    found: set[Cell] = set()
    for (kind, operation), tries in TRIES.items():
        for name in names[kind] if kind != "cluster" else (CLUSTER,):
            codes = [await one(admin, name) for one in tries]
            if any(code not in REFUSED for code in codes):
                found.add((kind, name, operation))
    return found


@asynccontextmanager
async def connected(options: Mapping[str, Any]) -> Any:
    admin = AIOKafkaAdminClient(**options, request_timeout_ms=60_000)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()
