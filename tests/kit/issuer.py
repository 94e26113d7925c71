"""A small OpenID Connect issuer on this machine: its page, its keys, and tokens signed with them or with others."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import uvicorn
from fastapi import FastAPI, Response
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

from deploy.embedded.ports import free_port
from shared.runtime.oidc_settings import OidcSettings
from shared.runtime.start import _Server

AUDIENCE = "pflegekonferenz"


@dataclass
class TestIssuer:
    __test__ = False

    port: int
    keys: list[Key] = field(default_factory=list)
    away: bool = False
    asked: int = 0
    page: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        self.keys, self.away, self.asked, self.page = [elliptic("one")], False, 0, {}

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

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def page() -> dict[str, Any]:
            return {"issuer": self.name, "jwks_uri": f"{self.name}/keys", **self.page}

        @app.get("/keys", response_model=None)
        async def keys() -> Response | dict[str, Any]:
            self.asked += 1
            if self.away:
                return Response(status_code=503)
            return {"keys": [key.as_dict(**_public(key)) for key in self.keys]}

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
    server = _Server(uvicorn.Config(issuer.app(), port=issuer.port, log_config=None, lifespan="off"))
    thread = Thread(target=server.run)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield issuer
    finally:
        server.should_exit = True
        thread.join()
