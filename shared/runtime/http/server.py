"""The HTTP server of a process: waits for its end instead of looking for it.

uvicorn looks ten times a second whether it should end, and sets the ``Date`` of answers once a second. Here ``Date`` is
set with each request (``protocol.py``), so a process that nobody asks does nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from shared.runtime.http.protocol import BoundedRequests


class Server(uvicorn.Server):
    """Ends when ``should_exit`` is set, on its own loop; it limits no number of requests and notifies nobody."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        self._end = asyncio.Event()
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_config=None,
                access_log=False,
                http=BoundedRequests,
                timeout_graceful_shutdown=2,
                server_header=False,
                date_header=False,
            )
        )

    @property
    def should_exit(self) -> bool:
        return self._end.is_set()

    @should_exit.setter
    def should_exit(self, wanted: bool) -> None:
        if wanted:
            self._end.set()

    async def main_loop(self) -> None:
        await self._end.wait()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Not here: uvicorn raises a signal again when it has served, and we would die before anything is closed."""
        yield
