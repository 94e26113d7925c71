"""The current state of the stack: each process as the kernel sees it, each service as it reports itself."""

import asyncio
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from deploy.embedded import process
from deploy.embedded.authorities import authorities
from deploy.embedded.data_folder import Refused
from deploy.embedded.state import ProcessRecord, State, Where
from deploy.embedded.token_file import token_in
from deploy.rights.kafka import READER
from shared.runtime.kafka.groups import lags_within
from shared.runtime.operating.limits import LIMITS

ASK_SECONDS, KAFKA_SECONDS = 5.0, 15.0
FULL_BYTES = 50_000_000
"""With less than this, mongod and Kafka stop sooner or later."""


@dataclass(frozen=True, slots=True)
class ProcessHealth:
    name: str
    pid: int
    ports: list[int]
    alive: bool
    uptime_seconds: float
    resident_mb: float


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk of the data folder; bytes."""

    used: int
    free: int

    @property
    def trouble(self) -> str | None:
        """Reported before anything stops because of it."""
        percent = 100.0 * self.used / (self.used + self.free)
        if percent <= LIMITS["disk_used_percent"].above:
            return None
        how = "full" if self.free < FULL_BYTES else "nearly full"
        return f"the disk is {how}: {self.free / 1e6:,.0f} MB are left. Make room, then: kpk up NAME for what is dead"


@dataclass(frozen=True, slots=True)
class Health:
    data: str
    processes: list[ProcessHealth]
    services: dict[str, dict[str, Any]]
    """Each service's answer to `GET /status`, or {"error": …}."""
    disk: Disk | None = None
    """None if the servers are not on this machine."""
    subscribers: dict[str, int] | None = None
    """The unread records of each group of another system; None if Kafka does not answer."""

    @property
    def troubles(self) -> list[str]:
        full = [self.disk.trouble] if self.disk and self.disk.trouble else []
        dead = [f"{each.name} is dead" for each in self.processes if not each.alive]
        return full + dead + [trouble for name, told in self.services.items() for trouble in troubles_of(name, told)]

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "troubles": self.troubles}


def troubles_of(name: str, told: dict[str, Any]) -> list[str]:
    if "error" in told:
        return [f"{name}: {told['error']}"]
    found = [] if told.get("ready") else [f"{name} is not ready"]
    found += [f"{name}: {reason}" for reason in told.get("degraded", [])]
    parked = told.get("parked", 0)
    return [*found, f"{name}: {parked} parked (kpk parked list)"] if parked else found


async def health_of(where: Where, name: str = "") -> Health:
    """Processes and disk are shown only for the embedded stack, which is on this machine. ``name`` is for another
    installation.
    """
    subscribers, *told = await asyncio.gather(lag_of_subscribers(where), *(ask(where, one) for one in where.services))
    services = dict(zip(where.services, told, strict=True))
    if not isinstance(where, State):
        return Health(name, [], services, subscribers=subscribers)
    processes = [health_of_process(row) for row in where.processes]
    return Health(where.data, processes, services, disk_of(Path(where.data)), subscribers)


async def lag_of_subscribers(where: Where) -> dict[str, int] | None:
    """Services report it themselves if Kafka is away. An installation without Kafka's address is no trouble."""
    try:
        return await lags_within(KAFKA_SECONDS, where.kafka, READER)
    except Refused:
        return None


def disk_of(folder: Path) -> Disk:
    usage = shutil.disk_usage(folder)
    return Disk(usage.used, usage.free)


def health_of_process(row: ProcessRecord) -> ProcessHealth:
    alive = row.is_alive
    age = process.uptime(row.identity) if alive else 0.0
    resident = process.resident_bytes(row.identity) / 1e6
    return ProcessHealth(row.name, row.pid, row.ports, alive, round(age, 1), round(resident, 1))


async def ask(where: Where, service: str) -> dict[str, Any]:
    token = token_in(Path(where.tokens_file), "monitor", "admin", "office")
    async with httpx.AsyncClient(trust_env=False, timeout=ASK_SECONDS, verify=authorities()) as client:
        try:
            answer = await client.get(f"{where.services[service]}/status", headers={"Authorization": f"Bearer {token}"})
            answer.raise_for_status()
            told: dict[str, Any] = answer.json()
        except httpx.HTTPStatusError as refusal:
            return {"error": f"GET /status answers {refusal.response.status_code}"}
        except (httpx.TransportError, ValueError) as failure:
            return {"error": f"GET /status fails: {type(failure).__name__}"}
    return told
