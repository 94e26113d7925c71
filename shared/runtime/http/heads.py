"""Limits on the head of a request, checked first: its size, and the number of each field.

Also the security and cache headers of every answer.
"""

from __future__ import annotations

from collections import Counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.runtime.http.problems import Refused, refusal

LARGEST_HEAD = 16 * 1024
MOST_FIELDS = 64

ONCE = frozenset(
    name.encode()
    for name in (
        "access-control-request-method",
        "authorization",
        "content-length",
        "content-location",
        "content-range",
        "content-type",
        "cookie",
        "date",
        "from",
        "host",
        "idempotency-key",
        "if-modified-since",
        "if-range",
        "if-unmodified-since",
        "max-forwards",
        "origin",
        "proxy-authorization",
        "range",
        "referer",
        "sec-fetch-dest",
        "sec-fetch-site",
        "transfer-encoding",
        "user-agent",
    )
)
"""Fields of one value (RFC 9110, 5.3; of cookies RFC 6265, 5.4): of two, a proxy may believe one and we the other."""

SAFE: tuple[tuple[bytes, bytes], ...] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
"""For an answer that is no page: no browser may store, guess, frame or run it. A page sets its own values.

``Strict-Transport-Security`` is set by the server that ends TLS (RFC 6797, 7.2).
"""


class GuardedHeads:
    """ASGI middleware, outermost: nothing else has seen what it refuses."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        why = _fault(scope) if scope["type"] == "http" else None
        await (refusal(why) if why else self._app)(scope, receive, _with_safe_head(send))


def _with_safe_head(send: Send) -> Send:
    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            told = {name for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *(field for field in SAFE if field[0] not in told)]
        await send(message)

    return told


def head_too_large() -> Refused:
    return Refused(
        431,
        "HeadTooLarge",
        f"Der Kopf der Anfrage ist zu groß: erlaubt sind {LARGEST_HEAD} Byte und {MOST_FIELDS} Felder.",
    )


def _fault(scope: Scope) -> Refused | None:
    fields: list[tuple[bytes, bytes]] = scope["headers"]
    target = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    if len(fields) > MOST_FIELDS or target + sum(len(name) + len(value) for name, value in fields) > LARGEST_HEAD:
        return head_too_large()
    number = Counter(name for name, _ in fields if name in ONCE)
    if twice := sorted(name.decode() for name, times in number.items() if times > 1):
        return Refused(400, "FieldRepeated", f"Der Kopf „{twice[0]}“ darf nur einmal vorkommen.")
    if scope["http_version"] == "1.1" and b"host" not in number:  # RFC 9112, 3.2
        return Refused(400, "HostMissing", "Der Kopf „Host“ fehlt.")
    return None
