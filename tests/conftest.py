"""What every test may ask for."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from hypothesis import settings
from structlog.testing import capture_logs
from structlog.typing import EventDict

pytest_plugins = ["tests.kit.forks", "tests.kit.own_ports", "tests.kit.scheduling", "tests.kit.servers"]

gc.disable()  # until everything is collected: it stays until the end, however often one looks at it

# Nothing is red for having been slow: a machine may be busy.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile("same")  # what is red is red for everybody; `make search` looks for what nobody has seen


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture
def lines() -> Iterator[list[EventDict]]:
    """Of the log."""
    with capture_logs() as lines:
        yield lines
