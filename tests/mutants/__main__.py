"""`make mutants`: the product with one change at a time; the tests that need no server must see it.

python -m tests.mutants --seed 1 [--of-each 80] [--within services/members/] [--json]

Exit status 1 when of one service fewer than 97 of 100 are seen; what is listed in harmless.toml is not counted.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from functools import partial
from importlib import import_module
from pathlib import Path

import pytest

from tests.mutants import afresh, report
from tests.mutants.apart import apart
from tests.mutants.in_place import SEEN, VERDICTS, Seen, Trials, Verdicts, kept
from tests.mutants.mutant import ROOT, Mutant, drawn

LIBRARIES = (
    *("aiosmtplib", "email_validator", "fastapi", "faststream.kafka", "httpx", "hypothesis", "icalendar", "jinja2"),
    *("jsonschema_rs", "motor.motor_asyncio", "orjson", "rich", "structlog", "typer", "uvicorn", "yaml"),
)
"""Slow to import, and the same for every mutant."""
SERVICES = ("tests/members", "tests/meetings", "tests/funding", "tests/notifications", "tests/office")
TESTS = ("tests/contracts", "tests/shared", *SERVICES, "tests/public", "tests/documents", "tests/architecture")
NEAREST = 6
"""Files of tests that are tried before all."""
OPTIONS = ("-q", "-x", "--assert=plain", "-p", "no:cacheprovider", "-m")


def main() -> int:
    given = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--of-each", type=int, default=80, help="mutants of each service, and of what they share")
    given.add_argument("--within", default="", help="only of sources in whose path this pattern is found")
    given.add_argument("--tests", required=True, help="which tests must see it, as pytest's -m says")
    given.add_argument("--jobs", type=int, default=os.cpu_count())
    given.add_argument("--json", action="store_true")
    asked = given.parse_args()
    mutants = drawn(asked.seed, asked.of_each, asked.within)
    for library in LIBRARIES:
        import_module(library)
    with tempfile.TemporaryDirectory(prefix="kpk-mutants-") as scratch:
        killed = tried(mutants, asked.jobs, Path(scratch), [*OPTIONS, asked.tests])
    return report.tell(killed, as_json=asked.json)


def tried(mutants: list[Mutant], jobs: int, scratch: Path, options: list[str]) -> dict[Mutant, bool]:
    """Raises when the tests are red without a change: then no mutant can be judged."""

    def in_place() -> bool:
        return pytest.main([*options, *TESTS], plugins=[Trials(mutants, jobs, scratch)]) != 0

    broke = dict(apart({"in place": in_place, "afresh": partial(afresh.is_killed, None, [SERVICES], options)}, 2, 3600))
    verdicts = kept(scratch / VERDICTS, Verdicts)
    if verdicts.failed or any(broke.values()):
        raise RuntimeError(f"red without a change: {broke}, {verdicts.failed}")
    rest = [one for one in mutants if one not in verdicts.killed]
    seen = kept(scratch / SEEN, Seen)
    trials = {one: partial(afresh.is_killed, one, _nearest(one, seen), options) for one in rest}
    return verdicts.killed | dict(apart(trials, jobs, cpu_seconds=300))


def _nearest(mutant: Mutant, seen: Seen) -> list[list[str]]:
    """Those tests first that are about its source."""
    about = seen.about(str(ROOT / mutant.path))[:NEAREST]
    return [*([about] if about else []), [*TESTS]]


if __name__ == "__main__":
    sys.exit(main())
