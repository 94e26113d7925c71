"""The OpenAPI page: the signatures of the routes, and additions to them, above all every problem."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

Page = dict[str, Any]

COMPONENT = "#/components/schemas/{model}"
EVERYWHERE = (400, 408, 431, 500, 503)
WITH_A_BODY = (404, 409, 411, 413, 415, 422)
METHODS = frozenset({"get", "put", "post"})
SAID_WITH = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}


class FieldFault(BaseModel):
    """``detail`` is German: what is expected."""

    field: str
    fault: str
    detail: str


class Problem(BaseModel):
    """RFC 9457. ``type`` is the rule's name, ``detail`` its German sentence; ``fields`` are the wrong fields."""

    type: str
    title: str
    status: int
    detail: str
    reason: str | None = None
    fields: list[FieldFault] | None = None


class DescribedApi(FastAPI):
    """Made at the first request, and kept."""

    def openapi(self) -> Page:
        for route in iter_route_contexts(self.routes):
            _write_out(getattr(route, "openapi_extra", None) or {})
        page = super().openapi()
        schemas: dict[str, Any] = page.setdefault("components", {}).setdefault("schemas", {})
        if Problem.__name__ not in schemas:
            schemas.update(_with_parts(Problem))
            for path, methods in page["paths"].items():
                for method in METHODS & methods.keys():
                    _complete(path, methods[method], schemas)
            for name in ("HTTPValidationError", "ValidationError"):  # FastAPI's own form of a 422 is never sent
                schemas.pop(name, None)
        return page


def takes(model: type[BaseModel], *headers: dict[str, Any]) -> dict[str, Any]:
    """``openapi_extra`` of a route that reads its body itself; its schema is made when the page is requested."""
    content = {"application/json": {"schema": model}}
    return {"requestBody": {"required": True, "content": content}, "parameters": list(headers)}


def takes_file(*headers: dict[str, Any], **formats: str) -> dict[str, Any]:
    """Like ``takes``, for a file; ``formats`` are its media types."""
    content = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in formats.values()}
    return {"requestBody": {"required": True, "content": content}, "parameters": list(headers)}


def _write_out(extra: Page) -> None:
    for taken in extra.get("requestBody", {}).get("content", {}).values():
        if not isinstance(model := taken["schema"], dict):
            taken["schema"] = model.model_json_schema(ref_template=COMPONENT)


def _with_parts(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template=COMPONENT)
    return {**schema.pop("$defs", {}), model.__name__: schema}


def _complete(path: str, operation: Page, schemas: dict[str, Any]) -> None:
    for taken in operation.get("requestBody", {}).get("content", {}).values():
        schemas.update(taken["schema"].pop("$defs", {}))
    responses = operation["responses"]
    responses.pop("422", None)
    for status in sorted(set(_statuses(path, operation))):
        said = responses.setdefault(str(status), {"description": HTTPStatus(status).phrase})
        problem = {"schema": {"$ref": COMPONENT.format(model=Problem.__name__)}}
        said.setdefault("content", {})["application/problem+json"] = problem
        if header := SAID_WITH.get(status):
            said["headers"] = {header: {"schema": {"type": "string"}}}


def _statuses(path: str, operation: Page) -> Iterator[int]:
    """The statuses of this operation's possible refusals."""
    yield from EVERYWHERE
    yield from (int(status) for status in operation["responses"] if int(status) >= 400)
    if "security" in operation:
        yield from (401, 403, 429)
    if "{" in path:
        yield 404
    if operation.get("parameters"):
        yield 422
    if "requestBody" in operation:
        yield from WITH_A_BODY
