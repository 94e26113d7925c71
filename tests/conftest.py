"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings
from structlog.testing import capture_logs
from structlog.typing import EventDict

pytest_plugins = ["tests.kit.scheduling", "tests.kit.servers"]

settings.register_profile("same", derandomize=True)
settings.register_profile("search")
settings.load_profile("same")  # what is red is red for everybody; `make search` looks for what nobody has seen


@pytest.fixture
def lines() -> Iterator[list[EventDict]]:
    """Of the log."""
    with capture_logs() as lines:
        yield lines
