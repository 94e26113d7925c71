"""What operators do through HTTP: set a demo's clock, see to parked records, rebuild, republish. Admins only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import Field, StringConstraints

from shared.kernel.text import Line
from shared.kernel.time import UtcTime, iso
from shared.runtime.callers import Caller
from shared.runtime.commands import Body
from shared.runtime.http import READERS, Refused, allowed, document, items, read_body
from shared.runtime.parked import ParkedRow
from shared.runtime.parts import Parts
from shared.runtime.rebuild import rebuild
from shared.runtime.recover import recover

log = structlog.get_logger()

Admin = Annotated[Caller, allowed("admin")]


class SetClock(Body):
    now: Annotated[UtcTime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC))]


class RetryParked(Body):
    id: Annotated[str, StringConstraints(max_length=400)]


class DropParked(Body):
    id: Annotated[str, StringConstraints(max_length=400)]
    why: Line


class Republish(Body):
    since: UtcTime | None = None


class ReadAgain(Body):
    topic: Annotated[str, StringConstraints(max_length=80)]


class Recover(Body):
    """Nothing need be said."""


class RebuildView(Body):
    view: Annotated[str, StringConstraints(max_length=80)]


def clock_router(parts: Parts) -> APIRouter:
    router = APIRouter()

    @router.put("/admin/clock")
    async def set_clock(request: Request, caller: Admin) -> dict[str, str]:
        _, body = await read_body(request, SetClock)
        assert isinstance(body, SetClock)
        await parts.clock.set(body.now)
        log.info("clock set", by=caller.name)
        return {"now": iso(parts.clock.now())}

    return router


def parked_router(parts: Parts) -> APIRouter:
    router = APIRouter()

    @router.get("/admin/parked")
    async def list_parked(caller: Admin) -> Response:
        return items([_readable(row) for row in await parts.parked.overview()])

    @router.get("/admin/parked/{row_id:path}")
    async def show(row_id: str, caller: Admin) -> Response:
        row = await _row(parts, row_id)
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

    @router.post("/admin/parked/retry")
    async def retry(request: Request, caller: Admin) -> dict[str, int]:
        _, body = await read_body(request, RetryParked)
        assert isinstance(body, RetryParked)
        await parts.delivery.retry(await _row(parts, body.id))
        return {"parked": await parts.parked.count()}

    @router.post("/admin/parked/drop")
    async def drop(request: Request, caller: Admin) -> dict[str, int]:
        _, body = await read_body(request, DropParked)
        assert isinstance(body, DropParked)
        await parts.delivery.drop(await _row(parts, body.id), caller.name, body.why)
        return {"parked": await parts.parked.count()}

    @router.post("/admin/rebuild")
    async def rebuild_view(request: Request, caller: Admin) -> dict[str, int]:
        _, body = await read_body(request, RebuildView)
        assert isinstance(body, RebuildView)
        log.info("rebuild requested", view=body.view, by=caller.name)
        return await rebuild(parts, body.view)

    return router


def histories_router(parts: Parts) -> APIRouter:
    """When database and topics do not agree: journal to topic, topic to journal, and reading again."""
    router = APIRouter()

    @router.post("/admin/republish")
    async def republish(request: Request, caller: Admin) -> dict[str, int]:
        _, body = await read_body(request, Republish)
        assert isinstance(body, Republish)
        log.warning("republishing requested", by=caller.name)
        people = await parts.people.publish_again() if parts.people else 0
        return {"commits": await parts.journal.publish_again(body.since), "people": people}

    @router.post("/admin/read-again")
    async def read_again(request: Request, caller: Admin) -> dict[str, str]:
        _, body = await read_body(request, ReadAgain)
        assert isinstance(body, ReadAgain)
        if body.topic not in parts.declaration.subscribes:
            raise Refused(404, "TopicNotRead", "Dieser Dienst liest dieses Thema nicht.")
        log.warning("reading again requested", topic=body.topic, by=caller.name)
        await parts.read_again([body.topic])
        return {"topic": body.topic}

    @router.post("/admin/recover")
    async def recover_journal(request: Request, caller: Admin) -> dict[str, int]:
        await read_body(request, Recover)
        log.warning("recovering requested", by=caller.name)
        return await recover(parts)

    return router


def streams_router(parts: Parts) -> APIRouter:
    """``GET /streams/<stream>``: one aggregate's whole history from its journal, without lag."""
    router = APIRouter()

    @router.get("/streams/{stream:path}", dependencies=[allowed(*READERS)])
    async def history(stream: str) -> Response:
        commits = await parts.journal.read(stream)
        if not commits:
            raise Refused(404, "NotFound", "Das gibt es nicht.")
        return items(
            [
                {
                    "sequence": commit.first + place,
                    "id": event.id,
                    "type": event.type,
                    "at": iso(commit.at),
                    "by": commit.command.by,
                    "command": commit.command.type,
                    "data": event.event().model_dump(mode="json"),
                }
                for commit in commits
                for place, event in enumerate(commit.events)
            ]
        )

    return router


async def _row(parts: Parts, row_id: str) -> ParkedRow:
    row = await parts.parked.get(row_id)
    if row is None:
        raise Refused(404, "NotFound", "Das gibt es nicht.")
    return row


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    since: datetime = row.pop("parked_at")
    return {"id": row.pop("_id"), **row, "parked_at": iso(since)}


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode(errors="backslashreplace")
