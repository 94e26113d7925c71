"""Logs: one JSON line for each thing that happened, ids and types but never payloads or personal data.

On a terminal the same lines are set for people.
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Literal

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

QUIET = {
    "aiokafka": logging.CRITICAL,  # ten lines a second while a broker is away; that it is, we say ourselves, once
    "faststream": logging.WARNING,
    "uvicorn": logging.WARNING,
    "httpx": logging.WARNING,
}
LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure(service: str, style: Literal["json", "console"], level: str) -> None:
    """Once, at start. Lines of the libraries take the same form, their chatter is left out."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _naming(service),
    ]
    rendering: Processor = (
        structlog.dev.ConsoleRenderer() if style == "console" else structlog.processors.JSONRenderer(_json)
    )
    structlog.configure(
        processors=[*shared, without_values, rendering],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    _take_over_stdlib(shared, rendering, LEVELS[level])


def _naming(service: str) -> Processor:
    def name(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
        return {"service": service, **line}

    return name


def without_values(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """An error's text may quote what somebody typed: its type has to do, and the way to where it arose."""
    given = line.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    if isinstance(error, BaseException):
        way = traceback.extract_tb(error.__traceback__)
        line["error"] = type(error).__name__
        line["way"] = [f"{step.filename}:{step.lineno} {step.name}" for step in way]
    return line


def _json(line: object, **options: object) -> str:
    return orjson.dumps(line, default=str).decode()


def _take_over_stdlib(shared: list[Processor], rendering: Processor, level: int) -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, without_values, rendering],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name, quiet in QUIET.items():
        logging.getLogger(name).setLevel(max(level, quiet))
