"""The HTTP routes for operators: set a demo's clock, handle parked records, rebuild, republish. Admins only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import Field, StringConstraints
from starlette.convertors import Convertor, register_url_convertor

from shared.declarations.projection import Projection
from shared.kernel.identifiers import conference_of
from shared.kernel.time import Moment, UtcTime, iso
from shared.runtime.commands.journal import Journal
from shared.runtime.delivery.delivery import Delivery
from shared.runtime.delivery.listener import Listener
from shared.runtime.delivery.parked import Parked, ParkedRow
from shared.runtime.http.app import Items, Shown, document, items
from shared.runtime.http.callers import Caller
from shared.runtime.http.page import takes
from shared.runtime.http.problems import Refused
from shared.runtime.http.requests import READERS, Body, allowed, must_act_for, read_body
from shared.runtime.observing.clock import Clock
from shared.runtime.operating.acts import Act, Acts, Admin, begun
from shared.runtime.operating.maintenance import Maintenance

log = structlog.get_logger()


class _ParkedId(Convertor[str]):
    """Every id has a colon, and nothing else under ``/admin/parked`` has one: each path belongs to one route."""

    regex = ".*:.*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("parked", _ParkedId())


class SetClock(Body):
    now: Annotated[UtcTime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC))]


class RetryParked(Act):
    id: Annotated[str, StringConstraints(max_length=400)]


class DropParked(Act):
    id: Annotated[str, StringConstraints(max_length=400)]


class Republish(Act):
    """``public``: only everything that follows in public."""

    since: Moment | None = None
    public: bool = False


class ReadAgain(Act):
    topic: Annotated[str, StringConstraints(max_length=80)]


class Recover(Act):
    """No other field is needed."""


class LackingAnswer(Shown):
    """Sequences that the topic has and a stream's journal lacks, and when they were decided."""

    stream: str
    events: int
    first: int
    last: int
    earliest: datetime
    latest: datetime


class RebuildProjection(Act):
    """``view`` is an older word for a projection, which callers still send."""

    view: Annotated[str, StringConstraints(max_length=80)]


class ParkedAnswer(Shown):
    """``stream`` and ``sequence`` are null if a record's place is unknown."""

    id: str
    reason: str
    problem: str
    topic: str
    partition: int
    offset: int
    stream: str | None
    sequence: int | None
    parked_at: datetime


class ParkedRecord(Shown):
    id: str
    reason: str
    problem: str
    topic: str
    partition: int
    offset: int
    headers: dict[str, str | None]
    value: str | None


class HistoryEntry(Shown):
    """``by`` is the account that gave the command."""

    sequence: int
    id: str
    type: str
    at: datetime
    by: str
    command: str
    data: dict[str, Any]


def clock_router(clock: Clock) -> APIRouter:
    router = APIRouter()

    @router.put("/admin/clock", openapi_extra=takes(SetClock))
    async def set_clock(request: Request, caller: Admin) -> dict[str, str]:
        _, body = await read_body(request, SetClock)
        await clock.set(body.now)
        log.info("clock set", by=caller.name)
        return {"now": iso(clock.now())}

    return router


def parked_router(parked: Parked, delivery: Delivery, listener: Listener, acts: Acts) -> APIRouter:
    router = APIRouter()

    @router.get("/admin/parked", response_model=Items[ParkedAnswer])
    async def list_parked(caller: Admin) -> Response:
        return items([_readable(row) for row in await parked.overview()])

    @router.get("/admin/parked/{row_id:parked}", response_model=ParkedRecord)
    async def show(row_id: str, caller: Admin) -> Response:
        row = await _row(parked, row_id)
        record = row.record
        return document(
            {
                "id": row.id,
                "reason": row.reason,
                "problem": row.problem,
                "topic": record.topic,
                "partition": record.partition,
                "offset": record.offset,
                "headers": {name: _text(value) for name, value in record.headers},
                "value": _text(record.value),
            }
        )

    @router.post("/admin/parked/retry", openapi_extra=takes(RetryParked))
    async def retry(request: Request, caller: Admin) -> dict[str, int]:
        body = await begun(acts, request, RetryParked, caller)
        await listener.require_admitted()
        await delivery.retry(await _row(parked, body.id))
        return {"parked": await parked.count()}

    @router.post("/admin/parked/drop", openapi_extra=takes(DropParked))
    async def drop(request: Request, caller: Admin) -> dict[str, int]:
        body = await begun(acts, request, DropParked, caller)
        await listener.require_admitted()
        await delivery.drop(await _row(parked, body.id), caller.name, body.why)
        return {"parked": await parked.count()}

    return router


def maintenance_router(maintenance: Maintenance, projections: Sequence[Projection], acts: Acts) -> APIRouter:
    """Rebuilding, and repairs after a difference between database and topics."""
    router = APIRouter()

    @router.post("/admin/rebuild", openapi_extra=takes(RebuildProjection))
    async def rebuild_projection(request: Request, caller: Admin) -> dict[str, int]:
        body = await begun(acts, request, RebuildProjection, caller)
        return await maintenance.rebuild(projections, body.view)

    @router.post("/admin/republish", openapi_extra=takes(Republish))
    async def republish(request: Request, caller: Admin) -> dict[str, int]:
        body = await begun(acts, request, Republish, caller)
        if body.public:
            return await maintenance.republish_in_public()
        return await maintenance.republish(body.since)

    @router.post("/admin/read-again", openapi_extra=takes(ReadAgain))
    async def read_again(request: Request, caller: Admin) -> dict[str, str]:
        body = await begun(acts, request, ReadAgain, caller)
        await maintenance.read_again(body.topic)
        return {"topic": body.topic}

    @router.get("/admin/recover", response_model=Items[LackingAnswer])
    async def lacking(caller: Admin) -> Response:
        found = [asdict(one) for one in await maintenance.recovery.lacking()]
        return items([{**one, "earliest": iso(one["earliest"]), "latest": iso(one["latest"])} for one in found])

    @router.post("/admin/recover", openapi_extra=takes(Recover))
    async def recover_journal(request: Request, caller: Admin) -> dict[str, int]:
        await begun(acts, request, Recover, caller)
        return await maintenance.recover()

    return router


def streams_router(journal: Journal) -> APIRouter:
    """``GET /streams/<stream>``: the whole history of one aggregate from its journal, without delay."""
    router = APIRouter()

    @router.get("/streams/{stream:path}", response_model=Items[HistoryEntry])
    async def history(stream: str, caller: Annotated[Caller, allowed(*READERS)]) -> Response:
        must_act_for(caller, conference_of(stream))
        commits = await journal.read(stream)
        if not commits:
            raise Refused(404, "NotFound", "Das gibt es nicht.")
        return items(
            [
                {
                    "sequence": commit.first + index,
                    "id": event.id,
                    "type": event.type,
                    "at": iso(commit.at),
                    "by": commit.command.by,
                    "command": commit.command.type,
                    "data": event.event().model_dump(mode="json"),
                }
                for commit in commits
                for index, event in enumerate(commit.events)
            ]
        )

    return router


async def _row(parked: Parked, row_id: str) -> ParkedRow:
    row = await parked.get(row_id)
    if row is None:
        raise Refused(404, "NotFound", "Das gibt es nicht.")
    return row


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    since: datetime = row.pop("parked_at")
    return {"id": row.pop("_id"), **row, "parked_at": iso(since)}


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode(errors="backslashreplace")
