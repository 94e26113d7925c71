"""A small OpenID Connect issuer on this machine: its page, its keys, and tokens signed with them or with other keys."""

from __future__ import annotations

import time
import warnings
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode
from uuid import uuid4

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

from deploy.embedded.ports import free_port
from shared.runtime.oidc_settings import OidcSettings

AUDIENCE = "pflegekonferenz"


@dataclass
class TestIssuer:
    __test__ = False

    port: int
    keys: list[Key] = field(default_factory=list)
    away: bool = False
    asked: int = 0
    page: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    """What was asked by whoever has logged in, by the code that is good for one exchange."""
    id_claims: dict[str, Any] = field(default_factory=dict)
    access_claims: dict[str, Any] = field(default_factory=dict)
    """What tokens that are exchanged say otherwise than usual."""
    secret: str = ""
    """Empty: any program is believed who it is."""

    def __post_init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        self.keys, self.away, self.asked, self.page = [elliptic("one")], False, 0, {}
        self.codes, self.id_claims, self.access_claims, self.secret = {}, {}, {}, ""

    @property
    def name(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def settings(self, folder: Path, **more: Any) -> OidcSettings:
        key = folder / "pseudonym-key"
        key.write_text("0123456789abcdef" * 4)
        told = {"issuer": self.name, "audience": AUDIENCE, "pseudonym_key_file": key, **more}
        return OidcSettings.model_validate(told)

    def token(self, key: Key | None = None, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """Good for an hour for a clerk of Stuttgart's office, but for what is said; None leaves a claim out."""
        key = key or self.keys[0]
        now = int(time.time())
        told = {
            "iss": self.name,
            "aud": AUDIENCE,
            "sub": "anna.muster@example.org",
            "iat": now,
            "exp": now + 3600,
            "roles": ["office"],
            "conferences": ["stuttgart"],
            **claims,
        }
        usual = {"RSA": "RS256", "EC": "ES256", "oct": "HS256"}[key.key_type]
        head = {"alg": usual, "kid": key.kid, "typ": "at+jwt", **(header or {})}
        said = {name: value for name, value in told.items() if value is not None}
        return jwt.encode(head, said, key, algorithms=["RS256", "RS384", "ES256", "HS256", "none"])

    def _is_the_same(self, asked: dict[str, str], told: dict[str, str], shown: str) -> bool:
        """Who exchanges a code has asked for it (RFC 7636), and is who they say."""
        challenge = b64encode(sha256(told["code_verifier"].encode()).digest(), b"-_").decode().rstrip("=")
        basic = "Basic " + b64encode(f"{asked['client_id']}:{self.secret}".encode()).decode()
        believed = shown == basic if self.secret else told["client_id"] == asked["client_id"]
        return (challenge, told["redirect_uri"], believed) == (asked["code_challenge"], asked["redirect_uri"], True)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def page() -> dict[str, Any]:
            told = {f"{name}_endpoint": f"{self.name}/{name}" for name in ("authorization", "token")}
            return {"issuer": self.name, "jwks_uri": f"{self.name}/keys", **told, **self.page}

        @app.get("/keys", response_model=None)
        async def keys() -> Response | dict[str, Any]:
            self.asked += 1
            if self.away:
                return Response(status_code=503)
            return {"keys": [key.as_dict(**_public(key)) for key in self.keys]}

        @app.get("/authorization")
        async def log_in(request: Request) -> Response:
            asked = dict(request.query_params)
            code = uuid4().hex
            self.codes[code] = asked
            told = urlencode({"code": code, "state": asked["state"], "iss": self.name})
            return RedirectResponse(f"{asked['redirect_uri']}?{told}", 303)

        @app.post("/token", response_model=None)
        async def exchange(request: Request) -> Response | dict[str, Any]:
            told = {name: one for name, [one] in parse_qs((await request.body()).decode()).items()}
            asked = self.codes.pop(told.get("code", ""), None)
            if asked is None or not self._is_the_same(asked, told, request.headers.get("authorization", "")):
                return Response(status_code=400)
            usual = {"aud": asked["client_id"], "nonce": asked["nonce"], "roles": None, "conferences": None}
            return {
                "id_token": self.token(header={"typ": "JWT"}, **{**usual, **self.id_claims}),
                "access_token": self.token(**self.access_claims),
            }

        @app.get("/elsewhere")
        async def elsewhere() -> Response:
            return Response(status_code=307, headers={"location": f"{self.name}/keys"})

        return app


def _public(key: Key) -> dict[str, Any]:
    return {} if isinstance(key, OctKey) else {"private": False}


def elliptic(kid: str) -> Key:
    return ECKey.generate_key("P-256", {"kid": kid}, private=True)


def rsa(kid: str, bits: int = 2048) -> Key:
    with warnings.catch_warnings(action="ignore", category=SecurityWarning):
        return RSAKey.generate_key(bits, {"kid": kid}, private=True)


@contextmanager
def issuing() -> Iterator[TestIssuer]:
    """In a thread of its own, so that many tests can ask one."""
    issuer = TestIssuer(free_port())
    server = uvicorn.Server(uvicorn.Config(issuer.app(), port=issuer.port, log_config=None, lifespan="off"))
    thread = Thread(target=server.run)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield issuer
    finally:
        server.should_exit = True
        thread.join()
