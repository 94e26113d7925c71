"""Makes aiokafka log in again before the broker's session ends; on its own it logs in once per connection.

A broker closes connections whose session has ended (KIP-368, ``connections.max.reauth.ms``), even during a request.
Then a producer would end every few minutes, and a consumer would search for its group again. So the client
authenticates again in time, on the same connection; requests wait meanwhile, in order.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaError
from aiokafka.protocol.admin import SaslAuthenticateRequest, SaslHandShakeRequest

Send = Callable[..., Any]
EARLY = (0.6, 0.8)
"""The part of a session's time after which it is renewed: not all at once, and with time for a slow answer."""


def renew() -> None:
    """For every connection of this process. Uses private names: the version is pinned, and a test lets sessions end."""
    if not hasattr(AIOKafkaConnection.send, "__wrapped_for_sessions__"):
        AIOKafkaConnection.send = _waiting_for_login(AIOKafkaConnection.send)
        AIOKafkaConnection._do_sasl_handshake = _again_in_time(AIOKafkaConnection._do_sasl_handshake)


def _waiting_for_login(send: Send) -> Send:
    @wraps(send)
    def sending(line: Any, request: Any, expect_response: bool = True) -> Any:
        if isinstance(request, SaslAuthenticateRequest):
            return _noting_lifetime(line, send(line, request, expect_response))
        login: asyncio.Event | None = getattr(line, "kpk_login", None)
        if login is None or isinstance(request, SaslHandShakeRequest):
            return send(line, request, expect_response)
        return _after(login, send, line, request, expect_response)

    sending.__wrapped_for_sessions__ = True  # type: ignore[attr-defined]
    return sending


async def _noting_lifetime(line: Any, answer: Any) -> Any:
    told = await answer
    line.kpk_lifetime = getattr(told, "session_lifetime_ms", 0) / 1000
    return told


async def _after(login: asyncio.Event, send: Send, *given: Any) -> Any:
    await login.wait()
    return await send(*given)


def _again_in_time(handshake: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @wraps(handshake)
    async def logging_in(line: Any) -> None:
        await handshake(line)
        if lifetime := getattr(line, "kpk_lifetime", 0):
            in_time = lifetime * random.uniform(*EARLY)
            asyncio.get_running_loop().call_later(in_time, _begin, line)

    return logging_in


def _begin(line: Any) -> None:
    if line.connected():
        line.kpk_renewing = asyncio.create_task(_renew(line), name="logging in again")


async def _renew(line: Any) -> None:
    login = line.kpk_login = asyncio.Event()
    try:
        with suppress(KafkaError, TimeoutError, OSError):
            await line._do_sasl_handshake()
            return
        line.close(reason=CloseReason.AUTH_FAILURE)
    finally:
        line.kpk_login = None
        login.set()
