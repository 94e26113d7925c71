"""Only the very process that was started is ever signalled."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from deploy.embedded.process import Identity, end, identity, is_alive, resident_bytes, send, uptime
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
