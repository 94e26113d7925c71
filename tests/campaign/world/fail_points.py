"""mongod's own fail points: what a command answers although it was carried out, or does instead of being so.

They need a server that was started with ``TEST_COMMANDS``. (An answer that is lost on its way is the proxy's business:
``closeConnection`` ends the connection *before* the command is carried out.)
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from shared.runtime.mongo.driver import directly

TEST_COMMANDS = ("--setParameter", "enableTestCommands=1")

WRITE_CONCERN_FAILED, SHUTDOWN_IN_PROGRESS = 64, 91


class Hits:
    """How often a fail point has acted; known once it is switched off."""

    number = 0


@asynccontextmanager
async def failing(address: str, times: int | None = None, **what: Any) -> AsyncIterator[Hits]:
    """``what`` is failCommand's ``data``; ``times`` None: as long as this lasts."""
    hits = Hits()
    async with directly(address) as client:
        mode: str | Mapping[str, int] = "alwaysOn" if times is None else {"times": times}
        await client.admin.command({"configureFailPoint": "failCommand", "mode": mode, "data": what})
        try:
            yield hits
        finally:
            told = await client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
            hits.number = told["count"]


def concern_not_met(code: int) -> dict[str, Any]:
    """Inserts are applied, and then the server says that it does not know whether they are safe."""
    return {"failCommands": ["insert"], "writeConcernError": {"code": code, "errmsg": "planted"}}


def connection_closed() -> dict[str, Any]:
    """Inserts are not carried out, and nobody says so."""
    return {"failCommands": ["insert"], "closeConnection": True}
