"""Sends a part of a request, or all of it, and is gone before the answer comes."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from tests.campaign.load.caller import Order


async def hang_up(url: str, token: str, order: Order, key: str, part: float) -> None:
    """``part`` 1.0 sends everything."""
    where = urlsplit(url)
    assert where.port
    try:
        _, writer = await asyncio.open_connection(where.hostname, where.port)
    except OSError:
        return
    request = _request(where.netloc, token, order, key)
    writer.write(request[: int(len(request) * part)])
    writer.transport.abort() if part < 1.0 else writer.close()


def _request(host: str, token: str, order: Order, key: str) -> bytes:
    head = (
        f"POST /commands/{order.command} HTTP/1.1",
        f"Host: {host}",
        f"Authorization: Bearer {token}",
        f"Idempotency-Key: {key}",
        "Content-Type: application/json",
        f"Content-Length: {len(order.content)}",
    )
    return "\r\n".join(head).encode() + b"\r\n\r\n" + order.content
