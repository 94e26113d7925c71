"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

pytest_plugins = ["tests.kit.servers"]


@pytest.fixture
def lines() -> Iterator[list[EventDict]]:
    """Of the log."""
    with capture_logs() as lines:
        yield lines
