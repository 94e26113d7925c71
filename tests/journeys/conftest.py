"""One running stack for all tests of a module, ended with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.stack import RunningStack


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    running = RunningStack(tmp_path_factory.mktemp("stack") / "data")
    try:
        told = running.kpk("up", "--detach", "--settable-clock")
        assert told.returncode == 0, told.stdout + told.stderr
        yield running
    finally:
        running.down()
