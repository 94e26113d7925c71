"""A broker's users and their passwords (SCRAM-SHA-512, RFC 5802): listed, set and removed.

aiokafka does not support these two requests; KIP-554 describes them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import NoError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    CompactArray,
    CompactBytes,
    CompactString,
    Int8,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

from shared.runtime.kafka.topics import BrokerRefuses

SHA_512 = 2
ITERATIONS = 4096
"""Kafka's minimum. More would only slow down guessing of short passwords; ours have 32 random bytes."""

NO_TAGS: dict[int, bytes] = {}
NOTHING_AT_ALL = 91
"""RESOURCE_NOT_FOUND: the user has no password."""


class _AlterAnswer(Response):  # type: ignore[misc]  # aiokafka has no types
    API_KEY, API_VERSION = 51, 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _AlterStruct(RequestStruct):  # type: ignore[misc]
    API_KEY, API_VERSION, FLEXIBLE_VERSION = 51, 0, True
    RESPONSE_TYPE = _AlterAnswer
    SCHEMA = Schema(
        (
            "deletions",
            CompactArray(("name", CompactString("utf-8")), ("mechanism", Int8), ("tags", TaggedFields)),
        ),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _Alter(Request[_AlterStruct]):  # type: ignore[misc]
    API_KEY = 51

    def __init__(self, deletions: list[tuple[Any, ...]], upsertions: list[tuple[Any, ...]]) -> None:
        self._deletions, self._upsertions = deletions, upsertions

    def build(self, request: Any) -> Any:
        return request(self._deletions, self._upsertions, NO_TAGS)


class _DescribeAnswer(Response):  # type: ignore[misc]
    API_KEY, API_VERSION = 50, 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        ("error_message", CompactString("utf-8")),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                (
                    "credentials",
                    CompactArray(("mechanism", Int8), ("iterations", Int32), ("tags", TaggedFields)),
                ),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _DescribeStruct(RequestStruct):  # type: ignore[misc]
    API_KEY, API_VERSION, FLEXIBLE_VERSION = 50, 0, True
    RESPONSE_TYPE = _DescribeAnswer
    SCHEMA = Schema(
        ("users", CompactArray(("name", CompactString("utf-8")), ("tags", TaggedFields))), ("tags", TaggedFields)
    )


class _Describe(Request[_DescribeStruct]):  # type: ignore[misc]
    API_KEY = 50

    def build(self, request: Any) -> Any:
        """Empty means everybody, like null; but Kafka 4.3.1 crashes on null where it should refuse."""
        return request([], NO_TAGS)


async def users(admin: AIOKafkaAdminClient) -> set[str]:
    """Everybody with a password. Raises ``BrokerRefuses``."""
    answer = await admin._send_request(_Describe())
    _must_be_done(answer.error_code)
    return {user for user, *_ in answer.results}


async def set_passwords(admin: AIOKafkaAdminClient, passwords: Mapping[str, str]) -> None:
    """For existing and new users; existing connections stay until their session is checked again."""
    await _alter(admin, [], [(user, *_salted(password)) for user, password in passwords.items()])


async def remove_users(admin: AIOKafkaAdminClient, gone: Collection[str]) -> None:
    """A missing user is no error. Raises ``BrokerRefuses``."""
    await _alter(admin, [(user, SHA_512, NO_TAGS) for user in gone], [])


async def _alter(
    admin: AIOKafkaAdminClient, deletions: list[tuple[Any, ...]], upsertions: list[tuple[Any, ...]]
) -> None:
    answer = await admin._send_request(_Alter(deletions, upsertions))
    _must_be_done(*(code for _, code, *_ in answer.results if code != NOTHING_AT_ALL))


def _salted(password: str) -> tuple[Any, ...]:
    """``Hi(password, salt, i)`` of RFC 5802; the broker never sees the password."""
    salt = os.urandom(32)
    salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    return SHA_512, ITERATIONS, salt, salted, NO_TAGS


def _must_be_done(*codes: int) -> None:
    for code in codes:
        if (refusal := for_code(code)) is not NoError:
            raise BrokerRefuses(f"users are not changed: {refusal.__name__}")
