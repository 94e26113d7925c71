"""What a campaign has shown, with what it was shown on: as JSON, and as one page that needs nothing else."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploy.embedded.process import ROOT
from tests.campaign.checker import INVARIANTS
from tests.campaign.evidence import Violation
from tests.campaign.outcome import Outcome


def head_of_tree() -> str:
    """Of the checked-out tree, with a mark when it was changed since."""
    head, changed = _git("rev-parse", "HEAD"), _git("status", "--porcelain")
    return f"{head}, with changes" if head and changed else head or "unknown"


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def this_machine() -> str:
    told = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().splitlines() if ":" in line)
    names = {name.strip(): value.strip() for name, value in told.items()}
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} × {names.get('model name', 'unknown')}, {memory:.0f} GB, {platform.platform()}"


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass
class Report:
    seed: int
    commit: str = field(default_factory=head_of_tree)
    machine: str = field(default_factory=this_machine)
    date: str = field(default_factory=now)
    outcomes: list[Outcome] = field(default_factory=list)
    found: Sequence[Violation] = ()
    """Of the short form, which judges all its faults at once."""
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return not self.found and all(one.good for one in self.outcomes)

    @property
    def held(self) -> dict[str, bool]:
        """Each invariant, and whether it held throughout."""
        broken = {one.invariant for outcome in self.outcomes for one in outcome.violations}
        return {name: name not in broken | {one.invariant for one in self.found} for name in INVARIANTS}

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "good": self.good, "held": self.held}

    def write_json(self, folder: Path, name: str) -> None:
        (folder / f"{name}.json").write_text(json.dumps(self.as_json(), indent=2, ensure_ascii=False) + "\n")
