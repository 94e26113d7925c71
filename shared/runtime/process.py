"""One process of a service: its HTTP edge, its worker's loops, or both, from start to an orderly end.

It starts, answers and accepts commands while Kafka is down; it is not ready while its database is. A loop that dies
takes the process with it, so that a supervisor sees it.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog
import uvicorn
from aiokafka.errors import KafkaError
from fastapi import APIRouter, FastAPI

from shared.contracts.topics import TOPICS
from shared.runtime import kafka_admin
from shared.runtime.admin import clock_router, histories_router, parked_router, streams_router
from shared.runtime.health import Health
from shared.runtime.http import new_app
from shared.runtime.mongo import MongoUnavailable
from shared.runtime.parts import Parts
from shared.runtime.settings import Role
from shared.runtime.vitals import Extra, watch

log = structlog.get_logger()

RETRY_SECONDS = 1.0
END_WITHIN = 8.0

Loop = Callable[[], Coroutine[Any, Any, None]]


class TopicsDiffer(Exception):
    """A topic has another partition count or cleanup policy than declared: working on it would break promises."""


class Process:
    """``prepare`` and ``loops`` are what this service has beside the parts that all services have."""

    def __init__(
        self,
        parts: Parts,
        role: Role,
        router: APIRouter,
        prepare: Sequence[Callable[[], Awaitable[None]]] = (),
        loops: Sequence[Loop] = (),
        extra: Extra | None = None,
    ) -> None:
        self._parts = parts
        self._role = role
        self._prepare = (parts.prepare, *prepare)
        ours = (parts.lineage.run, self._consume, parts.relay.run, parts.deadlines.run, lambda: watch(parts, extra))
        self._loops: Sequence[Loop] = (*ours, *loops) if role != "api" else ()
        self._health = Health(parts, role, extra)
        self.app = self._app(router)

    def _app(self, router: APIRouter) -> FastAPI:
        app = new_app(self._parts.service, self._parts.callers)
        app.include_router(self._health.router())
        app.include_router(clock_router(self._parts))
        if self._role != "worker":
            app.include_router(streams_router(self._parts))
            app.include_router(router)
        if self._role != "api":
            app.include_router(parked_router(self._parts))
            app.include_router(histories_router(self._parts))
        return app

    async def run(self) -> None:
        """Until SIGTERM or SIGINT; ends within ``END_WITHIN`` of it, whatever is away. Raises what a loop died of."""
        settings = self._parts.settings
        server = _Server(
            uvicorn.Config(
                self.app,
                host=settings.http_host,
                port=settings.http_port,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=2,
                server_header=False,
            )
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, server.handle_exit, number, None)
        work = asyncio.create_task(self._work())
        work.add_done_callback(lambda _: setattr(server, "should_exit", True))
        try:
            await server.serve()
        finally:
            died = work.done()
            work.cancel()
            leaving = asyncio.create_task(self._parts.leave_kafka())
            await asyncio.wait({work, leaving}, timeout=END_WITHIN)
            self._parts.session.close()
        if died:
            await work

    async def _work(self) -> None:
        await self._until_prepared()
        async with asyncio.TaskGroup() as group:
            for loop in self._loops:
                group.create_task(loop())
            await asyncio.Event().wait()

    async def _until_prepared(self) -> None:
        while not self._health.prepared:
            try:
                for step in self._prepare:
                    await step()
                self._health.prepared = True
            except MongoUnavailable as error:
                log.warning("database is unreachable", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
        log.info("prepared", role=self._role)

    async def _consume(self) -> None:
        await self._until_topics_are_right()
        await self._parts.consumer.run()

    async def _until_topics_are_right(self) -> None:
        mine = [topic for topic in TOPICS if topic.name in self._parts.declaration.subscribes]
        while True:
            try:
                found = await kafka_admin.differences(self._parts.settings.kafka_bootstrap, mine)
            except KafkaError:
                found = None
            if found is not None:
                if fatal := [str(one) for one in found if one.fatal]:
                    raise TopicsDiffer("; ".join(fatal))
                if not [one for one in found if one.is_ is None]:
                    return
            log.warning("topics are not there yet", retry_seconds=RETRY_SECONDS)
            await asyncio.sleep(RETRY_SECONDS)


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Not here: uvicorn raises a signal again when it has served, and we would die before anything is closed."""
        yield
