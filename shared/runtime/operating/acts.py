"""Acts of admins on a running service: stored before they are carried out, and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from uuid import uuid4

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import Field

from shared.kernel.text import Line
from shared.kernel.time import iso
from shared.runtime.http.app import Items, Shown, items
from shared.runtime.http.callers import Caller
from shared.runtime.http.requests import Body, operator, read_body
from shared.runtime.mongo.driver import Collection, Document

Admin = Annotated[Caller, operator()]
log = structlog.get_logger()

ACTS = "acts"
MOST = 500
"""The most acts in one answer, the newest first; all are kept."""


class Acts:
    """One document for each; ``_id`` begins with its time, so ids sort by time."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def keep(self, act: str, by: str, told: Mapping[str, Any]) -> None:
        """``by`` is the account, ``told`` the request with its reason. Raises ``MongoUnavailable``: then the act must
        not be carried out; only the log has it.
        """
        log.warning("admin act", act=act, by=by, **told)
        at = iso(datetime.now(UTC))
        await self._collection.insert_one({"_id": f"{at}-{uuid4().hex[:8]}", "at": at, "act": act, "by": by, **told})

    async def latest(self) -> list[Document]:
        return [one async for one in self._collection.find({}, {"_id": False}).sort("_id", -1).limit(MOST)]


class Act(Body):
    """An admin's act on a running service. ``why`` is kept with the account; it must not say
    anything about a person.
    """

    why: Annotated[Line, Field(pattern=r"\S")]


class ActAnswer(Shown):
    """``what`` is the parked record, projection or topic; null for the whole service."""

    at: datetime
    act: str
    by: str
    why: str
    what: str | None


def acts_router(acts: Acts) -> APIRouter:
    router = APIRouter()

    @router.get("/admin/acts", response_model=Items[ActAnswer])
    async def latest(caller: Admin) -> Response:
        return items([_told(one) for one in await acts.latest()])

    return router


A = TypeVar("A", bound=Act)


async def begun(acts: Acts, request: Request, kind: type[A], caller: Caller) -> A:
    """Keeps the request, the account and the reason before anything is done, whatever the result."""
    _, body = await read_body(request, kind)
    await acts.keep(kind.__name__, caller.name, body.model_dump(mode="json", exclude_none=True))
    return body


def _told(act: dict[str, Any]) -> dict[str, Any]:
    what = next((act[name] for name in ("id", "view", "topic", "since") if name in act), None)
    return {**{name: act[name] for name in ("at", "act", "by", "why")}, "what": what}
