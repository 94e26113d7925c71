"""Forks of one collection run each test once, and what is red, skipped or broken is told as without them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTES = "from pathlib import Path\n\ndef note(name):\n    Path(__file__).with_name('ran').open('a').write(name)\n\n"
FINE = f"{NOTES}import pytest\n\n@pytest.mark.parametrize('at', 'abc')\ndef test_it(at):\n    note(at)\n"
SKIPPED = "import pytest\n\ndef test_skipped():\n    pytest.skip('not here')\n"
RED = f"{NOTES}def test_red():\n    note('r')\n    print('what it has said')\n    assert 1 == 2\n"
GONE = "import os\n\ndef test_gone():\n    os._exit(3)\n"


def run(folder: Path, files: Mapping[str, str], *options: str) -> tuple[int, str]:
    for name, source in files.items():
        (folder / f"test_{name}.py").write_text(source)
    command = [sys.executable, "-m", "pytest", "-p", "tests.kit.forks", "-c", "/dev/null", "--rootdir", str(folder)]
    forked = [*command, "-o", f"cache_dir={folder / 'kept'}", "--forks", "2", *options, str(folder)]
    ended = subprocess.run(forked, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    return ended.returncode, ended.stdout


@pytest.mark.process
def test_each_test_runs_once_and_what_is_red_is_told_with_what_it_has_said(tmp_path: Path) -> None:
    code, told = run(tmp_path, {"fine": FINE, "skipped": SKIPPED, "red": RED, "other": FINE.replace("abc", "def")})
    assert (code, sorted((tmp_path / "ran").read_text())) == (1, [*"abcdefr"])
    assert "what it has said" in told and "assert 1 == 2" in told
    assert re.search(r"1 failed, 6 passed, 1 skipped", told)


@pytest.mark.process
def test_a_fork_that_is_gone_makes_the_run_red_and_what_was_red_before_is_told(tmp_path: Path) -> None:
    code, told = run(tmp_path, {"fine": FINE, "gone": RED + GONE})
    assert code == 2 and "a fork ended with status 3" in told and "assert 1 == 2" in told


@pytest.mark.process
def test_the_first_red_test_ends_the_run_when_that_is_asked(tmp_path: Path) -> None:
    """A fork has taken its next file already while it runs one: what is red is with the other fork."""
    endless = "import time\n\ndef test_endless():\n    time.sleep(300)\n"
    code, told = run(tmp_path, {"a": endless, "b": endless, "c": RED}, "-x")
    assert code == 1 and "stopping after 1 failures" in told


@pytest.mark.process
def test_what_took_longest_comes_first_the_next_time(tmp_path: Path) -> None:
    """Of files of which nothing is known, the one with most tests."""
    slow = f"{NOTES}import time\n\ndef test_slow():\n    time.sleep(0.1)\n    note('s')\n"
    for ran in ("abcs", "abcssabc"):
        code, _ = run(tmp_path, {"fine": FINE, "slow": slow}, "--forks", "1")
        assert (code, (tmp_path / "ran").read_text()) == (0, ran)


@pytest.mark.process
def test_what_a_conftest_prepares_for_the_session_is_prepared_once(tmp_path: Path) -> None:
    fixture = "@pytest.fixture(scope='session')\ndef prepared():\n    note('P')\n"
    (tmp_path / "conftest.py").write_text(f"{NOTES}import pytest\n\n{fixture}")
    uses = f"{NOTES}import time\n\ndef test_uses(prepared):\n    time.sleep(0.1)\n    note('u')\n"
    code, _ = run(tmp_path, {"first": uses, "second": uses, "third": uses})
    assert (code, (tmp_path / "ran").read_text()) == (0, "Puuu")
