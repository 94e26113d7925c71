"""A crash point kills its own process, at the n-th passing and not before, and only when it is named."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shared.runtime.observing.crashpoints import CRASH_POINTS

ROOT = Path(__file__).parents[3]
PASS = """from shared.runtime.observing.crashpoints import crashpoint
for n in range(1, 4):
  print(n)
  crashpoint('relay.read')"""


def passed(armed: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-u", "-c", PASS],
        cwd=ROOT,
        env={"KPK_CRASH_AT": armed},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.split()


@pytest.mark.parametrize(
    ("armed", "numbers"), [("relay.read", ["1"]), ("relay.read:1", ["1"]), ("relay.read:3", ["1", "2", "3"])]
)
def test_the_process_dies_at_the_passing_that_was_named(armed: str, numbers: list[str]) -> None:
    assert passed(armed) == (-signal.SIGKILL, numbers)


@pytest.mark.parametrize("armed", ["", "relay.sent:1", "relay.read:4"])
def test_otherwise_nothing_happens(armed: str) -> None:
    assert passed(armed) == (0, ["1", "2", "3"])


def test_every_point_is_somewhere_in_the_product() -> None:
    code = "\n".join(path.read_text() for folder in ("shared", "services") for path in (ROOT / folder).rglob("*.py"))
    assert set(re.findall(r'\bcrashpoint\("([^"]+)"\)', code)) == set(CRASH_POINTS)
