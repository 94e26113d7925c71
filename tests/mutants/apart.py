"""Calls in forked processes, a few at a time: each has all that is loaded, and leaves nothing behind."""

from __future__ import annotations

import os
import resource
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

Key = TypeVar("Key")

FAILED = 99
MEMORY = 6 * 1024**3
LOOK_SECONDS = 0.005


def apart(calls: Mapping[Key, Callable[[], bool]], jobs: int, cpu_seconds: int) -> Iterator[tuple[Key, bool]]:
    """What each call says, as they end; True for one that used up its time. Raises when one of them raises."""
    running: dict[int, Key] = {}
    for key, call in calls.items():
        if len(running) == jobs:
            yield _ended(running)
        running[_begun(call, cpu_seconds)] = key
    while running:
        yield _ended(running)


def _begun(call: Callable[[], bool], cpu_seconds: int) -> int:
    if child := os.fork():
        return child
    told = os.dup(2)
    try:
        _be_quiet()
        for limit, most in ((resource.RLIMIT_CPU, cpu_seconds), (resource.RLIMIT_AS, MEMORY)):
            resource.setrlimit(limit, (most, resource.getrlimit(limit)[1]))
        code = int(call())
    except BaseException:  # noqa: BLE001  # told to the parent, whatever it is
        os.write(told, traceback.format_exc().encode())
        code = FAILED
    os._exit(code)


def _be_quiet() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)


def _first_of(running: Mapping[int, Key]) -> tuple[int, int]:
    """Whoever calls may have other children, whose end is not ours to hear."""
    while True:
        for child in running:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return child, status
        time.sleep(LOOK_SECONDS)


def _ended(running: dict[int, Key]) -> tuple[Key, bool]:
    child, status = _first_of(running)
    key = running.pop(child)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
        return key, True
    if not os.WIFEXITED(status) or os.WEXITSTATUS(status) == FAILED:
        raise RuntimeError(f"the trial of {key} broke: status {status}")
    return key, bool(os.WEXITSTATUS(status))
