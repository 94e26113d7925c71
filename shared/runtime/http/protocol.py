"""Limits on the cost of a connection before our code is called: bytes, time and number.

httptools has no limit of its own: it keeps a head of any length until it is complete, for as long as that takes.
"""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate
from functools import lru_cache
from typing import Any, Literal

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from shared.runtime.http.heads import LARGEST_HEAD, SAFE, head_too_large
from shared.runtime.http.problems import Refused, refusal

HEAD_WITHIN = 10.0
"""Seconds from the connection, or from a later request's first byte, to the end of the head."""

BODY_WITHIN = 20.0
"""Seconds from the end of the head to the end of the body."""

ANSWER_TAKEN_WITHIN = 30.0
"""Seconds for the caller to accept the next part of an answer."""

MOST_CONNECTIONS = 500
LINGER = 2.0
"""Seconds for which a refused caller may still send: if closed at once, TCP would discard the refusal."""

TOO_MANY = Refused(503, "TooManyConnections", "Es bestehen zu viele Verbindungen zugleich. Bitte gleich noch einmal.")

MALFORMED = Refused(400, "RequestMalformed", "Die Anfrage ist kein gültiges HTTP.")
TOO_SLOW = Refused(408, "RequestTooSlow", "Die Anfrage kam nicht rechtzeitig vollständig an.")


class BoundedRequests(HttpToolsProtocol):
    """Refuses with a problem and closes. A complete request belongs to the app, however long that takes."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._messages = 0
        self._expects: Literal["head", "body"] | None = "head"
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None
        self._beside_body = 0
        self._ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        if len(self.connections) > MOST_CONNECTIONS:
            self._ended = True
            self.transport.write(_on_the_wire(TOO_MANY))
            self.transport.close()
        else:
            self._wait(HEAD_WITHIN)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        if self._writing:
            self._writing.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """The bytes of one message without its body are bounded; those in its first read are not counted."""
        if self._ended:
            return
        expected = (self._messages, self._expects)
        self._beside_body += len(data)
        super().data_received(data)
        self._bound(expected)

    def _bound(self, expected_before: tuple[int, str | None]) -> None:
        if self._ended:
            return
        if self._expects and self._beside_body > LARGEST_HEAD:
            self._refuse(head_too_large())
        elif (self._messages, self._expects) != expected_before:
            self._wait({"head": HEAD_WITHIN, "body": BODY_WITHIN, None: None}[self._expects])

    # What the parser tells

    def on_message_begin(self) -> None:
        self._messages += 1
        self._expects, self._beside_body = "head", 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._expects, self._beside_body = "body", 0
        self.server_state.default_headers = _dated(int(time.time()))
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._beside_body = max(0, self._beside_body - len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._expects = None
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """The parser refuses addresses beyond 64 KB; that is not a malformed request."""
        too_large = self._messages and len(self.url) > LARGEST_HEAD
        self._refuse(head_too_large() if too_large else MALFORMED)

    def _unsupported_upgrade_warning(self) -> None:
        """Answered in HTTP/1.1, as callers have to expect (RFC 9110, 7.8). The parser reads nothing after it."""
        self.cycle.keep_alive = False

    # What the caller does not take

    def pause_writing(self) -> None:
        super().pause_writing()
        self._writing = self.loop.call_later(ANSWER_TAKEN_WITHIN, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._writing:
            self._writing.cancel()

    def timeout_keep_alive_handler(self) -> None:
        """Closing waits for the caller to accept what was written, but not for ever."""
        super().timeout_keep_alive_handler()
        self._writing = self.loop.call_later(ANSWER_TAKEN_WITHIN, self.transport.abort)

    # The end

    def _wait(self, seconds: float | None) -> None:
        self._stop_waiting()
        if seconds is not None:
            self._timer = self.loop.call_later(seconds, self._too_slow)

    def _stop_waiting(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._refuse(TOO_SLOW)

    def _refuse(self, why: Refused) -> None:
        """An earlier request that is still being answered loses its answer: the caller could confuse the two."""
        self._ended = True
        self._stop_waiting()
        self._unset_keepalive_if_required()
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete or self._is_about(cycle):
            self.transport.write(_on_the_wire(why))
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.write_eof()
        self._timer = self.loop.call_later(LINGER, self.transport.abort)

    def _is_about(self, cycle: RequestResponseCycle) -> bool:
        """Whether the refusal answers this request, with no earlier one still open."""
        return self._expects == "body" and not self.pipeline and not cycle.response_started


@lru_cache(maxsize=1)
def _dated(second: int) -> list[tuple[bytes, bytes]]:
    """When an answer began to be made (RFC 9110, 6.6.1)."""
    return [(b"date", formatdate(second, usegmt=True).encode())]


def _on_the_wire(why: Refused) -> bytes:
    answer = refusal(why)
    fields = [*answer.raw_headers, *SAFE, (b"connection", b"close")]
    return b"".join(
        [STATUS_LINE[why.status], *(b"%b: %b\r\n" % field for field in fields), b"\r\n", bytes(answer.body)]
    )
