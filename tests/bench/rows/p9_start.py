"""P9: how long it takes to be there, and what it costs to be there and do nothing."""

from __future__ import annotations

import asyncio
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from deploy.embedded.data_folder import claim, only_one
from deploy.embedded.process import ROOT, identity, resident_bytes
from deploy.embedded.stack import Stack
from deploy.embedded.state import SUPERVISOR, read_state
from tests.bench.measured import Claim, Figures, Place
from tests.bench.row import Row, Side

UP, RESTART = "kpk up", "restart"
SECONDS = "seconds to ready"
BESIDE_IMPORTS = "most of a service beside its imports alone"
IMPORTED = "import sys, importlib; importlib.import_module(sys.argv[1]); print(flush=True); sys.stdin.read()"
IDLE_SECONDS = 5
MB = 1024 * 1024


class Start(Row):
    id = "P9"
    title = "Start, restart and idle memory"
    about = (
        "`kpk up --detach` as a command, on an empty data folder in the first round and on the same one afterwards, "
        "until Kafka, mongod, the mail sink and all services are ready. Restart: one service (members) after "
        "an orderly end, until it says that it is ready. Resident memory of each process five seconds after the start, "
        "and of a process that only imports what the service does."
    )
    claims = (
        Claim("seconds until all is ready", Place(UP, SECONDS), None, "at most", 6.0),
        Claim("idle memory beside its imports alone", Place(UP, BESIDE_IMPORTS), None, "at most", 1.3),
        Claim("seconds until one service is back", Place(RESTART, SECONDS), None, "at most", 3.0),
    )

    @asynccontextmanager
    async def prepared(self) -> AsyncIterator[Mapping[str, Side]]:
        yield {UP: partial(_up, self.folder / "up"), RESTART: partial(_restart, self.folder / "restart")}


class KpkFailed(Exception):
    """The command ended with another status than 0."""


async def _up(data: Path, _: str) -> Figures:
    began = time.monotonic()
    await _kpk("up", "--detach", "--data", str(data))
    seconds = time.monotonic() - began
    try:
        await asyncio.sleep(IDLE_SECONDS)
        return {SECONDS: seconds, **await _memory(data)}
    finally:
        await _kpk("down", "--data", str(data))


async def _memory(data: Path) -> dict[str, float]:
    state = read_state(data)
    assert state
    running = {one.name: resident_bytes(one.identity) for one in state.alive if one.name != SUPERVISOR}
    beside = [running[name] / await _imports_alone(name) for name in state.services]
    return {BESIDE_IMPORTS: max(beside), **{f"{name} MB": used / MB for name, used in running.items()}}


async def _imports_alone(service: str) -> int:
    words = ("-c", IMPORTED, f"services.{service}.__main__")
    child = await asyncio.create_subprocess_exec(sys.executable, *words, stdin=PIPE, stdout=PIPE, cwd=ROOT)
    assert child.stdin
    assert child.stdout
    await child.stdout.readline()
    who = identity(child.pid)
    assert who
    used = resident_bytes(who)
    child.stdin.close()
    await child.wait()
    return used


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
