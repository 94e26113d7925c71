"""What is known after a storm: what the clients were told, and what the models hold. The checker reads nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from shared.declarations.service import Service
from tests.storms.world.surroundings import Copy
from tests.storms.world.topic import Stored

Document = dict[str, Any]
Documents = Mapping[Any, Document]


@dataclass(frozen=True, slots=True)
class Line:
    """One attempt of a client. ``info``: its outcome is unknown."""

    kind: Literal["ok", "fail", "info"]
    service: str = ""
    key: str = ""
    asked: float = 0.0
    stream: str = ""
    sequence: int = 0
    events: tuple[str, ...] = ()
    rule: str = ""
    seen: tuple[str, ...] = ()
    """What its caller named."""


@dataclass(frozen=True, slots=True)
class ServiceState:
    """Majority-committed content of one service's database, and what its group says it has read."""

    service: Service
    collections: Mapping[str, Documents]
    committed: Mapping[tuple[str, int], int]
    durable_since: Mapping[str, float]
    """For each commit in the journal, when it became durable."""

    def documents(self, collection: str) -> Documents:
        return self.collections.get(collection, {})


@dataclass(frozen=True, slots=True)
class Evidence:
    """``records`` are whole topics, partition by partition; ``unsettled`` is what still waited at the very end."""

    history: Sequence[Line]
    served: Mapping[str, int]
    """How often each order reached a process: whatever exceeds its answers are attempts with unknown outcome."""
    services: Mapping[str, ServiceState]
    records: Sequence[Stored]
    readable_since: Mapping[tuple[str, int, int], float]
    """By a record's place."""
    copies: Sequence[Copy]
    refused: Sequence[Copy]
    erased_at: Mapping[str, float]
    logs: Sequence[Mapping[str, Any]]
    died: Sequence[str]
    unsettled: Sequence[str]
