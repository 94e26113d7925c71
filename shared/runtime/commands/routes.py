"""Command models are the single source of routes, the OpenAPI page, ``kpk send`` and the builders in tests."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import cache
from typing import Annotated, Any, get_args

import orjson
import structlog
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, create_model
from pydantic.fields import FieldInfo
from starlette.routing import Match
from starlette.types import Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from shared.kernel.decider import Command
from shared.kernel.identifiers import Uuid, conference_of
from shared.kernel.rejections import Busy, NotUpToDate, Rejected
from shared.kernel.values import SuppliedByService
from shared.runtime.commands.execute import Answer, beginning
from shared.runtime.commands.execute import Request as CommandRequest
from shared.runtime.commands.facts import Facts
from shared.runtime.http.callers import Caller, CallerRole
from shared.runtime.http.page import takes
from shared.runtime.http.requests import (
    KEY_HEADER,
    SEEN_PARAMETER,
    Allowed,
    Body,
    allowed,
    command_key,
    must_act_for,
    read_body,
    read_seen,
)
from shared.runtime.observing.clock import Clock
from shared.runtime.observing.metrics import Counters

log = structlog.get_logger()

Execute = Callable[[Command, CommandRequest], Awaitable[Answer]]
FirstAnswer = Callable[[CommandRequest], Awaitable[Answer | None]]
"""The answer to a command that was executed before."""

REPLAYED = "Idempotent-Replayed"


class EventAnswer(BaseModel):
    """``data`` is the event as the service's AsyncAPI describes it under its type."""

    id: Uuid
    type: str
    data: dict[str, Any]


class CommandAnswer(BaseModel):
    """``sequence`` is the stream's last number; ``events`` are the command's own, empty if nothing was new."""

    stream: str
    sequence: int
    events: list[EventAnswer]


class CommandRoute(APIRoute):
    """Described by FastAPI, and answered on a shorter way: its contexts cost more than the command's own rules.

    Whole addresses are compared before they are parsed, as each request is matched with dozens of routes. The caller,
    the only dependency, is asked for directly.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        [declared] = [one.call for one in self.dependant.dependencies]
        assert isinstance(declared, Allowed)
        self._caller_of = declared

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return super().matches(scope) if scope["path"] == self.path else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await super().handle(scope, receive, send)
            return
        request = Request(scope, receive, send)
        response: Response = await self.endpoint(request, await self._caller_of(request))
        await response(scope, receive, send)


def add_commands(
    router: APIRouter,
    commands: Iterable[type[Command]],
    facts: Facts,
    execute: Execute,
    first_answer: FirstAnswer,
    clock: Clock,
    counters: Counters,
) -> None:
    """``POST /commands/<Name>`` for each command, for the role that may give it.

    To the app's own router: what is included is looked for twice, through FastAPI's contexts.
    """
    for command in commands:
        router.add_api_route(
            f"/commands/{command.__name__}",
            _endpoint(command, facts, execute, first_answer, clock, counters),
            methods=["POST"],
            summary=(command.__doc__ or "").split("\n")[0],
            openapi_extra=takes(body_model(command), SEEN_PARAMETER, KEY_HEADER),
            response_model=CommandAnswer,
            responses={200: {"headers": {REPLAYED: {"schema": {"type": "string", "enum": ["true"]}}}}},
            route_class_override=CommandRoute,
        )


def role_of(command: type[Command]) -> CallerRole:
    assert command.given_by != "service", "nobody gives it"
    return command.given_by


@cache
def body_model(command: type[Command]) -> type[Body]:
    """The command without its supplied fields, which callers can neither see nor set.

    Fields that may be null may be left out.
    """
    asked: dict[str, Any] = {
        name: (Annotated[info.annotation, info], _left_out(info))
        for name, info in command.model_fields.items()
        if not any(isinstance(mark, SuppliedByService) for mark in info.metadata)
    }
    return create_model(command.__name__, __base__=Body, __doc__=command.__doc__, **asked)


def _left_out(info: FieldInfo) -> Any:
    """A field's value when it is left out; ``...`` if it is required."""
    if info.is_required():
        return None if type(None) in get_args(info.annotation) else ...
    return info.default


def complete(command: type[Command], body: BaseModel, supplied: Mapping[str, object]) -> Command:
    """The command to be decided: the request with the service's own facts."""
    asked = {name: getattr(body, name) for name in type(body).model_fields}
    return command(**asked, **supplied)  # type: ignore[arg-type]


def _endpoint(
    kind: type[Command],
    facts: Facts,
    execute: Execute,
    first_answer: FirstAnswer,
    clock: Clock,
    counters: Counters,
) -> Callable[..., Awaitable[Response]]:
    name = kind.__name__

    async def give(
        request: Request,
        caller: Caller = allowed(role_of(kind)),  # noqa: B008 - FastAPI's way to depend on a route's own role
    ) -> Response:
        key = command_key(caller, request.headers.get("idempotency-key"))
        named = read_seen(request.query_params.getlist("seen"))
        content, body = await read_body(request, body_model(kind))
        must_act_for(caller, body.conference, *map(conference_of, named))  # type: ignore[attr-defined]  # all have one
        asked = beginning(key, _asked(name, content))
        try:
            await facts.require(kind, body, named)
            supplied = await facts.of(kind, body, named)
        except (Rejected, NotUpToDate) as no:
            if first := await first_answer(asked):
                return answered(first)
            _refused(counters, name, no)
            raise
        command = complete(kind, body, {"at": clock.now(), "by": caller.name, **supplied})
        with bound_contextvars(**_named(command, asked)):
            if kind.given_by == "admin":
                log.warning("admin act", act=name, by=caller.name, why=command.why)
            try:
                answer = await execute(command, asked)
            except (Rejected, Busy) as no:
                _refused(counters, name, no)
                raise
            counters.command(name, "replayed" if answer.replayed else "accepted")
            log.info("command accepted", sequence=answer.sequence, replayed=answer.replayed)
        return answered(answer)

    return give


def _refused(counters: Counters, name: str, no: Rejected | Busy) -> None:
    counters.command(name, "rejected" if isinstance(no, Rejected) else "busy")
    log.info("command refused", command=name, rule=no.rule if isinstance(no, Rejected) else type(no).__name__)


def _named(command: Command, asked: CommandRequest) -> dict[str, str]:
    """The fields of every log line about this command, also in other services."""
    cause = asked.followed
    return {
        "command": type(command).__name__,
        "conference": command.conference,
        "stream": command.stream,
        "correlation": cause.correlation,
        "causation": cause.causation,
    }


def _asked(name: str, content: bytes) -> str:
    """The hash covers the command's name: two commands with the same fields are different requests."""
    return hashlib.sha256(name.encode() + b"\n" + content).hexdigest()


def answered(answer: Answer) -> Response:
    events = [{"id": event.id, "type": event.type, "data": orjson.Fragment(event.data)} for event in answer.events]
    content = orjson.dumps({"stream": answer.stream, "sequence": answer.sequence, "events": events})
    headers = {REPLAYED: "true"} if answer.replayed else {}
    return Response(content, media_type="application/json", headers=headers)
