"""``python -m tests.bench``: the product and what it is compared with, in one run, on servers of its own.

Exit status 1 when a row fails, and from ``--quick`` when a ratio has fallen by more than half against the checked-in
ones. A target that is missed is told, and is no failure: machines differ.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from deploy.embedded.process import ROOT
from tests.bench import machine, report
from tests.bench.against import measured_against
from tests.bench.measured import RowResult
from tests.bench.page import page
from tests.bench.result import Result
from tests.bench.row import Row, Size, measure
from tests.bench.rows import QUICK, ROWS
from tests.bench.verdicts import fallen, ratios

RATIOS = Path(__file__).with_name("ratios.json")
DOCUMENT = ROOT / "docs" / "performance.md"
OUT = ROOT / "build" / "bench"
FAILED = "failed: "
QUICK_SIZE = Size(events=20_000, rounds=3, quick=True)

console = Console(soft_wrap=True)


def main() -> int:
    given = arguments()
    if given.write_docs:
        write_docs(given.out / "result.json")
        return 0
    size = size_of(given)
    if given.against:
        rows = [row.id for row in chosen(given)]
        console.print(measured_against(given.against, rows, size.events, size.rounds, say))
        return 0
    with tempfile.TemporaryDirectory(prefix="kpk-bench-", dir=given.data, ignore_cleanup_errors=True) as scratch:
        began, where = datetime.now(UTC), machine.described(Path(scratch))

        def so_far(rows: Sequence[RowResult]) -> Result:
            result = Result(began, where, size, list(rows))
            keep(result, given.out, "quick" if given.quick else "result")
            return result

        ended = asyncio.run(measured(chosen(given), size, Path(scratch), so_far))
    report.show(so_far(ended), console)
    if given.write_ratios:
        RATIOS.write_text(json.dumps(ratios(ended), indent=2) + "\n")
    return compared(ended) if given.quick else int(any(note.startswith(FAILED) for row in ended for note in row.notes))


async def measured(
    rows: Sequence[type[Row]], size: Size, scratch: Path, so_far: Callable[[Sequence[RowResult]], object]
) -> list[RowResult]:
    """``so_far`` is told whenever a row has ended: a run that is broken off has lost no more than one."""
    ended: list[RowResult] = []
    for row in rows:
        ended.append(await one_measured(row(size, scratch, say)))
        so_far(ended)
    return ended


async def one_measured(row: Row) -> RowResult:
    """A row that fails is told of in the table; half an hour of other rows is not thrown away with it."""
    try:
        return await measure(row)
    except Exception as error:  # noqa: BLE001 - whatever it is, it stands in the table and in the exit status
        say(f"{row.id} failed: {type(error).__name__}: {error}")
        row.result.notes.append(f"{FAILED}{type(error).__name__}: {str(error).splitlines()[0]}")
        return row.result


def compared(rows: Sequence[RowResult]) -> int:
    worse = fallen(rows, json.loads(RATIOS.read_text()))
    for sentence in worse:
        say(f"worse than the known ratios: {sentence}")
    return 1 if worse else 0


def keep(result: Result, folder: Path, name: str) -> None:
    result.write(folder / f"{name}.json")
    (folder / f"{name}.html").write_text(page(result))
    say(f"written: {folder / name}.json and .html")


def write_docs(file: Path) -> None:
    DOCUMENT.write_text(report.written_into(DOCUMENT.read_text(), Result.read(file)))


def size_of(given: argparse.Namespace) -> Size:
    size = QUICK_SIZE if given.quick else Size()
    return Size(given.events or size.events, size.streams, given.rounds or size.rounds, size.quick)


def chosen(given: argparse.Namespace) -> list[type[Row]]:
    rows = QUICK if given.quick else ROWS
    wanted = set(given.only.split(",")) if given.only else {row.id for row in rows}
    if unknown := wanted - {name for row in ROWS for name in names(row)}:
        raise SystemExit(f"there is no row {', '.join(sorted(unknown))}")
    return [row for row in ROWS if wanted & names(row)]


def names(row: type[Row]) -> set[str]:
    """P9 stands for P9-idle too."""
    return {row.id, row.id.partition("-")[0]}


def arguments() -> argparse.Namespace:
    given = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.split("\n")[0])
    given.add_argument("--events", type=int, help="how many events (200,000; quick: 20,000)")
    given.add_argument("--rounds", type=int, help="how many rounds (5; quick: 3)")
    given.add_argument("--only", metavar="P1,P3", help="these rows alone")
    given.add_argument("--quick", action="store_true", help="a few rows within two minutes, beside ratios.json")
    given.add_argument("--against", metavar="REVISION", help="beside the product of another commit, in turn")
    given.add_argument("--data", type=Path, help="where the servers keep their data (the system's folder for such)")
    given.add_argument("--out", type=Path, default=OUT, help="where JSON and page are written (build/bench)")
    given.add_argument("--write-ratios", action="store_true", help="check these ratios in as ratios.json")
    given.add_argument("--write-docs", action="store_true", help="measure nothing: the last run into the documentation")
    return given.parse_args()


def say(line: str) -> None:
    console.print(line, markup=False, highlight=False)


if __name__ == "__main__":
    sys.exit(main())
