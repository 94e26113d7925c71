"""``python -m tests.campaign``: every fault under load, one after the other, and a report of what came of it."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tests.campaign.campaign import run_all, run_together
from tests.campaign.fault import Fault
from tests.campaign.faults.catalogue import FAULTS, SHORT
from tests.campaign.outcome import Outcome
from tests.campaign.page import page
from tests.campaign.recording import record
from tests.campaign.report import Report

console = Console(soft_wrap=True, highlight=False, markup=False)
SEED = 905
INDENT = " " * 9


def main() -> int:
    given = arguments()
    if given.list:
        for fault in FAULTS:
            console.print(f"{fault.name:28} {fault.group:12} {fault.sentence}")
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # it has servers to end
    with tempfile.TemporaryDirectory(prefix="kpk-campaign-") as scratch:
        if given.record:
            asyncio.run(record(Path(scratch), given.record, given.seed))
            return 0
        report = asyncio.run(campaign(given, Path(scratch)))
    if given.report:
        write(report, given.report, "campaign-short" if given.short else "campaign")
    return 0 if report.good else 1


def arguments() -> argparse.Namespace:
    given = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    given.add_argument("--short", action="store_true", help="a few faults on one stack, in four minutes")
    given.add_argument("--only", action="append", metavar="NAME", help="a fault or a group by its name; repeat")
    given.add_argument("--list", action="store_true", help="show the faults and do nothing")
    given.add_argument("--seed", type=int, default=SEED, help="other dice for load and faults")
    given.add_argument("--report", type=Path, metavar="DIR", help="write JSON, page and evidence of what broke there")
    given.add_argument(
        "--record", type=Path, metavar="FILE", help="write a run without faults, for the checker's tests"
    )
    return given.parse_args()


async def campaign(given: argparse.Namespace, scratch: Path) -> Report:
    began, report = time.monotonic(), Report(given.seed)
    faults = chosen(given.only or [], SHORT if given.short else FAULTS)
    if given.short:
        together = await run_together(faults, scratch, given.seed, tell)
        report.outcomes, report.found = together.outcomes, together.found
        for one in report.outcomes:
            show(one)
    else:
        async for one in run_all(faults, scratch, given.seed, tell, given.report):
            report.outcomes.append(one)
            show(one)
    report.seconds = round(time.monotonic() - began)
    conclude(report)
    return report


def chosen(names: Sequence[str], faults: Sequence[Fault]) -> list[Fault]:
    found = [fault for fault in faults if not names or fault.name in names or fault.group in names]
    if not found:
        sys.exit("campaign: no fault is called so. See: python -m tests.campaign --list")
    return found


def tell(line: str) -> None:
    console.print(f"{time.strftime('%H:%M:%S')}  {line}")


def show(one: Outcome) -> None:
    twice = ", ".join(f"{cause} {number}" for cause, number in one.measures.duplicates.items())
    told = [
        f"{one.name:28} {'held' if one.good else 'BROKEN':7}",
        f"nothing accepted for {one.measures.unavailable:5.1f} s, at rest after {one.drain_seconds:5.1f} s",
        f"; duplicates: {twice}" if twice else "",
    ]
    console.print(INDENT, *told)
    for line in [one.failure, *(f"{each.invariant} {each.what}: {each.where}" for each in one.violations[:10])]:
        if line:
            console.print(INDENT, " ", line)


def conclude(report: Report) -> None:
    for one in report.found[:30]:
        console.print(INDENT, f"  {one.invariant} {one.what}: {one.where}")
    bad = [one.name for one in report.outcomes if not one.good]
    verdict = "every invariant held" if report.good else f"BROKEN: {', '.join(bad) or 'see above'}"
    tell(f"{len(report.outcomes)} faults in {report.seconds / 60:.1f} minutes: {verdict}")


def write(report: Report, folder: Path, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    report.write_json(folder, name)
    (folder / f"{name}.html").write_text(page(report))
    tell(f"written: {folder / name}.json and .html")


if __name__ == "__main__":
    sys.exit(main())
