"""From the command line to a running process, and from its end to an exit status."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from typing import TypeVar, get_args

import structlog
import uvloop
from pydantic import ValidationError

from shared.runtime import broken_lines
from shared.runtime.logs import configure
from shared.runtime.process import Process, TopicsDiffer
from shared.runtime.settings import Role, ServiceSettings

S = TypeVar("S", bound=ServiceSettings)

WRONG_USE, WRONG_WORLD = 2, 1


def start(service: str, settings_of: type[S], build: Callable[[S, Role], Process], words: Sequence[str]) -> int:
    """0 after an orderly end; otherwise the reason is one log line, without values of settings."""
    role = words[0] if words else "all"
    if role not in get_args(Role):
        structlog.get_logger().error("role must be api, worker or all")
        return WRONG_USE
    try:
        settings = settings_of()
    except ValidationError as error:
        fields = [".".join(map(str, fault["loc"])) for fault in error.errors(include_input=False)]
        structlog.get_logger().error("settings are missing or wrong", settings=[f"KPK_{one.upper()}" for one in fields])
        return WRONG_USE
    configure(service, settings.log_format, settings.log_level)
    collect_rarely()
    broken_lines.are_survived()
    return uvloop.run(_run(build, settings, role))  # type: ignore[arg-type]


def collect_rarely() -> None:
    """What was imported stays, and batches leave no cycles behind: searching them for some took a tenth of the time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


async def _run(build: Callable[[S, Role], Process], settings: S, role: Role) -> int:
    log, status = structlog.get_logger(), 0
    try:
        await build(settings, role).run()
    except* TopicsDiffer as differ:
        log.critical("topics differ from their declaration", differences=str(differ.exceptions[0]))
        status = WRONG_WORLD
    except* (OSError, ValidationError) as fault:
        log.critical("can not start", error=type(fault.exceptions[0]).__name__)
        status = WRONG_WORLD
    except* Exception as died:
        for error in died.exceptions:
            log.critical("died", exc_info=error)
        status = WRONG_WORLD
    log.info("ended", status=status)
    return status
