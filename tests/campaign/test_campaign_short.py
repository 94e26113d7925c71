"""The short campaign: some faults of each kind hit one stack under load, and at its end nothing is amiss."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.campaign.campaign import run_together
from tests.campaign.faults.catalogue import SHORT

SEED = 905


@pytest.mark.journey
@pytest.mark.long
@pytest.mark.timeout(600)
async def test_faults_of_each_kind_cost_nothing(tmp_path: Path) -> None:
    run = await run_together(SHORT, tmp_path, SEED, print)
    assert {one.name: one.failure for one in run.outcomes if one.failure} == {}
    assert run.found == []
    told = Counter(line["type"] for line in run.history)
    assert told["ok"] > 300, "the load has worked"
    assert told["fail"] > 50, "rules have said no"
    assert told["info"] > 20, "the faults were felt"
    assert any(line["type"] == "ok" and line["replayed"] for line in run.history), "answers were given again"
