"""The services that decide, on a world of servers, without a supervisor: whoever ends one starts it again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.embedded.service import SERVICES, Service, ServiceDescription
from deploy.embedded.stack import all_or_first_failure
from deploy.embedded.tokens import callers_file, make_tokens, read_tokens
from shared.runtime.kafka.topics import apply_topics
from tests.campaign.fault import World


class Installation:
    """``services`` by name. The clock is settable, so that nobody waits ten minutes for an attempt to end."""

    def __init__(self, folder: Path, world: World) -> None:
        self.folder = folder
        self.world = world
        make_tokens(folder)
        self.tokens = read_tokens(folder)
        own = [description for description in SERVICES if not description.calls_others]
        self.services = {description.name: self.service(description, description.name) for description in own}

    def service(self, description: ServiceDescription, name: str) -> Service:
        """``name`` is that of this process: a service may have two."""
        settings = {
            **self.world.settings(description.name),
            "KPK_CALLERS_FILE": str(callers_file(self.folder)),
            "KPK_CLOCK": "settable",
            "KPK_LOG_FORMAT": "json",
            "KPK_LOG_LEVEL": "info",
        }
        return Service(description, settings, self.folder / "logs" / f"{name}.log")

    async def start(self) -> None:
        await self.world.start()
        await apply_topics(self.world.access, replication=self.world.replication)
        await all_or_first_failure(service.start() for service in self.services.values())

    async def stop(self) -> None:
        for service in self.services.values():
            await service.stop()
        await self.world.stop()


@asynccontextmanager
async def running(installation: Installation) -> AsyncIterator[Installation]:
    try:
        await installation.start()
        yield installation
    finally:
        await installation.stop()
