"""aiokafka on uvloop: makes a write to a just broken connection an ``OSError``.

asyncio's own loop continues in this case; uvloop raises ``RuntimeError``. aiokafka expects ``OSError``
(aio-libs/aiokafka#1038): its loop for fetching, heartbeats or sending ended for ever without an error, and the consumer
stopped although the broker was healthy.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError

Send = Callable[..., Any]


def survive() -> None:
    """For every connection of this process. Uses private names: the version is pinned, and a test breaks a line."""
    for name in ("send", "_send_sasl_token"):
        send = getattr(AIOKafkaConnection, name)
        if not hasattr(send, "__wrapped__"):
            setattr(AIOKafkaConnection, name, _looking_first(send))


def _looking_first(send: Send) -> Send:
    @wraps(send)
    def looking_first(line: Any, *given: Any, **named: Any) -> Any:
        if line._writer is not None and line._writer.transport.is_closing():
            line.close(reason=CloseReason.CONNECTION_BROKEN)
            raise KafkaConnectionError("the line to the broker is broken")
        return send(line, *given, **named)

    return looking_first
