"""What the pages are told from outside: where the services are whose words they show."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, FilePath, StringConstraints, model_validator

from shared.runtime.settings import ServiceSettings

Address = Annotated[str, StringConstraints(pattern=r"^https?://[^/?#\s]+$")]
"""Without a path: ``http://members-api:8080``."""


class LoginSettings(BaseModel):
    """The program as which the desk logs people in at ``KPK_OIDC_ISSUER``: ``KPK_LOGIN_CLIENT_ID`` and so on."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    client_id: Annotated[str, Field(min_length=1)]
    client_secret_file: FilePath | None = None
    """None: the program is identified by its return address and by PKCE."""
    address: Address
    """The desk's address from outside. Its ``/desk/login/return`` is registered at the issuer."""
    scope: Annotated[str, Field(pattern=r"(^| )openid( |$)")] = "openid"


class OfficeSettings(ServiceSettings):
    """The addresses have the same names as in ``kpk``."""

    url_members: Address
    url_meetings: Address
    url_funding: Address
    url_notifications: Address

    worker_members: Address | None = None
    worker_meetings: Address | None = None
    worker_funding: Address | None = None
    worker_notifications: Address | None = None
    worker_office: Address | None = None
    """The workers' addresses, for services whose API and worker are two processes: there, parked records are shown."""

    login: LoginSettings | None = None
    """None: people log in only with a token."""

    @model_validator(mode="after")
    def _has_an_issuer(self) -> Self:
        if self.login and not self.oidc:
            raise ValueError("KPK_LOGIN_… needs KPK_OIDC_ISSUER")
        return self

    @property
    def workers(self) -> dict[str, str]:
        named = {name: getattr(self, f"worker_{name}") for name in (*self.addresses, "office")}
        return {name: address for name, address in named.items() if address}

    @property
    def addresses(self) -> dict[str, str]:
        return {
            "members": self.url_members,
            "meetings": self.url_meetings,
            "funding": self.url_funding,
            "notifications": self.url_notifications,
        }
