"""A broker's access control lists, read and changed.

aiokafka has the requests (``aiokafka.protocol.admin``), but no method for several rows at once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import NoError, for_code
from aiokafka.protocol.admin import CreateAclsRequest_v1, DeleteAclsRequest_v1, DescribeAclsRequest_v1
from aiokafka.protocol.api import Request

from shared.runtime.kafka.topics import BrokerRefuses

# Numbers of the protocol: org.apache.kafka.common.resource.ResourceType, PatternType, acl.AclOperation.
KINDS = {"topic": 2, "group": 3, "cluster": 4, "transactional id": 5, "delegation token": 6, "user": 7}
PATTERNS = {"literal": 3, "prefixed": 4}
OPERATIONS = {
    "all": 2,
    "read": 3,
    "write": 4,
    "create": 5,
    "delete": 6,
    "alter": 7,
    "describe": 8,
    "cluster action": 9,
    "describe configs": 10,
    "alter configs": 11,
    "idempotent write": 12,
}
ANY, ALLOW, ANYWHERE = 1, 3, "*"
CLUSTER = "kafka-cluster"
"""Kafka's only name for the cluster as a whole."""


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A principal may do one operation with one resource, from any address. ``read`` and ``write`` include describe."""

    principal: str
    kind: str
    name: str
    operation: str
    pattern: str = "literal"
    permission: int = ALLOW
    host: str = ANYWHERE

    def __str__(self) -> str:
        name = f"{self.name}…" if self.pattern == "prefixed" else self.name
        forbids = "" if self.permission == ALLOW else "must not "
        return f"{self.principal}: {forbids}{self.operation} {self.kind} {name}"

    @property
    def row(self) -> tuple[Any, ...]:
        resource = (KINDS[self.kind], self.name, PATTERNS[self.pattern])
        return (*resource, f"User:{self.principal}", self.host, OPERATIONS[self.operation], self.permission)


class _Create(Request[CreateAclsRequest_v1]):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = CreateAclsRequest_v1.API_KEY

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self._rows = rows

    def build(self, request: Any) -> Any:
        return request(self._rows)


class _Delete(Request[DeleteAclsRequest_v1]):  # type: ignore[misc]
    API_KEY = DeleteAclsRequest_v1.API_KEY

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self._rows = rows

    def build(self, request: Any) -> Any:
        return request(self._rows)


class _Describe(Request[DescribeAclsRequest_v1]):  # type: ignore[misc]
    API_KEY = DescribeAclsRequest_v1.API_KEY

    def build(self, request: Any) -> Any:
        return request(ANY, None, ANY, None, None, ANY, ANY)


async def grants(admin: AIOKafkaAdminClient) -> set[Grant]:
    """All rows of the broker, for all principals. Raises ``BrokerRefuses``."""
    answer = await admin._send_request(_Describe())
    _must_be_done(answer.error_code)
    return {_grant(kind, name, pattern, *row) for kind, name, pattern, rows in answer.resources for row in rows}


async def change(admin: AIOKafkaAdminClient, add: Collection[Grant], remove: Collection[Grant]) -> None:
    """Adds before it removes, so that no right is missing in between. Raises ``BrokerRefuses``."""
    if add:
        answer = await admin._send_request(_Create([one.row for one in sorted(add)]))
        _must_be_done(*(code for code, _ in answer.creation_responses))
    if remove:
        answer = await admin._send_request(_Delete([one.row for one in sorted(remove)]))
        _must_be_done(*(code for code, *_ in answer.filter_responses))


def _grant(kind: int, name: str, pattern: int, principal: str, host: str, operation: int, permission: int) -> Grant:
    return Grant(
        principal.removeprefix("User:"),
        _called(KINDS, kind),
        name,
        _called(OPERATIONS, operation),
        _called(PATTERNS, pattern),
        permission,
        host,
    )


def _called(names: dict[str, int], number: int) -> str:
    return next(name for name, known in names.items() if known == number)


def _must_be_done(*codes: int) -> None:
    """A refusal comes as a code in the answer, not as an error."""
    for code in codes:
        if (refusal := for_code(code)) is not NoError:
            raise BrokerRefuses(f"rights are not changed: {refusal.__name__}")
