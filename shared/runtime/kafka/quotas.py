"""A broker's quotas per user and second: read, set and removed (KIP-546).

aiokafka has the request to read them, but not the one to change them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import NoError, for_code
from aiokafka.protocol.admin import DescribeClientQuotasRequest
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Float64, Int16, Int32, Schema, String

from shared.runtime.kafka.topics import BrokerRefuses

USER, ANYBODY = "user", 2
"""The kind of an entity, and of a match: users with quotas of their own."""

Quota = Mapping[str, float]
"""By the broker's names: ``consumer_byte_rate`` in bytes a second, ``request_percentage`` of one of its threads."""
NONE: Quota = {}

_ENTITY = Array(("entity_type", String("utf-8")), ("entity_name", String("utf-8")))


class _AlterAnswer(Response):  # type: ignore[misc]  # aiokafka has no types
    API_KEY, API_VERSION = 49, 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("entries", Array(("error_code", Int16), ("error_message", String("utf-8")), ("entity", _ENTITY))),
    )


class _AlterStruct(RequestStruct):  # type: ignore[misc]
    API_KEY, API_VERSION = 49, 0
    RESPONSE_TYPE = _AlterAnswer
    SCHEMA = Schema(
        (
            "entries",
            Array(
                ("entity", _ENTITY),
                ("ops", Array(("key", String("utf-8")), ("value", Float64), ("remove", Boolean))),
            ),
        ),
        ("validate_only", Boolean),
    )


class _Alter(Request[_AlterStruct]):  # type: ignore[misc]
    API_KEY = 49

    def __init__(self, changes: list[tuple[Any, ...]]) -> None:
        self._changes = changes

    def build(self, request: Any) -> Any:
        return request(self._changes, False)


async def quotas(admin: AIOKafkaAdminClient) -> dict[str, dict[str, float]]:
    """The quotas of each user who has one. Raises ``BrokerRefuses``."""
    answer = await admin._send_request(DescribeClientQuotasRequest([(USER, ANYBODY, None)], True))
    _must_be_done("told", answer.error_code)
    return {entity[0][1]: dict(values) for entity, values in answer.entries or ()}


async def set_quotas(admin: AIOKafkaAdminClient, wanted: Mapping[str, Quota]) -> None:
    """Gives each of these users exactly these quotas; an empty one is none. Raises ``BrokerRefuses``."""
    there = await quotas(admin)
    changes = [(user, _changes(there.get(user, {}), quota)) for user, quota in wanted.items()]
    if asked := [([(USER, user)], rows) for user, rows in changes if rows]:
        answer = await admin._send_request(_Alter(asked))
        _must_be_done("changed", *(code for code, *_ in answer.entries))


def _changes(there: Quota, quota: Quota) -> list[tuple[str, float, bool]]:
    gone = [(key, 0.0, True) for key in there if key not in quota]
    return [*gone, *((key, value, False) for key, value in quota.items() if there.get(key) != value)]


def _must_be_done(what: str, *codes: int) -> None:
    for code in codes:
        if (refusal := for_code(code)) is not NoError:
            raise BrokerRefuses(f"quotas are not {what}: {refusal.__name__}")
