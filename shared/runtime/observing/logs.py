"""Logs: one line per event of operation, with ids and types but never payloads or personal data.

Every line, as JSON or for people, has this order: time, level, service, event; then the names of its objects; then the
ids for tracing.
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
    "aiokafka": logging.CRITICAL,  # ten lines a second while a broker is away; our own log says it once
    "faststream": logging.WARNING,
    "uvicorn": logging.WARNING,
    "httpx": logging.WARNING,
}
FIRST = ("timestamp", "level", "service", "event")
IDS = ("stream", "sequence", "event_id", "mail", "person", "correlation", "causation", "way")
LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure(service: str, style: Literal["json", "console"], level: str) -> None:
    """Once, at the start. Lines of the libraries get the same form; their routine ones are left out."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _naming(service),
        named_by_stream,
    ]
    rendering: Processor = for_people if style == "console" else structlog.processors.JSONRenderer(_json)
    last: list[Processor] = [without_values, in_order, rendering]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    _take_over_stdlib(shared, last, LEVELS[level])


def _naming(service: str) -> Processor:
    def name(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
        return {"service": service, **line}

    return name


def named_by_stream(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """``stuttgart/seat-group/hospitals`` gives a conference and a seat group."""
    conference, kind, name = (*str(line.get("stream") or "").split("/", 2), "", "")[:3]
    named = {"conference": conference, kind.replace("-", "_"): name} if name else {}
    return {**named, **line}


def in_order(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """The names come between the first fields and the ids."""
    names = [name for name in line if name not in FIRST + IDS]
    return {name: line[name] for name in (*FIRST, *names, *IDS) if name in line}


def for_people(_: WrappedLogger, __: str, line: EventDict) -> str:
    """``2026-11-01T09:00:00.000000Z info     members command accepted  conference=stuttgart …``"""
    first = [f"{line.get(name, '')!s:{8 if name == 'level' else ''}}" for name in FIRST]
    others = [f"{name}={_word(value)}" for name, value in line.items() if name not in FIRST]
    return f"{' '.join(first)}  {' '.join(others)}".rstrip()


def _word(value: object) -> str:
    text = str(value)
    return text if text and not any(sign.isspace() for sign in text) else orjson.dumps(text).decode()


def without_values(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Only an error's type and place: its text may quote somebody's input."""
    given = line.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    if isinstance(error, BaseException):
        way = traceback.extract_tb(error.__traceback__)
        line["error"] = type(error).__name__
        line["way"] = [f"{step.filename}:{step.lineno} {step.name}" for step in way]
    return line


def _json(line: object, **options: object) -> str:
    return orjson.dumps(line, default=str).decode()


def _take_over_stdlib(shared: list[Processor], last: list[Processor], level: int) -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name, quiet in QUIET.items():
        logging.getLogger(name).setLevel(max(level, quiet))
