"""A fault: what is done to a running installation, and what the checker is to make of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from deploy.embedded.program import Program
from shared.runtime.kafka.access import KafkaAccess
from tests.campaign.site import Site

__all__ = ["Allows", "Fault", "Site", "World"]


class World(Protocol):
    """The servers under our services. ``access`` and ``mongo_uri`` are the true ways, whatever lies between,
    and whoever takes them may do everything.
    """

    servers: Mapping[str, Program]
    """By the name a fault uses: kafka, kafka-2, mongod, mail …; `site.kill(name)` knows them."""

    replication: int
    """On how many brokers each partition of our topics is to lie."""

    @property
    def access(self) -> KafkaAccess: ...
    @property
    def at(self) -> Mapping[str, str]:
        """``access``, as the other client library is told it."""
        ...

    @property
    def mongo_uri(self) -> str: ...
    @property
    def mailbox(self) -> Path:
        """The folder in which the sink keeps the mails that it accepted, one .eml each."""
        ...

    def settings(self, service: str) -> Mapping[str, str]:
        """KPK_MONGO_*, KPK_KAFKA_*, KPK_SMTP_*, KPK_MAIL_FROM as this service is to be told them."""
        ...

    async def start(self) -> None:
        """Returns when all servers answer (topics and services are not its business)."""
        ...

    async def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Allows:
    """What this fault excuses. Nothing, nearly always."""

    excused: Mapping[str, str] = field(default_factory=dict)
    """Invariant (``"I10"``) → why it cannot hold under this fault; shown in the report."""
    caught: frozenset[str] = frozenset()
    """A negative control: these invariants *must* be reported as broken, else the checker is blind."""


@dataclass(frozen=True, slots=True)
class Fault:
    """``inject`` returns when the fault is healed and every process is back; it raises when something it expects of
    the installation itself (a refusal to start, an alarm, an end within a deadline) does not come true.

    The load runs before, during and after. ``name`` is the catalogue's ("K2"), with a word behind it where it has
    variants ("P8-members").
    """

    name: str
    sentence: str
    group: str
    inject: Callable[[Site], Awaitable[None]]
    allows: Allows = Allows()
    short: bool = False
    """Also part of the short form, where all such faults hit one stack under one load, one after the other."""
    world: Callable[[Path], World] | None = None
    """Makes the servers in a folder; None is the single-node world. Faults of one world share one stack."""
    alone: bool = False
    """Leaves something behind that others would stumble over: gets a stack of its own."""
