"""What a fault may use: the processes by name, the load, the history, and patience."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, overload

import httpx

from deploy.embedded import process
from deploy.embedded.program import Program
from deploy.embedded.service import Service
from tests.campaign.drain import Clocks
from tests.campaign.history import History
from tests.campaign.load.workers import Load
from tests.campaign.subscriber import Subscriber
from tests.kit.eventually import eventually

if TYPE_CHECKING:
    from tests.campaign.fault import World
    from tests.campaign.installation import Installation

T = TypeVar("T")

BACK_WITHIN = 60.0


@dataclass
class Site:
    """One stack under load. Processes are ``members meetings funding notifications`` and the world's servers."""

    installation: Installation
    load: Load
    history: History
    clocks: Clocks
    outsider: Subscriber
    random: random.Random
    """Seeded: a run's dice can be thrown again."""
    seconds: dict[str, Service] = field(default_factory=dict)
    """Second processes of services, while there are any; ``members-2`` is a process name too."""

    @property
    def world(self) -> World:
        return self.installation.world

    @property
    def services(self) -> dict[str, Service]:
        return self.installation.services

    @property
    def urls(self) -> list[str]:
        return [service.url for service in [*self.services.values(), *self.seconds.values()]]

    def program(self, name: str) -> Program:
        return self.services.get(name) or self.seconds.get(name) or self.world.servers[name]

    async def kill(self, name: str) -> None:
        """SIGKILL; returns when the process is gone."""
        await self.program(name).kill()

    def pause(self, name: str) -> None:
        self._signal(name, signal.SIGSTOP)

    def resume(self, name: str) -> None:
        self._signal(name, signal.SIGCONT)

    async def terminate(self, name: str, within: float) -> float:
        """SIGTERM; how many seconds it took to end. Fails when it took longer than ``within``."""
        who, began = self.program(name).identity, time.monotonic()
        assert who, f"{name} does not run"
        process.send(who, signal.SIGTERM)
        assert await process.gone(who, within), f"{name} has not ended {within:g} s after SIGTERM"
        return time.monotonic() - began

    async def start(self, name: str) -> None:
        """Returns when it answers: as it was started before, on the same folder and port."""
        await self.program(name).start()

    async def restart(self, name: str) -> None:
        """SIGTERM, then start."""
        await self.program(name).stop()
        await self.start(name)

    @contextmanager
    def told(self, service: str, **settings: str) -> Iterator[None]:
        """Within, each start of the service has these environment variables over its own."""
        program = self.services[service]
        before = program.settings
        program.settings = {**before, **settings}
        try:
            yield
        finally:
            program.settings = before

    @asynccontextmanager
    async def second(self, name: str) -> AsyncIterator[Service]:
        """Another process of the same service beside the first; some of the load goes to it."""
        twin = self.installation.service(self.services[name].description, f"{name}-2")
        self.seconds[f"{name}-2"] = twin
        try:
            await twin.start()
            async with self.load.also_at({name: twin.url}):
                yield twin
        finally:
            await twin.stop()
            del self.seconds[f"{name}-2"]

    async def ask(self, service: str, method: str, path: str, body: object = None, by: str = "admin") -> dict[str, Any]:
        """An operator's request; raises ``httpx.HTTPStatusError`` when it is refused."""
        headers = {"Authorization": f"Bearer {self.installation.tokens[by]}"}
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            answer = await client.request(method, f"{self.services[service].url}{path}", json=body, headers=headers)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    @overload
    async def until(self, check: Callable[[], Awaitable[T]], what: str, within: float = BACK_WITHIN) -> T: ...
    @overload
    async def until(self, check: Callable[[], T], what: str, within: float = BACK_WITHIN) -> T: ...
    async def until(self, check: Callable[[], Any], what: str, within: float = BACK_WITHIN) -> Any:
        """The first true answer of ``check``, which is asked again and again."""
        return await eventually(check, what, within)

    async def accepted(self, number: int, within: float = BACK_WITHIN) -> None:
        """Until so many further commands have been accepted: life goes on."""
        goal = self.load.accepted + number
        await eventually(lambda: self.load.accepted >= goal, f"{number} further commands are accepted", within)

    async def last(self, seconds: float) -> None:
        """The state that the fault has made lasts this long."""
        await asyncio.sleep(seconds)

    def note(self, fault: str, state: str, **facts: object) -> None:
        """``state`` is on, off, or a word for something in between."""
        self.history.write("fault", id=fault, state=state, **facts)

    def _signal(self, name: str, number: signal.Signals) -> None:
        who = self.program(name).identity
        assert who and process.send(who, number), f"{name} does not run"
