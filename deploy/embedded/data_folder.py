"""The stack's data folder: identified by a marker, locked for one stack at a time, with permanent ports."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.embedded.ports import free_port, is_free
from deploy.embedded.private_files import write_private
from deploy.embedded.process import ROOT
from deploy.embedded.state import read_state

MARKER = ".kpk-data"
LOCK = "lock"


class Refused(Exception):
    """The request is impossible here; the message says what to do instead."""


def default_folder() -> Path:
    return Path(os.environ.get("KPK_DATA") or ROOT / ".kpk").resolve()


def named(data: Path) -> str:
    """The options with which a suggested command works on this folder."""
    return "" if data == default_folder() else f" --data {data}"


def claim(data: Path, fresh: bool = False) -> None:
    """Marks the folder as ours, and empties it if `fresh`. A folder of somebody else is never changed."""
    refuse_foreign(data)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if fresh:
        empty(data)
    (data / MARKER).write_text("The embedded stack's data. `kpk up --fresh` removes everything in here.\n")


def refuse_foreign(data: Path) -> None:
    if data.exists() and not data.is_dir():
        raise Refused(f"{data} is not a folder: name another with --data")
    strange = data.exists() and any(entry.name != LOCK for entry in data.iterdir())
    if strange and not (data / MARKER).exists():
        raise Refused(f"{data} holds something else (no {MARKER} in it): name another folder with --data")


def empty(data: Path) -> None:
    """Everything except the lock, which is held meanwhile."""
    for entry in data.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != LOCK:
            entry.unlink()


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Refuses a second stack on the same folder, also if the first one's supervisor has crashed."""
    refuse_foreign(data)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise already_running(data) from None
        state = read_state(data)
        if state and state.alive:
            raise already_running(data)
        yield


def already_running(data: Path) -> Refused:
    state = read_state(data)
    names = ", ".join(f"{record.name} {record.pid}" for record in state.alive) if state else "being started"
    return Refused(
        f"a stack runs on {data} already ({names}). See: kpk status{named(data)}. End it: kpk down{named(data)}. "
        f"Start again one that is dead: kpk up NAME{named(data)}"
    )


def nothing_runs(data: Path) -> Refused:
    return Refused(f"nothing is running on {data}. Start it: kpk up --detach{named(data)}")


@contextmanager
def noting(data: Path) -> Iterator[None]:
    """One process at a time rewrites the state file: a supervisor, or a command that restarts one process."""
    handle = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def ports_in_use(data: Path) -> dict[str, int]:
    """The ports of the stack that runs there."""
    ports: dict[str, int] = json.loads((data / "ports.json").read_text())
    return ports


def settled_ports(data: Path, wanted: Mapping[str, int], names: list[str]) -> dict[str, int]:
    """The requested port, else the last one if it is free, else any free one."""
    refuse_unusable(wanted, names)
    file = data / "ports.json"
    before: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
    ports: dict[str, int] = {}
    for name in names:
        ports[name] = wanted.get(name) or kept(before.get(name)) or unused(set(ports.values()))
    write_private(file, {**before, **ports})
    return ports


def refuse_unusable(wanted: Mapping[str, int], names: list[str]) -> None:
    for name, port in wanted.items():
        if name not in names:
            raise Refused(f"there is no {name} here to give port {port} to: name one of {', '.join(names)}")
        if not is_free(port):
            raise Refused(f"port {port}, wanted for {name}, is taken: name another or none")


def kept(port: int | None) -> int | None:
    return port if port and is_free(port) else None


def unused(taken: set[int]) -> int:
    port = free_port()
    return unused(taken) if port in taken else port
