"""Where a service is: a URL without a user, as the tokens say who asks. So what is shown of it holds no password."""

from __future__ import annotations

from shared.contracts.topics import SERVICES


def address_of(service: str, url: str) -> str:
    """Without a slash at its end. Raises ``ValueError``, whose words repeat nothing of the URL."""
    if service not in SERVICES:
        raise ValueError(f"each is SERVICE = http://… or https://…, with one of {', '.join(SERVICES)}")
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"the URL of {service} begins with http:// or https://")
    if "@" in url:
        raise ValueError(f"the URL of {service} names a user or a password: leave them out, the tokens say who asks")
    return url.rstrip("/")
