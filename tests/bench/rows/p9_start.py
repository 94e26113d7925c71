"""P9: how long it takes to be there, and what it costs to be there and do nothing."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from deploy.embedded.data_folder import claim, only_one
from deploy.embedded.process import ROOT, resident_bytes
from deploy.embedded.stack import Stack
from deploy.embedded.state import SUPERVISOR, read_state
from shared.contracts.topics import SERVICES
from tests.bench.measured import MB, Claim, Figures, Place
from tests.bench.row import Row, Side

UP, RESTART, IMPORTS = "kpk up", "restart", "imports alone"
SECONDS = "seconds to ready"
IDLE_SECONDS = 5
IMPORT = """
import services.{name}.__main__
from tests.bench.machine import peak_bytes
print(peak_bytes())
"""


def _memory_of(name: str) -> str:
    return f"{name} MB"


class Start(Row):
    id = "P9"
    title = "Start, restart and idle memory"
    about = (
        "`kpk up --detach` as a command, on an empty data folder in the first round and on the same one afterwards, "
        "until Kafka, mongod, the mail sink and all services are ready. Restart: one service (members) after "
        "an orderly end, until it says that it is ready. Resident memory of each process five seconds after the "
        "start, and of processes that have imported what the services import and do nothing."
    )
    claims = (
        Claim("seconds until all is ready", Place(UP, SECONDS), None, "at most", 6.0),
        Claim("seconds until one service is back", Place(RESTART, SECONDS), None, "at most", 3.0),
        *(
            Claim(
                f"idle memory of {name}, beside its imports",
                Place(UP, _memory_of(name)),
                Place(IMPORTS, _memory_of(name)),
                "at most",
                1.3,
            )
            for name in SERVICES
        ),
    )

    @asynccontextmanager
    async def prepared(self) -> AsyncIterator[Mapping[str, Side]]:
        yield {
            UP: partial(_up, self.folder / "up"),
            RESTART: partial(_restart, self.folder / "restart"),
            IMPORTS: _imported,
        }


class KpkFailed(Exception):
    """The command ended with another status than 0."""


async def _up(data: Path, _: str) -> Figures:
    began = time.monotonic()
    await _kpk("up", "--detach", "--data", str(data))
    seconds = time.monotonic() - began
    try:
        await asyncio.sleep(IDLE_SECONDS)
        return {SECONDS: seconds, **_memory(data)}
    finally:
        await _kpk("down", "--data", str(data))


def _memory(data: Path) -> dict[str, float]:
    state = read_state(data)
    assert state
    running = [record for record in state.alive if record.name != SUPERVISOR]
    return {_memory_of(record.name): resident_bytes(record.identity) / MB for record in running}


async def _imported(_: str) -> Figures:
    return {_memory_of(name): await _resident_with(IMPORT.format(name=name)) for name in SERVICES}


async def _resident_with(program: str) -> float:
    """Of a process that runs it and then has nothing to do, in MB."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    told, _ = await child.communicate()
    if child.returncode:
        raise KpkFailed(f"a service's imports ended with status {child.returncode}")
    return int(told) / MB


async def _kpk(*words: str) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.kpk", *words, stdout=asyncio.subprocess.DEVNULL, cwd=ROOT
    )
    if await child.wait():
        raise KpkFailed(f"kpk {words[0]} ended with status {child.returncode}")


async def _restart(data: Path, _: str) -> Figures:
    with only_one(data):
        claim(data)
        stack = Stack(data, say=lambda _: None)
        await stack.start()
        try:
            members = stack.services[0]
            await members.stop()
            began = time.monotonic()
            await members.start()
            return {SECONDS: time.monotonic() - began}
        finally:
            await stack.stop()
