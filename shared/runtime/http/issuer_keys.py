"""The public keys of an OpenID Connect issuer (RFC 7517): fetched regularly, and never trusted for long.

The address comes from the settings or from the issuer's own page (OpenID Connect Discovery 1.0), never from a token.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import structlog
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from shared.runtime.http.problems import Refused
from shared.runtime.observing.alarms import Alarms
from shared.runtime.oidc_settings import OidcSettings, is_trusted_address

log = structlog.get_logger()

REFRESH_SECONDS = 300.0
"""The most seconds for which a withdrawn key is still accepted while the issuer answers."""

PAUSE_SECONDS = 10.0
"""Seconds between two questions, whatever callers send: unknown keys cost the issuer one question in ten seconds."""

ANSWER_WITHIN = 5.0
LARGEST_ANSWER = 256 * 1024
MOST_KEYS = 50
KINDS: Mapping[str, type[RSAKey | ECKey | OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
AWAY = "the OpenID Connect issuer does not tell its keys; soon people are refused: look at KPK_OIDC_ISSUER"


class IssuerKeys:
    def __init__(self, settings: OidcSettings, alarms: Alarms) -> None:
        self._settings, self._alarms = settings, alarms
        self._tls = trusted_by(settings)
        self._keys: Mapping[str, Key] = {}
        self._read = self._asked = float("-inf")
        self._answered = False
        self._asking = asyncio.Lock()

    async def key(self, kid: str) -> Key | None:
        """None if the issuer knows no such key. Raises ``Refused``: 503 while the keys are unknown or too old."""
        if self._too_old() or kid not in self._keys:
            await self.refresh()
        if self._too_old():
            raise Refused(503, "IssuerUnreachable", "Die Anmeldung kann zurzeit nicht geprüft werden.")
        return self._keys.get(kid)

    async def refresh(self) -> None:
        """Does nothing within ``PAUSE_SECONDS`` of the last question. Other callers wait for its answer."""
        async with self._asking:
            if time.monotonic() - self._asked < PAUSE_SECONDS:
                return
            self._answered = False
            try:
                async with asyncio.timeout(ANSWER_WITHIN):
                    self._keys = await self._fetch()
            except (httpx.HTTPError, ValueError, TimeoutError) as fault:
                self._alarms.tell("oidc_issuer", AWAY, error=type(fault).__name__)
            else:
                self._read, self._answered = time.monotonic(), True
                self._alarms.tell("oidc_issuer", None)
            finally:
                self._asked = time.monotonic()

    async def keep_fresh(self) -> None:
        while True:
            await self.refresh()
            await asyncio.sleep(REFRESH_SECONDS if self._answered else PAUSE_SECONDS)

    def _too_old(self) -> bool:
        return time.monotonic() - self._read > self._settings.keys_stand_seconds

    async def _fetch(self) -> dict[str, Key]:
        async with httpx.AsyncClient(trust_env=False, verify=self._tls, follow_redirects=False) as client:
            where = self._settings.jwks_uri or address_in(await issuer_page(client, self._settings), "jwks_uri")
            keys = dict(_usable(await read_json(client, "GET", where)))
        if not keys:
            raise ValueError("no usable key")
        return keys


def trusted_by(settings: OidcSettings) -> ssl.SSLContext:
    return _trusting(settings.ca_file)


@cache
def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)


async def issuer_page(client: httpx.AsyncClient, settings: OidcSettings) -> dict[str, Any]:
    """The issuer's own description. Raises ``HTTPError``, or ``ValueError`` if it is another issuer's."""
    page = await read_json(client, "GET", f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration")
    if page.get("issuer") != settings.issuer:
        raise ValueError("the page is another issuer's")
    return page


def address_in(page: Mapping[str, Any], name: str) -> str:
    """Raises ``ValueError`` for an address that cannot be trusted."""
    where = page.get(name)
    if not isinstance(where, str) or not is_trusted_address(where):
        raise ValueError(f"no trusted {name}")
    return where


async def read_json(client: httpx.AsyncClient, method: str, address: str, **more: Any) -> dict[str, Any]:
    """A JSON object of bounded size. Raises ``HTTPError`` or ``ValueError``."""
    content = b""
    async with client.stream(method, address, **more) as answer:
        if answer.status_code != httpx.codes.OK:
            raise ValueError("no page")
        async for part in answer.aiter_bytes():
            content += part
            if len(content) > LARGEST_ANSWER:
                raise ValueError("too large")
    told = json.loads(content)
    if not isinstance(told, dict):
        raise ValueError("no object")  # noqa: TRY004 - the content is wrong, not a caller's argument
    return told


def _usable(told: dict[str, Any]) -> Iterator[tuple[str, Key]]:
    """Named keys for signatures; without other kinds, and those that the library warns of."""
    rows = told.get("keys")
    for row in rows[:MOST_KEYS] if isinstance(rows, list) else ():
        kind = KINDS.get(str(row.get("kty"))) if isinstance(row, dict) else None
        if kind is None or not isinstance(row.get("kid"), str) or row.get("use", "sig") != "sig":
            continue
        with warnings.catch_warnings(action="error", category=SecurityWarning):
            try:
                key = kind.import_key(row)
            except (JoseError, SecurityWarning, ValueError, TypeError, KeyError):
                continue
        yield row["kid"], key
