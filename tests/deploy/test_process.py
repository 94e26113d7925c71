"""Only the very process that was started is ever signalled."""

import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from deploy.embedded.process import (
    STARTED,
    Identity,
    boot,
    end,
    identity,
    is_alive,
    resident_bytes,
    send,
    stat_fields,
    uptime,
)
from tests.kit.eventually import eventually

WAITING = [sys.executable, "-c", "input()"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal; signal.signal(15, signal.SIG_IGN); print(flush=True); input()",
]


@pytest.fixture
def child() -> Iterator[Identity]:
    yield from started(WAITING)


@pytest.fixture
def stubborn() -> Iterator[Identity]:
    yield from started(STUBBORN)


def started(command: list[str]) -> Iterator[Identity]:
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        if command is STUBBORN:
            assert process.stdout
            process.stdout.readline()
        who = identity(process.pid)
        assert who
        yield who
        process.kill()


def test_a_recycled_id_is_not_signalled(child: Identity) -> None:
    earlier = replace(child, started="another-boot/1")
    assert not is_alive(earlier)
    assert not send(earlier, signal.SIGKILL)
    assert is_alive(child)


@pytest.fixture
def thread() -> Iterator[Identity]:
    """An id that was a process's and is a thread's now: the kernel tells its age, and gives no handle."""
    over = threading.Event()
    living = threading.Thread(target=over.wait)
    living.start()
    assert living.native_id
    ticks = stat_fields(living.native_id)[STARTED]
    yield Identity(living.native_id, f"{boot()}/{ticks}")
    over.set()
    living.join()


async def test_an_id_that_is_a_threads_now_is_gone(thread: Identity) -> None:
    assert identity(thread.pid) is None
    assert not send(thread, signal.SIGKILL)
    assert await end(thread) == "was gone already"


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOENT, errno.ESRCH])
def test_whatever_the_kernel_says_of_a_missing_process_it_is_gone(
    number: int, child: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(_pid: int) -> int:
        raise OSError(number, "as the kernel says")

    monkeypatch.setattr(os, "pidfd_open", refuses)
    assert not send(child, signal.SIGKILL)


async def test_a_process_is_ended_by_asking(child: Identity) -> None:
    assert await end(child) == "ended"
    assert not is_alive(child)


async def test_a_process_that_does_not_listen_is_killed(stubborn: Identity) -> None:
    assert "killed" in await end(stubborn, patience=0.1)
    assert not is_alive(stubborn)


async def test_a_process_that_is_gone_is_not_missed(child: Identity) -> None:
    await end(child)
    assert await end(child) == "was gone already"


async def test_the_kernel_tells_age_and_memory(child: Identity) -> None:
    assert 0 <= uptime(child) < 60
    await eventually(lambda: resident_bytes(child) > 1_000_000, "the child's memory is counted")
