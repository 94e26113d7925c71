"""What the pages are told from outside: where the services are whose words they show."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from shared.runtime.settings import ServiceSettings

Address = Annotated[str, StringConstraints(pattern=r"^https?://[^/?#\s]+$")]
"""Without a path: ``http://members-api:8080``."""


class OfficeSettings(ServiceSettings):
    """The addresses are named as ``kpk`` names them."""

    url_members: Address
    url_meetings: Address
    url_funding: Address
    url_notifications: Address

    worker_members: Address | None = None
    worker_meetings: Address | None = None
    worker_funding: Address | None = None
    worker_notifications: Address | None = None
    worker_office: Address | None = None
    """Where what is parked is looked at, for services whose API and worker are two processes."""

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
