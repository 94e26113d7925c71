"""The id of a topic: a broker gives each topic a new id, so a recreated topic can be recognised (KIP-516).

aiokafka does not support this version of the request.
"""

from __future__ import annotations

from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import NoError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Int64, Schema, TaggedFields

from shared.runtime.kafka.topics import BrokerRefuses

NO_TAGS: dict[int, bytes] = {}
UUID = (("id_high", Int64), ("id_low", Int64))
TAGS = ("tags", TaggedFields)


class _Answer(Response):  # type: ignore[misc]  # aiokafka has no types
    API_KEY, API_VERSION = 3, 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32), ("host", CompactString()), ("port", Int32), ("rack", CompactString()), TAGS
            ),
        ),
        ("cluster_id", CompactString()),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", CompactString()),
                *UUID,
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline", CompactArray(Int32)),
                        TAGS,
                    ),
                ),
                ("authorized_operations", Int32),
                TAGS,
            ),
        ),
        TAGS,
    )


class _Struct(RequestStruct):  # type: ignore[misc]
    API_KEY, API_VERSION, FLEXIBLE_VERSION = 3, 12, True
    RESPONSE_TYPE = _Answer
    SCHEMA = Schema(
        ("topics", CompactArray(*UUID, ("name", CompactString()), TAGS)),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        TAGS,
    )


class _Metadata(Request[_Struct]):  # type: ignore[misc]
    API_KEY = 3

    def __init__(self, topic: str) -> None:
        self._topic = topic

    def build(self, request: Any) -> Any:
        return request([(0, 0, self._topic, NO_TAGS)], False, False, NO_TAGS)


async def topic_id(client: AIOKafkaClient, topic: str) -> str:
    """32 hexadecimal digits. Raises ``BrokerRefuses`` if the topic does not exist, or not for this user."""
    answer = await client.send(client.get_random_node(), _Metadata(topic))
    [(code, _, high, low, *_)] = answer.topics
    if (refusal := for_code(code)) is not NoError:
        raise BrokerRefuses(f"topic {topic} is not told: {refusal.__name__}")
    return f"{high % 2**64:016x}{low % 2**64:016x}"
