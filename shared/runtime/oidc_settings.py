"""Settings of the trusted OpenID Connect issuer: ``KPK_OIDC_ISSUER`` and so on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FilePath

Signature = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
"""Algorithms with a private key of the issuer: neither ``none`` nor a shared secret (RFC 8725, 3.1)."""

SHORTEST_KEY = 32


def is_trusted_address(address: str) -> bool:
    """The server there has shown a certificate, or is this machine."""
    told = urlsplit(address)
    return told.scheme == "https" or (told.scheme == "http" and told.hostname in ("127.0.0.1", "::1", "localhost"))


def _trusted(address: str) -> str:
    if not is_trusted_address(address):
        raise ValueError("must be an https address")
    return address


def _long_enough(file: Path) -> Path:
    if len(file.read_bytes().strip()) < SHORTEST_KEY:
        raise ValueError(f"must hold at least {SHORTEST_KEY} random bytes: openssl rand -hex 32")
    return file


class OidcSettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    issuer: Annotated[str, AfterValidator(_trusted)]
    """Exactly the ``iss`` of its tokens."""
    audience: Annotated[str, Field(min_length=1)]
    """Tokens for another audience are refused: they are for another program."""
    pseudonym_key_file: Annotated[FilePath, AfterValidator(_long_enough)]
    """Turns a person's subject into the name that is stored. The same for every service, permanent, and secret."""
    jwks_uri: Annotated[str, AfterValidator(_trusted)] | None = None
    """By default as the issuer's own page says."""
    ca_file: FilePath | None = None
    """The CA of the issuer's certificate; by default those that the system trusts."""
    algorithms: frozenset[Signature] = frozenset({"RS256", "PS256", "ES256"})
    role_claim: str = "roles"
    """A claim, with dots for nested objects: ``realm_access.roles``."""
    roles: dict[str, Literal["office", "approver", "admin", "monitor"]] = {
        "office": "office",
        "approver": "approver",
        "admin": "admin",
        "monitor": "monitor",
    }
    """From values of the claim to our roles; other values are ignored."""
    conferences_claim: str = "conferences"
    keys_stand_seconds: Annotated[int, Field(ge=60, le=86_400)] = 3_600
    """How long the issuer's keys are accepted while it does not answer; afterwards people are refused."""
