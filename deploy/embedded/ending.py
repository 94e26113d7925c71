"""Ends exactly the processes that a state file lists, each by its identity, users of a server before it."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from deploy.embedded import process
from deploy.embedded.state import (
    SERVERS,
    SUPERVISOR,
    ProcessRecord,
    State,
    forget_state,
    read_state,
)

Say = Callable[[str], None]

SUPERVISOR_SECONDS = 90.0
SERVER_SECONDS = 25.0


async def down(data: Path, say: Say) -> bool:
    """False if there was nothing to end. The supervisor goes first, else it would revive its children."""
    state = read_state(data)
    if state is None:
        return False
    supervisor = state.find(SUPERVISOR)
    found = bool(state.alive)
    if supervisor and supervisor.is_alive:
        say(f"{SUPERVISOR} {supervisor.pid} is asked to end everything")
        how = await process.end(supervisor.identity, SUPERVISOR_SECONDS)
        say(f"{SUPERVISOR} {supervisor.pid} {how}")
    await end_all(read_state(data), say)
    forget_state(data)
    return found


async def end_all(state: State | None, say: Say) -> None:
    """Services all at once, then the servers one after the other."""
    if state is None:
        return
    await asyncio.gather(*(end(record, say) for record in state.processes if record.is_service))
    for record in in_order(state.processes):
        await end(record, say)


def in_order(records: Iterable[ProcessRecord]) -> list[ProcessRecord]:
    servers = [record for record in records if record.name in SERVERS]
    return sorted(servers, key=lambda record: SERVERS.index(record.name))


async def end(record: ProcessRecord, say: Say) -> None:
    how = await process.end(record.identity, SERVER_SECONDS)
    say(f"{record.name} {record.pid} {how}")
