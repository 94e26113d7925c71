"""What several journeys need: a running stack for the tests of a module, a demo for all who look at what it left."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.embedded.process import ROOT
from tests.journeys.stack import RunningStack


@dataclass(frozen=True)
class Played:
    """A demo that has ended. Whoever starts anything on its folder takes a copy."""

    folder: Path
    status: int
    said: str


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("demo") / "data"
    command = [sys.executable, "-m", "deploy.kpk", "demo", "--data", str(folder)]
    told = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "140"},
        capture_output=True,
        text=True,
        timeout=480,
        check=False,
    )
    yield Played(folder, told.returncode, told.stdout + told.stderr)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def stack(own_folder: Path) -> Iterator[RunningStack]:
    running = RunningStack(own_folder / "data")
    try:
        told = running.kpk("up", "--detach", "--settable-clock")
        assert told.returncode == 0, told.stdout + told.stderr
        yield running
    finally:
        running.down()
