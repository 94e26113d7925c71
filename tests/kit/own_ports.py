"""Each process that shares the tests draws its ports from a range of its own, below that of stacks it starts.

A port is chosen seconds before somebody listens on it: meanwhile no other process may be given it.
"""

from __future__ import annotations

import os

from deploy.embedded import ports

LOWEST, EACH = 10_000, 2_000


def range_of(worker: str) -> tuple[int, int]:
    """``worker`` as xdist names it; from the sixth on they begin again."""
    first = LOWEST + EACH * (int(worker.removeprefix("gw")) % 5)
    return first, first + EACH


def pytest_configure() -> None:
    ports.LOWEST, ports.HIGHEST = range_of(os.environ.get("PYTEST_XDIST_WORKER", "gw0"))
