"""The two levels side by side: what each invariant met in storms and campaign, and that each missing rule was seen.

``python -m tests.campaign.summary`` reads the last campaign's ``build/campaign/campaign.json``, runs storms, and writes
the one part of all this that is checked in: ``docs/reports/README.md``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy.embedded.process import ROOT
from tests.campaign.checker import INVARIANTS
from tests.campaign.mutations import MUTATIONS
from tests.storms.search import WITHIN, first_found, on_all_processors
from tests.storms.switches import SWITCHES

TOLD = ROOT / "build" / "campaign" / "campaign.json"
TABLE = ROOT / "docs" / "reports" / "README.md"
SEEDS = 2000
NOT_MODELLED = frozenset({"I9"})
"""Storms have no paid sums: the campaign's load has them."""
OF_STORMS = ("I16",)
"""What only a storm can see; the campaign has a fault of its own for it (F1)."""

SENTENCES: Mapping[str, str] = {
    "I1": "an accepted command is in its history",
    "I2": "a refused command is in no history",
    "I3": "a repeated idempotency key is executed once",
    "I4": "topics and journals have the same events",
    "I5": "a place in a stream has one event, everywhere",
    "I6": "a stream's events are in order, in one partition",
    "I7": "every projection has folded each event once, in order",
    "I8": "a rebuilt projection is the same",
    "I9": "sums: paid, granted, budget",
    "I10": "each due mail exists once, and no other; copies come only from ambiguous attempts",
    "I11": "every record behind a committed offset was applied, dropped as old, or parked",
    "I12": "no data of an erased person are left",
    "I13": "the compacted topic's last record is the current state",
    "I14": "all queues become empty",
    "I15": "no secret and no personal data in logs and events",
    "I16": "an invitation goes to whom the topic told of or its caller named, and to no others",
}
WITHOUT_SERVICE = frozenset({"kafka", "mongodb", "network", "clusters", "disk", "histories"})
"""Groups of faults in which no service is stopped: there commands might go on."""

Told = Mapping[str, Any]


def main() -> int:
    given = argparse.ArgumentParser(prog="python -m tests.campaign.summary", description=__doc__)
    given.add_argument("told", nargs="?", type=Path, default=TOLD, help="the campaign's JSON (build/campaign)")
    told = json.loads(given.parse_args().told.read_text())
    lines = [
        *_head(told),
        *invariants(told, _storms()),
        *_unseen(told["outcomes"]),
        *_missing_rules(),
        *_pauses(told["outcomes"]),
    ]
    TABLE.write_text("\n".join(lines) + "\n")
    return 0


def _storms() -> Counter[str]:
    """How many seeds broke each invariant."""
    found = [finding for handful in on_all_processors(range(SEEDS)) for finding in handful]
    return Counter(name for finding in found for name in finding.invariants)


def _head(told: Told) -> Iterator[str]:
    """Where the figures come from. Links only to what is checked in."""
    yield "# Results of the fault tests"
    yield ""
    yield (
        f"Campaign: `make campaign`, commit `{told['commit'][:12]}`, {len(told['outcomes'])} faults in "
        f"{told['seconds'] / 60:.0f} minutes on {told['machine'].split(',')[0]}. It writes the full report to "
        "`build/campaign`, as `campaign.html` and `campaign.json`, with the evidence of each violation. "
        "Storms: `make storm` and every `make test`. Findings of earlier runs: [findings.md](findings.md). "
        "Written by `python -m tests.campaign.summary`."
    )
    yield ""


def invariants(told: Told, storms: Counter[str]) -> Iterator[str]:
    spoiled = Counter(invariant for invariant, _ in MUTATIONS.values())
    broken = Counter(one["invariant"] for outcome in told["outcomes"] for one in outcome["violations"])
    yield from _row(
        "invariant",
        "",
        f"storms: violated in {SEEDS} seeds",
        f"campaign: violations in {len(told['outcomes'])} faults",
        "deliberately broken runs, all found by the checker",
        head=True,
    )
    for name in INVARIANTS:
        seeds = "not modelled" if name in NOT_MODELLED else storms[name]
        yield from _row(name, SENTENCES[name], seeds, broken[name], spoiled[name])
    yield from (line for name in OF_STORMS for line in _row(name, SENTENCES[name], storms[name], "fault F1", "–"))
    yield ""


def _unseen(outcomes: Sequence[Told]) -> Iterator[str]:
    """What a fault wanted to see of the installation, or of itself, and did not: no invariant, but no proof either."""
    if failed := [one for one in outcomes if one["failure"]]:
        yield "## Faults that did not occur as planned"
        yield ""
        yield from _row("fault", "", "instead", head=True)
        for one in failed:
            yield from _row(one["name"], one["sentence"], one["failure"].splitlines()[0].partition(" The end of")[0])
        yield ""


def _missing_rules() -> Iterator[str]:
    yield "## Each rule removed once"
    yield ""
    yield f"Only in the storms, not in the product (`tests/storms/test_negative_runs.py`): found within {WITHIN} seeds."
    yield ""
    yield from _row("removed rule", "first seed", "broke", head=True)
    for rule in SWITCHES:
        found = first_found(rule)
        yield from _row(rule, found.seed if found else "not seen", _list(found.invariants if found else ()))
    yield ""


def _pauses(outcomes: Sequence[Told]) -> Iterator[str]:
    yield "## The longest time without an accepted command"
    yield ""
    yield (
        "The longest time between two accepted commands of any service during the fault. A few clients send all the "
        "time; without a fault, too, some tenths of a second pass between two answers. While MongoDB is away, no "
        "command can be accepted."
    )
    yield ""
    yield from _row("fault", "", "seconds", "at rest after", "duplicates", head=True)
    for one in (one for one in outcomes if one["group"] in WITHOUT_SERVICE):
        measures = one["measures"]
        twice = ", ".join(f"{cause} {number}" for cause, number in measures["duplicates"].items())
        pause, rest = f"{measures['unavailable']:.1f}", f"{one['drain_seconds']:.1f}"
        yield from _row(one["name"], one["sentence"], pause, rest, twice)


def _row(*cells: object, head: bool = False) -> Iterator[str]:
    yield f"| {' | '.join(map(str, cells))} |"
    if head:
        yield f"|{'---|' * len(cells)}"


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names, key=lambda name: int(name.removeprefix("I"))))


if __name__ == "__main__":
    sys.exit(main())
