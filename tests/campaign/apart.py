"""Calls in a process of their own: librdkafka 2.16 has died of a segmentation fault beside brokers that were killed.

What only watches must not end what it watches.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache, wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

SPAWN = multiprocessing.get_context("spawn")
LOOK_SECONDS = 1.0

_inside = threading.Event()


def apart(function: Callable[P, T]) -> Callable[P, T]:
    """The function, called elsewhere. Where its process dies, it is called once more in another one."""

    @wraps(function)
    def called(*given: P.args, **named: P.kwargs) -> T:
        if _inside.is_set():
            return function(*given, **named)
        try:
            return _elsewhere().submit(called, *given, **named).result()
        except BrokenProcessPool:
            _elsewhere.cache_clear()
            return _elsewhere().submit(called, *given, **named).result()

    return called


@cache
def _elsewhere() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, SPAWN, initializer=_begin)


def _begin() -> None:
    _inside.set()
    live_with_parent()


def live_with_parent() -> None:
    """Called in a child: it ends with who began it, however that ends, and not by a key that was meant for others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os._exit(1)
