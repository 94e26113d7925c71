"""Storms break no invariant; in a calm nothing is done twice; a storm can be replayed exactly."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest

from shared.contracts.topics import PEOPLE, STATE_TOPICS
from tests.storms.checker import violations
from tests.storms.search import on_all_processors, shrunk
from tests.storms.storm import storm

pytestmark = pytest.mark.storm

SEEDS, MORE_SEEDS = 250, 2000
STATES = {topic.name for topic in (PEOPLE, *STATE_TOPICS)}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    "seeds", [range(SEEDS), pytest.param(range(SEEDS, MORE_SEEDS), marks=pytest.mark.long)], ids=["short", "long"]
)
def test_no_storm_breaks_an_invariant(seeds: range) -> None:
    found = [finding for handful in on_all_processors(seeds) for finding in handful]
    assert not found, f"{len(found)} of {len(seeds)} storms broke an invariant; the first:\n{shrunk(found[0])}"


@pytest.mark.parametrize("seed", range(20))
def test_in_a_calm_nothing_is_sent_or_published_twice(seed: int) -> None:
    """But for what is so: people who were changed while their topic was read are said again, by design, and so is a
    state that something newer may have overtaken.
    """
    evidence = replace(storm(seed, calm=True), processes=1).run()
    assert violations(evidence) == []
    events = Counter((record.key, *record.headers) for record in evidence.records if record.topic not in STATES)
    assert max(events.values()) == 1
    assert max(Counter(copy.message for copy in evidence.copies).values(), default=1) == 1


@pytest.mark.timeout(300)
def test_a_storm_is_replayed_to_the_last_call() -> None:
    assert told("1") == told("2")


def told(hash_seed: str) -> bytes:
    """In a process of its own, where sets and dicts of strings have another order."""
    command = [sys.executable, "-m", "tests.storms", "--seed", "7", "--show"]
    return subprocess.run(
        command, env={**os.environ, "PYTHONHASHSEED": hash_seed}, capture_output=True, check=True
    ).stdout
