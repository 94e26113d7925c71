"""One of our services as a process of the stack; it is ready when it reports so itself."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.embedded.authorities import authorities
from deploy.embedded.ports import free_port
from deploy.embedded.program import Program
from shared.contracts import topics


@dataclass(frozen=True, slots=True)
class ServiceDescription:
    name: str
    command: Sequence[str] = ()
    """How it is started; by default `python -m services.<name> all`."""
    settings: Mapping[str, str] = field(default_factory=dict)
    sends_mail: bool = False
    calls_others: bool = False
    """It gets the addresses of the other services."""
    has_links: bool = False
    """It makes or takes personal links."""


SERVICES = tuple(
    ServiceDescription(
        name,
        sends_mail=name == "notifications",
        calls_others=name == "office",
        has_links=name in ("meetings", "notifications"),
    )
    for name in topics.SERVICES
)


class Service(Program):
    def __init__(
        self, description: ServiceDescription, settings: Mapping[str, str], log: Path, port: int | None = None
    ) -> None:
        self.name = description.name
        self.description = description
        self.settings = {**settings, **description.settings}
        self.port = port or free_port()
        super().__init__(log, [self.port])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> Sequence[str | Path]:
        return self.description.command or [sys.executable, "-m", f"services.{self.name}", "all"]

    def environment(self) -> Mapping[str, str]:
        """Complete: no KPK_ setting of the caller's shell is taken over by chance."""
        general = {name: value for name, value in os.environ.items() if not name.startswith("KPK_")}
        own = {"KPK_HTTP_HOST": "127.0.0.1", "KPK_HTTP_PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        return {**general, **self.settings, **own}

    async def is_ready(self) -> bool:
        async with httpx.AsyncClient(trust_env=False, timeout=5, verify=authorities()) as client:
            try:
                return (await client.get(f"{self.url}/health/ready")).is_success
            except httpx.TransportError:
                return False
