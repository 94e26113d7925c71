"""Error answers as RFC 9457 problems, all in one place.

A problem contains the rule's name and sentence and the path of a wrong field; never a value that was sent or a stack
trace.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from shared.kernel.rejections import Busy, Kind, NotUpToDate, Rejected
from shared.runtime.http.faults import Schema, faults_in
from shared.runtime.kafka.reader import NOT_NOW
from shared.runtime.mongo.driver import MongoUnavailable

log = structlog.get_logger()

STATUS = {Kind.INVALID: 422, Kind.NOT_FOUND: 404, Kind.CONFLICT: 409, Kind.FORBIDDEN: 403}
RIGHTS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
COME_AGAIN = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


class Refused(Exception):
    """A refusal before any rule is asked. After ``retry_after`` seconds the same request may succeed."""

    def __init__(self, status: int, rule: str, detail: str, retry_after: int = 1, **more: object) -> None:
        self.status, self.rule, self.detail, self.retry_after, self.more = status, rule, detail, retry_after, more
        super().__init__(rule)


def add_to(app: FastAPI) -> None:
    """Everything that is raised behind ``app`` is answered as a problem."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(Rejected, _rejected)
    app.add_exception_handler(NotUpToDate, _not_up_to_date)
    app.add_exception_handler(Busy, _busy)
    app.add_exception_handler(MongoUnavailable, _mongo_not_now)
    for kind in NOT_NOW:
        app.add_exception_handler(kind, _kafka_not_now)
    app.add_exception_handler(RequestValidationError, _invalid_query)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _failed)


def problem(status: int, rule: str, title: str, detail: str, retry_after: int = 1, **more: object) -> Response:
    """RFC 9457. ``title`` is English, ``detail`` German, for the person at the screen."""
    content = {"type": rule, "title": title, "status": status, "detail": detail, **more}
    headers = {"Retry-After": str(retry_after)} if status in COME_AGAIN else {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(orjson.dumps(content), status, headers, media_type="application/problem+json")


def _words(rule: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", rule).capitalize()


def refusal(why: Refused) -> Response:
    return problem(why.status, why.rule, _words(why.rule), why.detail, why.retry_after, **why.more)


async def _refused(request: Request, error: Exception) -> Response:
    """A missing right is logged with account and route; other refusals are only counted."""
    assert isinstance(error, Refused)
    if error.status in RIGHTS:
        request.app.state.counters.request_refused(error.rule)
    if error.status == HTTPStatus.FORBIDDEN:
        log.warning("request refused", rule=error.rule, by=_account(request), route=_route(request))
    return refusal(error)


def _account(request: Request) -> str | None:
    caller = getattr(request.state, "caller", None)
    return caller and caller.name


def _route(request: Request) -> str:
    """As declared: the path itself is the caller's text, and may contain anything."""
    return f"{request.method} {request.scope['route'].path_format}"


async def _rejected(_: Request, error: Exception) -> Response:
    assert isinstance(error, Rejected)
    return problem(STATUS[error.kind], error.rule, error.title, error.detail)


async def _mongo_not_now(request: Request, error: Exception) -> Response:
    """By name and number, because the error's text may hold a document. Number 13: this process lacks a right."""
    code = getattr(error, "code", None)
    log.warning("mongodb refuses a request", error=type(error).__name__, code=code, route=_route(request))
    return await _busy(request, error)


async def _busy(_: Request, error: Exception) -> Response:
    return problem(503, "Busy", "Busy", "Der Dienst ist gerade ausgelastet. Bitte gleich noch einmal versuchen.")


async def _kafka_not_now(request: Request, error: Exception) -> Response:
    log.warning("kafka is not ready for a request", error=type(error).__name__, route=_route(request))
    return problem(503, "KafkaNotReady", "Kafka not ready", "Kafka ist gerade nicht bereit. Bitte gleich noch einmal.")


async def _not_up_to_date(_: Request, error: Exception) -> Response:
    assert isinstance(error, NotUpToDate)
    return problem(503, "NotUpToDate", "Not up to date", error.detail)


async def _invalid_query(request: Request, error: Exception) -> Response:
    """The schema of path, query and header is the route's own, as published."""
    assert isinstance(error, RequestValidationError)
    operation = request.app.openapi()["paths"][request.scope["route"].path_format][request.method.lower()]
    places: dict[str, dict[str, Any]] = {}
    for parameter in operation["parameters"]:
        places.setdefault(parameter["in"], {})[parameter["name"]] = parameter["schema"]
    return refusal(invalid(error.errors(), {"properties": {name: {"properties": of} for name, of in places.items()}}))


def invalid(errors: Sequence[Any], schema: Schema) -> Refused:
    detail = "Die Angaben sind unvollständig oder ungültig."
    return Refused(422, "FieldsInvalid", detail, fields=faults_in(errors, schema))


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    rule = phrase.title().replace(" ", "")
    answer = problem(error.status_code, rule, phrase, "Die Anfrage kann nicht bedient werden.")
    answer.headers.update(error.headers or {})
    return answer


async def _failed(_: Request, error: Exception) -> Response:
    return problem(500, "Failed", "Failed", "Im Dienst ist ein Fehler aufgetreten.")
