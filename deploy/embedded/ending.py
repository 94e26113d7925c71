"""Stops exactly the processes that a state file lists, each by its identity; the clients of a server stop before it."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path

from deploy.embedded import process
from deploy.embedded.data_folder import Refused
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


class StillThere(Refused):
    """A process did not end; it stays in the state file."""


async def down(data: Path, say: Say) -> bool:
    """False if there was nothing to end. The supervisor ends first, because it would restart its children."""
    state = read_state(data)
    if state is None:
        return False
    supervisor = state.find(SUPERVISOR)
    found, left = bool(state.alive), []
    if supervisor and supervisor.is_alive:
        say(f"{SUPERVISOR} {supervisor.pid} is asked to end everything")
        left = await all_left([end(supervisor, say, SUPERVISOR_SECONDS)])
    left += await end_all(read_state(data), say)
    if left:
        raise StillThere(f"{', '.join(left)} could not be ended; everything else is. Try again: kpk down")
    forget_state(data)
    return found


async def end_all(state: State | None, say: Say) -> list[str]:
    """All services at once, then the servers one after the other. One that does not end does not protect the others.

    Returns the names of the remaining ones.
    """
    if state is None:
        return []
    left = await all_left(end(record, say) for record in state.processes if record.is_service)
    for record in in_order(state.processes):
        left += await all_left([end(record, say)])
    return left


async def all_left(ends: Iterable[Coroutine[None, None, str | None]]) -> list[str]:
    return [name for name in await asyncio.gather(*ends) if name]


def in_order(records: Iterable[ProcessRecord]) -> list[ProcessRecord]:
    servers = [record for record in records if record.name in SERVERS]
    return sorted(servers, key=lambda record: SERVERS.index(record.name))


async def end(record: ProcessRecord, say: Say, patience: float = SERVER_SECONDS) -> str | None:
    """The process's name if it is still there."""
    try:
        how = await process.end(record.identity, patience)
    except (process.DoesNotEnd, OSError) as trouble:
        say(f"{record.name} {record.pid}: {trouble}")
        return record.name
    say(f"{record.name} {record.pid} {how}")
    return None
