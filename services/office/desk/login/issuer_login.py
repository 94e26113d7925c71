"""Logging in at an OpenID Connect issuer: authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0,
RFC 7636, RFC 9207).

Whoever begins has one secret in a cookie of their own, for ten minutes; state, nonce and verifier are hashes of it, so
that nothing is stored here, and an answer that another browser has asked for is nobody's.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import httpx
import structlog

from services.office.settings import LoginSettings
from shared.runtime.http.issuer_keys import ANSWER_WITHIN, address_in, issuer_page, read_json, trusted_by
from shared.runtime.http.oidc import OF_ID_TOKENS, Issuer
from shared.runtime.oidc_settings import OidcSettings

log = structlog.get_logger()

LASTS_SECONDS = 600
RETURN = "/desk/login/return"

AWAY = "Die Anmeldung der Stadt antwortet gerade nicht. Bitte gleich noch einmal versuchen."
NOT_YOURS = "Diese Anmeldung gehört nicht zu diesem Fenster oder ist zu lange her. Bitte noch einmal beginnen."
DECLINED = "Die Anmeldung wurde abgebrochen oder abgelehnt."
NOT_TRUSTED = "Die Anmeldung der Stadt hat nicht so geantwortet, dass ihr zu trauen ist. Bitte noch einmal beginnen."


class NotLoggedIn(Exception):
    """The text is the German sentence for the visitor."""

    def __init__(self, status: int, sentence: str) -> None:
        self.status, self.sentence = status, sentence
        super().__init__(sentence)


@dataclass(frozen=True)
class Attempt:
    """``goal`` is the requested page."""

    secret: str
    goal: str

    @classmethod
    def new(cls, goal: str) -> Attempt:
        return cls(secrets.token_urlsafe(32), goal)

    @classmethod
    def kept(cls, cookie: str) -> Attempt | None:
        secret, _, goal = cookie.partition(".")
        try:
            return cls(secret, urlsafe_b64decode(goal).decode()) if secret else None
        except ValueError:
            return None

    @property
    def cookie(self) -> str:
        return f"{self.secret}.{urlsafe_b64encode(self.goal.encode()).decode()}"

    @property
    def state(self) -> str:
        return self._hash("state")

    @property
    def nonce(self) -> str:
        return self._hash("nonce")

    @property
    def verifier(self) -> str:
        return self._hash("verifier")

    @property
    def challenge(self) -> str:
        return _unpadded(hashlib.sha256(self.verifier.encode()).digest())

    def _hash(self, use: str) -> str:
        return _unpadded(hashlib.sha256(f"{use}:{self.secret}".encode()).digest())


class IssuerLogin:
    """``issuer`` is the one whose tokens the services accept."""

    def __init__(self, settings: LoginSettings, oidc: OidcSettings) -> None:
        self._settings, self._oidc = settings, oidc
        self._tls = trusted_by(oidc)

    async def address(self, attempt: Attempt) -> str:
        """The address to which the browser goes. Raises ``NotLoggedIn``."""
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.address + RETURN,
            "scope": self._settings.scope,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        try:
            async with asyncio.timeout(ANSWER_WITHIN), self._client() as client:
                where = address_in(await issuer_page(client, self._oidc), "authorization_endpoint")
        except (httpx.HTTPError, ValueError, TimeoutError) as fault:
            raise self._away(fault) from None
        return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"

    async def token(self, attempt: Attempt | None, answer: Mapping[str, str], issuer: Issuer) -> str:
        """The access token of the returning visitor. Raises ``NotLoggedIn``; ``Refused`` while no keys are known."""
        if attempt is None or not hmac.compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
            raise NotLoggedIn(400, NOT_YOURS)
        if answer.get("iss", self._oidc.issuer) != self._oidc.issuer:
            raise NotLoggedIn(400, NOT_TRUSTED)
        if not answer.get("code"):
            raise NotLoggedIn(403, DECLINED)
        told = await self._exchanged(attempt, answer["code"])
        said = await issuer.claims_of(told["id_token"], OF_ID_TOKENS, self._settings.client_id)
        if said is None or not _is(said.get("nonce"), attempt.nonce) or not self._is_for_us(said):
            raise NotLoggedIn(400, NOT_TRUSTED)
        return told["access_token"]

    def _is_for_us(self, said: Mapping[str, object]) -> bool:
        """A token with several audiences names the program that asked for it (OpenID Connect Core, 3.1.3.7)."""
        several = isinstance(said["aud"], list) and len(said["aud"]) > 1
        return said.get("azp", None if several else self._settings.client_id) == self._settings.client_id

    async def _exchanged(self, attempt: Attempt, code: str) -> dict[str, str]:
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.address + RETURN,
            "code_verifier": attempt.verifier,
        }
        try:
            async with asyncio.timeout(ANSWER_WITHIN), self._client() as client:
                where = address_in(await issuer_page(client, self._oidc), "token_endpoint")
                told = await read_json(client, "POST", where, **self._as_program(asked))
        except (httpx.HTTPError, ValueError, TimeoutError) as fault:
            raise self._away(fault) from None
        tokens = {name: told.get(name) for name in ("id_token", "access_token")}
        if not all(isinstance(one, str) and one for one in tokens.values()):
            raise NotLoggedIn(400, NOT_TRUSTED)
        return {name: str(one) for name, one in tokens.items()}

    def _as_program(self, asked: dict[str, str]) -> dict[str, object]:
        """With a secret by HTTP Basic (RFC 6749, 2.3.1), otherwise by its id."""
        name, file = self._settings.client_id, self._settings.client_secret_file
        if file is None:
            return {"data": {**asked, "client_id": name}}
        secret = file.read_text().strip()
        return {"data": asked, "auth": (quote(name, safe=""), quote(secret, safe=""))}

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(trust_env=False, verify=self._tls, follow_redirects=False)

    def _away(self, fault: Exception) -> NotLoggedIn:
        log.warning("issuer does not log in", error=type(fault).__name__)
        return NotLoggedIn(503, AWAY)


def _is(said: object, expected: str) -> bool:
    return isinstance(said, str) and hmac.compare_digest(said.encode(), expected.encode())


def _unpadded(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")
