"""Reads a request: its caller, its key and its body. Each fault is refused with the matching problem."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query, Request, Security
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError
from starlette.requests import ClientDisconnect

from shared.kernel.identifiers import STREAM, ConferenceSlug, conference_of
from shared.kernel.text import AS_TYPED
from shared.runtime.http.access import caller_of
from shared.runtime.http.callers import Caller, CallerRole
from shared.runtime.http.problems import Refused, invalid
from shared.runtime.http.strict_json import NotStrictJson, check

BEARER = HTTPBearer(auto_error=False, description="Zugangskennzeichen eines Kontos")
LARGEST_BODY = 256 * 1024
SEEN_WITHIN = 5.0
JSON_IN_UTF_8 = re.compile(r'application/json[ \t]*(;[ \t]*(charset=("utf-8"|utf-8)[ \t]*)?)*', re.IGNORECASE)
"""Parameters may be quoted; an empty one is ignored (RFC 9110, 5.6.6 and 8.3.1)."""

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Names the command for ever: the same key again gets the first answer again.",
    "schema": {"type": "string", "pattern": f"^{KEY.pattern}$"},
}
OWN_ACTS = frozenset(
    {
        "announce",
        "concerned",
        "correction",
        "deadline",
        "personal-link",
        "reaction",
        "release",
        "reporting",
        "roster",
        "sender",
    }
)
"""The prefix of the ids of services' own commands. An account may have the same name."""

SEEN = re.compile(rf"({STREAM}):([1-9][0-9]{{0,15}})")
MOST_SEEN = 100
READERS: frozenset[CallerRole] = frozenset({"office", "approver", "admin"})

Reached = Callable[[str, int, float], Awaitable[None]]
"""Waits up to this many seconds for a stream's event in the projections. Raises ``NotUpToDate``."""

_SEEN_SAYS = "<stream>:<sequence>, as it was answered"
_SEEN_HAS: dict[str, JsonValue] = {"maxItems": MOST_SEEN}
_EACH_HAS: dict[str, JsonValue] = {"pattern": f"^{SEEN.pattern}$"}
SeenQuery = Annotated[
    list[Annotated[str, Field(json_schema_extra=_EACH_HAS)]] | None,
    Query(alias="seen", description=_SEEN_SAYS, json_schema_extra=_SEEN_HAS),
]
SEEN_PARAMETER = {
    "name": "seen",
    "in": "query",
    "required": False,
    "description": _SEEN_SAYS,
    "schema": {"type": "array", "items": {"type": "string", **_EACH_HAS}, **_SEEN_HAS},
}
"""The same for a page's route, which reads the parameter itself."""

Conference = Annotated[ConferenceSlug, Query()]

B = TypeVar("B", bound=BaseModel)
N = TypeVar("N", bound=str)


class Body(BaseModel):
    """A caller's body: strict, without any other field."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True)
class Allowed:
    """Dependency: the caller, or 401 without a known token, 429 too often, 403 with another role."""

    roles: frozenset[CallerRole]
    everywhere: bool = False
    """Only for accounts of the whole installation: the act concerns every conference."""

    async def __call__(self, request: Request, shown: Annotated[object, Security(BEARER)] = None) -> Caller:
        caller = await caller_of(request)
        if caller.role not in self.roles:
            raise Refused(403, "RoleNotAllowed", "Dieses Konto darf das nicht.")
        if self.everywhere and not caller.acts_everywhere:
            raise Refused(403, "OperatorOnly", "Das darf nur der Betrieb, denn es betrifft jede Konferenz.")
        return caller


def allowed(*roles: CallerRole) -> Any:
    return Depends(Allowed(frozenset(roles)))


def operator() -> Any:
    """An admin of the whole installation."""
    return Depends(Allowed(frozenset({"admin"}), everywhere=True))


Reader = Annotated[Caller, allowed(*READERS)]


def about_own_conference() -> Any:
    """Dependency of queries: the caller acts for the conference in the address, otherwise 403."""

    async def check(caller: Reader, conference: Conference, seen: SeenQuery = None) -> None:
        must_act_for(caller, conference, *map(conference_of, read_seen(seen)))

    return Depends(check)


def must_act_for(caller: Caller, *conferences: str) -> None:
    if not all(map(caller.acts_for, conferences)):
        raise Refused(403, "ConferenceNotAllowed", "Dieses Konto ist für diese Konferenz nicht zuständig.")


def command_key(caller: Caller, key: str | None) -> str:
    """Each caller has a separate name space. No other caller's key, and no service's own id, is in it."""
    if key is None:
        raise Refused(400, "IdempotencyKeyMissing", "Der Kopf „Idempotency-Key“ fehlt.")
    if not KEY.fullmatch(key):
        raise Refused(400, "IdempotencyKeyInvalid", "Der Kopf „Idempotency-Key“ ist ungültig.")
    return f"{_name_space(caller.name)}:{key}"


def _name_space(name: str) -> str:
    """Usually the name itself. Names have no percent sign, and a colon ends the name space."""
    return f"%{name.replace(':', '%')}" if ":" in name or name in OWN_ACTS else name


async def read_body(request: Request, model: type[B]) -> tuple[bytes, B]:
    """The bytes and their content. 415, 411, 413, 400 or 422, depending on the fault."""
    if not JSON_IN_UTF_8.fullmatch(request.headers.get("content-type", "")):
        raise Refused(415, "ContentTypeUnsupported", "Der Inhalt muss als application/json gesendet werden.")
    content = await _bounded(request, LARGEST_BODY)
    try:
        check(content)
    except NotStrictJson as fault:
        raise Refused(400, "BodyNotJson", "Der Inhalt ist kein gültiges JSON.", reason=str(fault)) from None
    try:
        return content, model.model_validate_json(content, context=AS_TYPED)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise invalid(faults, schema_of(model)) from None


async def read_file(request: Request, largest: int, formats: Mapping[N, str]) -> tuple[N, bytes]:
    """Which of ``formats`` (by name, media types without parameters) it has, and its bytes. 415, 411 and 413."""
    told = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    found = [name for name, media_type in formats.items() if media_type == told]
    if not found:
        expected = " oder ".join(formats.values())
        raise Refused(415, "ContentTypeUnsupported", f"Die Datei muss gesendet werden als {expected}.")
    return found[0], await _bounded(request, largest)


@cache
def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


async def _bounded(request: Request, largest: int) -> bytes:
    """A body that is announced as too large is not read. If the caller closes before its end, the refusal reaches
    nobody.
    """
    if "content-encoding" in request.headers:
        raise Refused(415, "ContentTypeUnsupported", "Komprimierte Inhalte werden nicht angenommen.")
    length = request.headers.get("content-length")
    if length is None:
        raise Refused(411, "LengthRequired", "Die Länge des Inhalts fehlt.")
    if len(length) > 15 or int(length) > largest:
        raise Refused(413, "BodyTooLarge", f"Der Inhalt ist zu groß: erlaubt sind {largest} Byte.")
    try:
        return await request.body()
    except ClientDisconnect:
        raise Refused(408, "RequestIncomplete", "Die Anfrage kam nicht vollständig an.") from None


def read_seen(seen: list[str] | None) -> dict[str, int]:
    """``<stream>:<sequence>``, any number of times; for each stream the last counts. 422 for anything else."""
    named = [SEEN.fullmatch(one) for one in seen or ()]
    if None in named or len(named) > MOST_SEEN:
        raise Refused(422, "SeenInvalid", f"„seen“ muss <Strom>:<Nummer> sein, höchstens {MOST_SEEN} Mal.")
    positions = sorted((one[1], int(one[2])) for one in named if one)
    return dict(positions)


def seen_by(reached: Reached) -> Any:
    """Dependency of queries: ``?seen=<stream>:<sequence>`` waits until that event is in the projections, else 503."""

    async def wait(seen: SeenQuery = None) -> None:
        ends = time.monotonic() + SEEN_WITHIN
        for stream, sequence in read_seen(seen).items():
            await reached(stream, sequence, ends - time.monotonic())

    return Depends(wait)
