"""The HTTP edge of a service: an app that answers JSON and problems only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import orjson
from fastapi import FastAPI, Response
from pydantic import BaseModel, ConfigDict, Field

from shared.runtime.http import problems
from shared.runtime.http.access import Access, Known
from shared.runtime.http.heads import GuardedHeads
from shared.runtime.http.page import DescribedApi
from shared.runtime.http.problems import Refused
from shared.runtime.observing.metrics import Counters

Refusals = dict[int | str, dict[str, Any]]
"""Possible answers of a route besides its document, by status."""
NOT_FOUND: Refusals = {404: {"description": "Not Found"}}
CONFLICT: Refusals = {409: {"description": "Conflict"}}


class Shown(BaseModel):
    """A part of an answer, as shown on the OpenAPI page. Another version may have more fields."""

    model_config = ConfigDict(extra="allow")


class Kept(Shown):
    """Fields that the runtime keeps in every document: its name, and the event that it is as new as."""

    id: str = Field(alias="_id")
    conference: str
    stream: str
    sequence: int


T = TypeVar("T")


class Items(BaseModel, Generic[T]):
    items: list[T]


def new_app(service: str, callers: Known, access: Access, counters: Counters) -> FastAPI:
    """OpenAPI is under /openapi.json without a token, because the source is public anyway."""
    app = DescribedApi(title=f"Pflegekonferenz: {service}", docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.callers, app.state.access, app.state.counters = callers, access, counters
    app.add_middleware(GuardedHeads)
    problems.add_to(app)
    return app


def as_json(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


def document(found: dict[str, Any] | None) -> Response:
    """One document, or 404."""
    if found is None:
        raise Refused(404, "NotFound", "Das gibt es nicht.")
    return as_json(found)


def items(found: Sequence[dict[str, Any]]) -> Response:
    return as_json({"items": list(found)})
