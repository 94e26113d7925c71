"""The HTTP edge: bytes to a typed command or query, outcomes to answers and RFC 9457 problems, in one place.

Refusals carry the rule's name and sentence and the path of a wrong field; never a value that was sent, never a stack.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any

import orjson
import structlog
from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from structlog.contextvars import bound_contextvars

from shared.kernel.decider import Command
from shared.kernel.rejections import Kind, Rejected
from shared.runtime.callers import Caller, Callers
from shared.runtime.clock import Clock
from shared.runtime.commands import Body, CallerRole, CommandRoute, Supplies, Supply, body_model, complete
from shared.runtime.execute import Answer, Busy, Executor
from shared.runtime.execute import Request as CommandRequest
from shared.runtime.metrics import Counters
from shared.runtime.mongo import MongoUnavailable
from shared.runtime.strict_json import NotStrictJson, check
from shared.runtime.views import Positions

log = structlog.get_logger()

LARGEST_BODY = 256 * 1024
SEEN_WITHIN = 5.0
FIELD = re.compile(r"[a-z0-9_-]{1,40}")
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
SEEN = re.compile(r"([a-z0-9-]+/[a-z0-9-]+/[a-z0-9-]+):([1-9][0-9]{0,15})")
READERS: frozenset[CallerRole] = frozenset({"office", "approver", "admin"})
STATUS = {Kind.INVALID: 422, Kind.NOT_FOUND: 404, Kind.CONFLICT: 409, Kind.FORBIDDEN: 403}


class Refused(Exception):
    """A request that does not get as far as a rule."""

    def __init__(self, status: int, rule: str, detail: str, **more: object) -> None:
        self.status, self.rule, self.detail, self.more = status, rule, detail, more
        super().__init__(rule)


def new_app(service: str, callers: Callers) -> FastAPI:
    """An app that answers problems only; OpenAPI under /openapi.json."""
    app = FastAPI(title=f"Pflegekonferenz: {service}", docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.callers = callers
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(Rejected, _rejected)
    app.add_exception_handler(Busy, _busy)
    app.add_exception_handler(MongoUnavailable, _busy)
    app.add_exception_handler(RequestValidationError, _invalid_query)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _failed)
    return app


def allowed(*roles: CallerRole) -> Any:
    """Dependency: the caller, or 401 without a known token, or 403 with another role."""

    async def caller_of(request: Request) -> Caller:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        callers: Callers = request.app.state.callers
        caller = callers.who(token) if scheme.lower() == "bearer" else None
        if caller is None:
            raise Refused(401, "TokenMissing", "Die Anfrage enthält kein gültiges Zugangskennzeichen.")
        if caller.role not in roles:
            raise Refused(403, "RoleNotAllowed", "Dieses Konto darf das nicht.")
        return caller

    return Depends(caller_of)


def commands_router(
    routes: Sequence[CommandRoute],
    supplies: Supplies,
    executor: Executor,
    clock: Clock,
    counters: Counters,
) -> APIRouter:
    """``POST /commands/<Name>`` for each command."""
    router = APIRouter()
    for route in routes:
        router.add_api_route(
            f"/commands/{route.command.__name__}",
            _endpoint(route, supplies.get(route.command, {}), executor, clock, counters),
            methods=["POST"],
            summary=(route.command.__doc__ or "").split("\n")[0],
            openapi_extra=_request_schema(route.command.__name__, body_model(route.command)),
            response_model=None,
        )
    return router


def _endpoint(
    route: CommandRoute, supply: Mapping[str, Supply], executor: Executor, clock: Clock, counters: Counters
) -> Callable[..., Awaitable[Response]]:
    name = route.command.__name__

    async def give(
        request: Request,
        caller: Caller = allowed(route.role),  # noqa: B008 - FastAPI's way to depend on a route's own role
        idempotency_key: Annotated[str | None, Header()] = None,
    ) -> Response:
        key = command_key(caller, idempotency_key)
        content, body = await read_body(request, body_model(route.command))
        supplied = {field: await fact(body) for field, fact in supply.items()}
        command = complete(route.command, body, {"at": clock.now(), "by": caller.name, **supplied})
        asked = CommandRequest(key, _asked(name, content))
        with bound_contextvars(**_named(command, asked)):
            try:
                answer = await executor.execute(command, asked)
            except (Rejected, Busy) as no:
                counters.command(name, "rejected" if isinstance(no, Rejected) else "busy")
                log.info("command refused", rule=no.rule if isinstance(no, Rejected) else "Busy")
                raise
            counters.command(name, "replayed" if answer.replayed else "accepted")
            log.info("command accepted", sequence=answer.sequence, replayed=answer.replayed)
        return answered(answer)

    return give


def _named(command: Command, asked: CommandRequest) -> dict[str, str]:
    """By what every log line of this command is found, here and in whatever follows from it elsewhere."""
    cause = asked.followed
    return {
        "command": type(command).__name__,
        "conference": command.conference,
        "stream": command.stream,
        "correlation": cause.correlation,
        "causation": cause.causation,
    }


def _asked(name: str, content: bytes) -> str:
    """Two commands may have the same fields: one's answer is none to the other."""
    return hashlib.sha256(name.encode() + b"\n" + content).hexdigest()


def command_key(caller: Caller, key: str | None) -> str:
    """Each caller has a name space of his own."""
    if key is None:
        raise Refused(400, "IdempotencyKeyMissing", "Der Kopf „Idempotency-Key“ fehlt.")
    if not KEY.fullmatch(key):
        raise Refused(400, "IdempotencyKeyInvalid", "Der Kopf „Idempotency-Key“ ist ungültig.")
    return f"{caller.name}:{key}"


async def read_body(request: Request, model: type[Body]) -> tuple[bytes, Body]:
    """The bytes and what they say. 415, 411, 413, 400 and 422 as the fault is."""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() != "application/json" or parameters.strip().lower() not in ("", "charset=utf-8"):
        raise Refused(415, "ContentTypeUnsupported", "Der Inhalt muss als application/json gesendet werden.")
    if "content-encoding" in request.headers:
        raise Refused(415, "ContentTypeUnsupported", "Komprimierte Inhalte werden nicht angenommen.")
    content = await _bounded(request)
    try:
        check(content)
    except NotStrictJson as fault:
        raise Refused(400, "BodyNotJson", "Der Inhalt ist kein gültiges JSON.", reason=str(fault)) from None
    try:
        return content, model.model_validate_json(content)
    except ValidationError as error:
        raise _invalid(error.errors(include_url=False, include_context=False, include_input=False)) from None


async def _bounded(request: Request) -> bytes:
    if "content-length" not in request.headers:
        raise Refused(411, "LengthRequired", "Die Länge des Inhalts fehlt.")
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > LARGEST_BODY:
            raise Refused(413, "BodyTooLarge", "Der Inhalt ist zu groß.")
    return bytes(content)


def answered(answer: Answer) -> Response:
    events = [{"id": event.id, "type": event.type, "data": orjson.Fragment(event.data)} for event in answer.events]
    content = orjson.dumps({"stream": answer.stream, "sequence": answer.sequence, "events": events})
    headers = {"Idempotent-Replayed": "true"} if answer.replayed else {}
    return Response(content, media_type="application/json", headers=headers)


def seen_by(positions: Positions) -> Any:
    """Dependency of queries: ``?seen=<stream>:<sequence>`` waits until that event is in the views, else 503."""

    async def wait(seen: Annotated[str | None, Query()] = None) -> None:
        if seen is None:
            return
        named = SEEN.fullmatch(seen)
        if named is None:
            raise Refused(422, "SeenInvalid", "„seen“ muss <Strom>:<Nummer> sein.")
        if not await positions.reached(named[1], int(named[2]), SEEN_WITHIN):
            raise Busy

    return Depends(wait)


def _request_schema(name: str, model: type[BaseModel]) -> dict[str, Any]:
    place = f"#/paths/~1commands~1{name}/post/requestBody/content/application~1json/schema"
    schema = model.model_json_schema(ref_template=f"{place}/$defs/{{model}}")
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def problem(status: int, rule: str, title: str, detail: str, **more: object) -> Response:
    """RFC 9457. ``title`` is English, ``detail`` German for whoever sits before it."""
    content = {"type": rule, "title": title, "status": status, "detail": detail, **more}
    headers = {"Retry-After": "1"} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(orjson.dumps(content), status, headers, media_type="application/problem+json")


def _words(rule: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", rule).capitalize()


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return problem(error.status, error.rule, _words(error.rule), error.detail, **error.more)


async def _rejected(_: Request, error: Exception) -> Response:
    assert isinstance(error, Rejected)
    return problem(STATUS[error.kind], error.rule, error.title, error.detail)


async def _busy(_: Request, error: Exception) -> Response:
    return problem(503, "Busy", "Busy", "Der Dienst ist gerade ausgelastet. Bitte gleich noch einmal versuchen.")


async def _invalid_query(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return await _refused(_, _invalid(error.errors()))


def _invalid(faults: Sequence[Any]) -> Refused:
    fields = [{"field": ".".join(map(_part, fault["loc"])), "fault": fault["type"]} for fault in faults]
    return Refused(422, "FieldsInvalid", "Die Angaben sind unvollständig oder ungültig.", fields=fields[:20])


def _part(part: object) -> str:
    """An unknown field's name was sent too: it is repeated only if it could be one of ours."""
    return str(part) if FIELD.fullmatch(str(part)) else "?"


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    rule = phrase.title().replace(" ", "")
    answer = problem(error.status_code, rule, phrase, "Die Anfrage kann nicht bedient werden.")
    answer.headers.update(error.headers or {})
    return answer


async def _failed(_: Request, error: Exception) -> Response:
    return problem(500, "Failed", "Failed", "Im Dienst ist ein Fehler aufgetreten.")


def as_json(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


def document(found: dict[str, Any] | None) -> Response:
    """One document, or 404."""
    if found is None:
        raise Refused(404, "NotFound", "Das gibt es nicht.")
    return as_json(found)


def items(found: Sequence[dict[str, Any]]) -> Response:
    return as_json({"items": list(found)})
