"""Starts a process from the command line and returns its exit status."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TypeVar, get_args

import structlog
import uvloop
from pydantic import ValidationError

from shared.declarations.service import Service
from shared.kernel.annotations import classes_in
from shared.runtime.access import WrongAccess
from shared.runtime.delivery.asyncapi import specification
from shared.runtime.delivery.subscription import Subscribers
from shared.runtime.http.server import Server
from shared.runtime.kafka import broken_connections, header_names, sessions
from shared.runtime.kafka.right_topics import TopicsDiffer
from shared.runtime.observing.logs import configure
from shared.runtime.process import Process
from shared.runtime.settings import Role, ServiceSettings

S = TypeVar("S", bound=ServiceSettings)

WRONG_USE, WRONG_WORLD = 2, 1
END_WITHIN = 8.0


def start(
    service: Service,
    build: Callable[[S, Role], Process],
    subscribers: Subscribers,
    words: Sequence[str],
) -> int:
    """0 after an orderly end; otherwise one log line gives the reason, without values of settings.

    ``asyncapi`` instead of a role prints what the service hears and says, and runs nothing.
    """
    role = words[0] if words else "all"
    if role == "asyncapi":
        sys.stdout.write(specification(service, subscribers))
        return 0
    speak(service)
    if role not in get_args(Role):
        structlog.get_logger().error("role must be api, worker or all")
        return WRONG_USE
    try:
        settings = settings_of(build)()
    except ValidationError as error:
        fields = ["_".join(map(str, fault["loc"])) for fault in error.errors(include_input=False)]
        structlog.get_logger().error("settings are missing or wrong", settings=[f"KPK_{one.upper()}" for one in fields])
        return WRONG_USE
    configure(service.name, settings.log_format, settings.log_level)
    collect_rarely()
    broken_connections.survive()
    header_names.read_any()
    sessions.renew()
    return uvloop.run(_run(build, settings, role))  # type: ignore[arg-type]


def speak(service: Service) -> None:
    """Sets the log's format first, before the settings are checked, so that every error has this format."""
    asked = os.environ.get("KPK_LOG_FORMAT", "").lower()
    configure(service.name, "console" if asked == "console" else "json", "info")
    sys.excepthook = _died
    logging.captureWarnings(capture=True)


def _died(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
    structlog.get_logger().critical("died", exc_info=error)


def settings_of(build: Callable[[S, Role], Process]) -> type[S]:
    """A service's settings are named once: in the annotation of its ``build``."""
    [settings] = classes_in(build, "settings")
    return settings


def collect_rarely() -> None:
    """Imported modules stay, and batches leave no cycles: searching for some took a tenth of the time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


async def _run(build: Callable[[S, Role], Process], settings: S, role: Role) -> int:
    log, status = structlog.get_logger(), 0
    try:
        await run(build(settings, role))
    except* WrongAccess as wrong:
        log.error("settings are missing or wrong", reason=str(wrong.exceptions[0]))
        status = WRONG_USE
    except* TopicsDiffer as differ:
        log.critical("topics differ from their declaration", differences=str(differ.exceptions[0]))
        status = WRONG_WORLD
    except* (OSError, ValidationError) as fault:
        log.critical("cannot start", error=type(fault.exceptions[0]).__name__)
        status = WRONG_WORLD
    except* Exception as died:
        for error in died.exceptions:
            log.critical("died", exc_info=error)
        status = WRONG_WORLD
    log.info("ended", status=status)
    return status


async def run(process: Process) -> None:
    """Until SIGTERM or SIGINT; ends within ``END_WITHIN`` of it, whatever is away. Raises the error of a loop."""
    server = Server(process.app, process.settings.http_host, process.settings.http_port)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, server.handle_exit, number, None)
    work = asyncio.create_task(process.work())
    work.add_done_callback(lambda _: setattr(server, "should_exit", True))
    try:
        await server.serve()
    finally:
        died = work.done()
        work.cancel()
        leaving = asyncio.create_task(process.leave_kafka())
        await asyncio.wait({work, leaving}, timeout=END_WITHIN)
        await process.session.close()
    if died:
        await work
