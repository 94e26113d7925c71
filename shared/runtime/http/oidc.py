"""People who are logged in elsewhere: access tokens of an OpenID Connect issuer, as signed JWTs (RFC 9068, RFC 8725).

The alternative to our own tokens, which programs use. Role and conferences come from claims.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import Annotated, Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from shared.kernel.identifiers import ConferenceSlug
from shared.runtime.http.callers import EVERY, Caller
from shared.runtime.http.issuer_keys import IssuerKeys
from shared.runtime.http.problems import Refused
from shared.runtime.observing.alarms import Alarms
from shared.runtime.oidc_settings import OidcSettings

LEEWAY_SECONDS = 30
"""The accepted difference between the clocks of issuer and service."""

TYPES = frozenset({None, "jwt", "at+jwt", "application/at+jwt"})
"""``typ`` of an access token. A logout token or a request object has another one (RFC 8725, 3.11)."""

OF_ID_TOKENS = frozenset({None, "jwt"})
"""An ID token has at most the type JWT. An access token may have that too, and is recognised by its audience."""

CONFERENCE = TypeAdapter[str](ConferenceSlug)


class _Claims(BaseModel):
    """The token's subject and roles; the library checks times and audience."""

    model_config = ConfigDict(strict=True, extra="allow")

    iss: str
    sub: Annotated[str, Field(min_length=1, max_length=255)]


class Issuer:
    """Accepts a token that the configured issuer signed for this audience and that is valid now."""

    def __init__(self, settings: OidcSettings, alarms: Alarms) -> None:
        self._settings = settings
        self.keys = IssuerKeys(settings, alarms)
        self._pseudonym_key = settings.pseudonym_key_file.read_bytes().strip()
        self._registry = jws.JWSRegistry(algorithms=sorted(settings.algorithms), strict_check_header=False)

    async def who(self, token: str) -> Caller | None:
        """Raises ``Refused``: 503 while the issuer's keys are not known, 403 if the token names no role of ours."""
        claims = await self.claims_of(token, TYPES, self._settings.audience)
        return self._caller(_Claims.model_validate(claims), claims) if claims else None

    async def claims_of(self, token: str, types: frozenset[str | None], audience: str) -> dict[str, Any] | None:
        """The claims of a token of such a type and for this audience; None if it is another one, or not valid now.

        Raises ``Refused`` as ``who``.
        """
        try:
            header = jws.extract_compact(token.encode()).headers()
            kid, kind = header.get("kid"), header.get("typ")
            if header.get("alg") not in self._settings.algorithms or not isinstance(kid, str):
                return None
            if not (kind is None or isinstance(kind, str)) or (kind and kind.lower()) not in types:
                return None
            key = await self.keys.key(kid)
            if key is None:
                return None
            claims = jwt.decode(token, key, registry=self._registry).claims
            _times_and(audience).validate(claims)
            said = _Claims.model_validate(claims)
        except (JoseError, ValidationError, ValueError, TypeError):
            return None
        return claims if said.iss == self._settings.issuer else None

    def _caller(self, said: _Claims, claims: dict[str, Any]) -> Caller:
        roles = {
            self._settings.roles[one]
            for one in _named(claims, self._settings.role_claim)
            if one in self._settings.roles
        }
        if len(roles) != 1:
            raise Refused(403, "RoleNotClear", "Die Anmeldung muss genau eine Rolle der Pflegekonferenz nennen.")
        return Caller(self._pseudonym(said), roles.pop(), frozenset(self._conferences(claims)))

    def _conferences(self, claims: dict[str, Any]) -> Iterable[str]:
        for one in _named(claims, self._settings.conferences_claim):
            if one == EVERY or _is_conference(one):
                yield one

    def _pseudonym(self, said: _Claims) -> str:
        """Always the same for the same person. A subject may be an e-mail address, so the pseudonym
        is stored instead.
        """
        who = f"{said.iss}\n{said.sub}".encode()
        return f"oidc-{hmac.digest(self._pseudonym_key, who, 'sha256').hex()[:32]}"


def _times_and(audience: str) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        leeway=LEEWAY_SECONDS, exp={"essential": True}, aud={"essential": True, "value": audience}
    )


def _is_conference(text: str) -> bool:
    try:
        CONFERENCE.validate_python(text)
    except ValidationError:
        return False
    return True


def _named(claims: dict[str, Any], name: str) -> list[str]:
    """The claim of that name, with dots for nested objects (``realm_access.roles``): one text or a list of them."""
    found: Any = claims.get(name)
    if found is None:
        found = claims
        for step in name.split("."):
            found = found.get(step) if isinstance(found, dict) else None
    told = [found] if isinstance(found, str) else found
    return [one for one in told if isinstance(one, str)] if isinstance(told, list) else []
