"""Authentication and rate limit, checked before anything else of a request. Unknown callers are refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import structlog
from fastapi import Request
from starlette.applications import Starlette

from shared.runtime.http.callers import Caller
from shared.runtime.http.limits import Limit
from shared.runtime.http.oidc import Issuer
from shared.runtime.http.problems import Refused

log = structlog.get_logger()

BURST_SECONDS = 10
"""The burst: after a silence, a caller may send at once what he may send in this many seconds."""

WRONG_TOKENS, WRONG_TOKENS_PER_SECOND = 20, 1 / 3
"""Requests from one address without a valid token: this many at once, then one every three seconds. They do not count
against a valid one.
"""


class Known(Protocol):
    def who(self, token: str) -> Caller | None:
        """Raises ``Refused`` if this cannot be decided."""


@dataclass(frozen=True)
class Access:
    issuer: Issuer | None
    requests: Limit
    wrong_tokens: Limit


def access(issuer: Issuer | None, per_second: int) -> Access:
    return Access(
        issuer,
        Limit(per_second, per_second * BURST_SECONDS),
        Limit(WRONG_TOKENS_PER_SECOND, WRONG_TOKENS),
    )


async def caller_of(request: Request) -> Caller:
    """401 without a valid token, 429 if it is used too often. The result is the same within one request."""
    if not hasattr(request.state, "caller"):
        request.state.caller = await _caller_of(request)
    caller: Caller = request.state.caller
    return caller


async def _caller_of(request: Request) -> Caller:
    return await caller_with(_shown(request), request, request.app)


async def caller_with(token: str, request: Request, app: Starlette) -> Caller:
    """The caller with this token, by what a service's own app knows. Raises ``Refused`` as ``caller_of``."""
    asked: Access = app.state.access
    caller = await known_now(token, app)
    if caller is None:
        _count_wrong(asked.wrong_tokens, request, token)
        raise nobody()
    if wait := asked.requests.take(caller.name):
        raise too_often(wait)
    return caller


async def caller_now(request: Request) -> Caller:
    """The caller, checked again after a wait without counting as another request: 401 if the token has ended."""
    if (caller := await known_now(_shown(request), request.app)) is None:
        raise nobody()
    return caller


async def known_now(token: str, app: Starlette) -> Caller | None:
    """The caller with this token; this does not count as a request. Raises ``Refused`` if it cannot be decided."""
    asked: Access = app.state.access
    return await _known(app.state.callers, asked.issuer, token) if token else None


def nobody() -> Refused:
    return Refused(401, "TokenMissing", "Die Anfrage enthält kein gültiges Zugangskennzeichen.")


def _shown(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


async def _known(callers: Known, issuer: Issuer | None, token: str) -> Caller | None:
    return callers.who(token) or (await issuer.who(token) if issuer else None)


def _count_wrong(limit: Limit, request: Request, token: str) -> None:
    if token and (wait := limit.take(request.client.host if request.client else "")):
        raise too_often(wait)


def too_often(wait: int) -> Refused:
    return Refused(
        429, "TooManyRequests", f"Das sind zu viele Anfragen. Bitte in {wait} s noch einmal.", retry_after=wait
    )
