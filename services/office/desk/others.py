"""The other services, asked over HTTP with the token of whoever is logged in: the pages have no rights of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from shared.declarations.projection import Document

SECONDS = 20.0

OF_WORKERS = "/admin/"
"""Questions that only a worker answers, because it parks records."""


class Silent(Exception):
    """A service does not answer, or fails: nobody knows whether it did what was asked."""

    def __init__(self, service: str) -> None:
        self.service = service
        super().__init__(service)


@dataclass
class Problem(Exception):
    """A service's refusal (RFC 9457): its rule, its German sentence, and the wrong fields."""

    status: int
    rule: str
    sentence: str
    fields: Sequence[Mapping[str, str]] = ()
    retry_after: str = ""
    told: Document = field(default_factory=dict)
    """The whole problem."""


class Others:
    """The address of each service, and of its worker if that is another process.

    ``keep`` holds the connections until it is cancelled.
    """

    def __init__(
        self,
        addresses: Mapping[str, str],
        workers: Mapping[str, str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.addresses = addresses
        self._workers = {**addresses, **(workers or {})}
        self._client = httpx.AsyncClient(trust_env=False, timeout=SECONDS, transport=transport)

    async def keep(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await self.close()

    async def close(self) -> None:
        await self._client.aclose()

    async def ask(self, service: str, path: str, token: str, query: Mapping[str, Any]) -> Document:
        """Raises ``Silent`` and ``Problem``."""
        return await self._call("GET", service, path, token, params=query)

    async def fetch(self, service: str, path: str, token: str, query: Mapping[str, Any]) -> bytes:
        """A document. Raises ``Silent`` and ``Problem``."""
        headers = {"Authorization": f"Bearer {token}"}
        try:
            answer = await self._client.get(f"{self.addresses[service]}{path}", params=query, headers=headers)
            if answer.is_success:
                return answer.content
            told: Document = answer.json()
        except (httpx.HTTPError, ValueError):
            raise Silent(service) from None
        raise _problem(answer, told)

    async def give(self, service: str, path: str, token: str, body: Document, key: str) -> Document:
        """A repeated ``key`` gets the first answer again. Raises ``Silent`` and ``Problem``."""
        return await self._call("POST", service, path, token, json=body, headers={"Idempotency-Key": key})

    async def give_file(
        self, service: str, path: str, token: str, query: Mapping[str, Any], content: bytes, key: str
    ) -> Document:
        """Like ``give``, for a CSV file."""
        headers = {"Idempotency-Key": key, "Content-Type": "text/csv"}
        return await self._call("POST", service, path, token, params=query, content=content, headers=headers)

    async def _call(self, method: str, service: str, path: str, token: str, **more: Any) -> Document:
        headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
        try:
            at = (self._workers if path.startswith(OF_WORKERS) else self.addresses)[service]
            answer = await self._client.request(method, f"{at}{path}", headers=headers, **more)
            told: Document = answer.json()
        except (httpx.HTTPError, ValueError):
            raise Silent(service) from None
        if answer.is_success:
            return told
        if answer.is_server_error and answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            raise Silent(service)
        raise _problem(answer, told)


def _problem(answer: httpx.Response, told: Document) -> Problem:
    return Problem(
        answer.status_code,
        str(told.get("type", "")),
        str(told.get("detail", "Der Dienst lehnt das ab.")),
        told.get("fields") or (),
        answer.headers.get("Retry-After", ""),
        told,
    )
