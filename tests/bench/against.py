"""Today's product beside itself at another commit: each measured by its own bench, in turn, in the same minutes.

The other commit is checked out beside this one and runs with this one's packages.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.table import Table

from deploy.embedded.process import ROOT
from tests.bench.measured import Spread, number
from tests.bench.row import PRODUCT, Say

Key = tuple[str, str]
"""A row and a figure of the product."""


class NotMeasured(Exception):
    """A bench has ended with an error; its last words are in the text."""


def measured_against(revision: str, rows: Sequence[str], events: int, rounds: int, say: Say) -> Table:
    """Those of the rows that the other commit has too. Raises ``NotMeasured``."""
    ratios: dict[Key, list[float]] = defaultdict(list)
    with checked_out(revision) as theirs:
        options = ["--only", ",".join(rows_of_both(rows, theirs)), "--events", str(events)]
        for one in range(1, rounds + 1):
            told: dict[Path, Mapping[Key, float]] = {}
            for side in (ROOT, theirs)[:: 1 if one % 2 else -1]:
                say(f"round {one}: {'today' if side is ROOT else revision}")
                told[side] = figures(_one_round(side, options))
            for key, value in told[ROOT].items():
                if before := told[theirs].get(key):
                    ratios[key].append(value / before)
    return table(ratios, revision)


@contextmanager
def checked_out(revision: str) -> Iterator[Path]:
    folder = ROOT / "build" / "against"
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--force", "--detach", str(folder), revision], check=True, capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run([*git, "remove", "--force", str(folder)], check=True)


def rows_of_both(rows: Sequence[str], theirs: Path) -> list[str]:
    """By the ids that stand in the other commit's files: nothing of it runs yet."""
    text = "".join(file.read_text() for file in (theirs / "tests" / "bench" / "rows").glob("*.py"))
    known = set(re.findall(r'^ +id = "(.+)"$', text, re.MULTILINE))
    if both := [row for row in rows if row in known]:
        return both
    raise NotMeasured(f"{theirs.name} has none of the rows {', '.join(rows)}")


def _one_round(folder: Path, options: Sequence[str]) -> Mapping[str, Any]:
    out = folder / "build" / "against-round"
    command = [sys.executable, "-m", "tests.bench", *options, "--rounds", "1", "--out", str(out)]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise NotMeasured(f"{folder.name}: {(ended.stdout + ended.stderr)[-2000:]}")
    result: Mapping[str, Any] = json.loads((out / "result.json").read_bytes())
    return result


def figures(result: Mapping[str, Any]) -> dict[Key, float]:
    """Of the product, in the one round of each row; what another commit calls otherwise is left out."""
    return {
        (row["id"], figure): value
        for row in result["rows"]
        for one in row["rounds"]
        for figure, value in one.get(PRODUCT, {}).items()
    }


def table(ratios: Mapping[Key, Sequence[float]], revision: str) -> Table:
    shown = Table("row", "figure", "median", "least – most", title=f"Today beside {revision}")
    for (row, figure), values in ratios.items():
        spread = Spread.of(values)
        shown.add_row(row, figure, number(spread.median), f"{number(spread.least)} – {number(spread.most)}")
    return shown
