"""A process is identified by its id *and* its start time: a later process with the same id is never signalled."""

import asyncio
import contextlib
import errno
import os
import re
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TICK_SECONDS = 0.02
LARGEST_LOG = 50_000_000
FINAL_SECONDS = 5.0
STATE, THREADS, STARTED, RESIDENT_PAGES = (
    0,
    17,
    19,
    21,
)  # places in /proc/<pid>/stat behind the command's name


NO_SUCH_PROCESS = (errno.ESRCH, errno.EINVAL, errno.ENOENT)


class DoesNotEnd(Exception):
    """The kernel does not end a process, usually because its disk does not answer."""


@dataclass(frozen=True, slots=True)
class Identity:
    pid: int
    started: str
    """The boot, and the clock ticks since then, from the kernel."""


def identity(pid: int) -> Identity | None:
    """The process with this id now. A zombie counts only while its threads still hold files and ports.

    The id may have become a thread's: that is no process, although the kernel gives its age too.
    """
    fields = stat_fields(pid)
    if not fields or (fields[STATE] in "ZX" and int(fields[THREADS]) <= 1) or is_thread(pid):
        return None
    return Identity(pid, f"{boot()}/{fields[STARTED]}")


def stat_fields(pid: int) -> list[str]:
    return told_by_kernel(pid, "stat").rpartition(")")[2].split()


def is_thread(pid: int) -> bool:
    """Whether the id is a thread's of another process (proc(5): ``Tgid`` in ``/proc/<pid>/status``)."""
    leader = re.search(r"^Tgid:\s*(\d+)$", told_by_kernel(pid, "status"), re.MULTILINE)
    return leader is not None and int(leader[1]) != pid


def told_by_kernel(pid: int, what: str) -> str:
    """None for a process that is gone, or that is hidden from us and so is not ours."""
    try:
        return Path(f"/proc/{pid}/{what}").read_text()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ""


@cache
def boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def is_alive(who: Identity) -> bool:
    return identity(who.pid) == who


def uptime(who: Identity) -> float:
    ticks = int(who.started.rpartition("/")[2])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def resident_bytes(who: Identity) -> int:
    fields = stat_fields(who.pid) if is_alive(who) else []
    return int(fields[RESIDENT_PAGES]) * os.sysconf("SC_PAGE_SIZE") if fields else 0


def send(who: Identity, number: signal.Signals) -> bool:
    """Signals exactly this process: the handle is taken before the check, so the id cannot change its owner.

    For a thread's id, pidfd_open(2) fails with EINVAL or, in newer kernels, ENOENT.
    """
    try:
        handle = os.pidfd_open(who.pid)
    except OSError as error:
        if error.errno in NO_SUCH_PROCESS:
            return False
        raise
    try:
        if is_alive(who):
            signal.pidfd_send_signal(handle, number)
            return True
    except ProcessLookupError:
        pass
    finally:
        os.close(handle)
    return False


async def end(who: Identity, patience: float = 15.0) -> str:
    """Asks, waits, then kills; returns how it ended. Returns only when the process is gone."""
    if not send(who, signal.SIGTERM):
        return "was gone already"
    if await gone(who, patience):
        return "ended"
    await kill(who)
    return f"killed, it had not ended within {patience:.0f} s"


async def kill(who: Identity) -> None:
    """Raises ``DoesNotEnd``."""
    send(who, signal.SIGKILL)
    if not await gone(who, FINAL_SECONDS):
        raise DoesNotEnd(f"process {who.pid} does not end, not even by SIGKILL")


async def gone(who: Identity, within: float) -> bool:
    return await holds(lambda: not is_alive(who), within)


async def holds(check: Callable[[], bool], within: float) -> bool:
    deadline = time.monotonic() + within
    while not check():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(TICK_SECONDS)
    return True


def launch(command: Sequence[str | Path], log: Path, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """A child in its own session (a Ctrl-C at the terminal reaches only us), with its output in a file."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".old.log"))
    with log.open("ab") as out:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=ROOT,  # Python's -m looks here first, and never in another folder of the same name
            start_new_session=True,
        )


def last_lines(log: Path, count: int = 15) -> str:
    with contextlib.suppress(FileNotFoundError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
    return ""


async def answers(check: Callable[[], Awaitable[bool]]) -> bool:
    """False also if the check cannot be carried out yet."""
    try:
        async with asyncio.timeout(FINAL_SECONDS):
            return await check()
    except (OSError, TimeoutError):
        return False


async def port_is_open(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
