"""Many seeds, one after the other or on all processors; and of a bad one the fewest faults that still show it."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from tests.storms.checker import violations
from tests.storms.storm import Switch, nothing_switched, storm
from tests.storms.switches import SWITCHES

AT_A_TIME = 20
WITHIN = 300
"""Seeds among which one has to notice that a rule is off."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a seed broke. ``kept`` are the places of the faults that are needed for it."""

    seed: int
    sentences: tuple[str, ...]
    kept: tuple[int, ...]

    @property
    def invariants(self) -> frozenset[str]:
        return frozenset(sentence.partition(":")[0] for sentence in self.sentences)

    def __str__(self) -> str:
        faults = storm(self.seed, self.kept).faults
        replay = f"python -m tests.storms --seed {self.seed} --keep {','.join(map(str, self.kept))}"
        return "\n".join(
            [f"seed {self.seed}:", *(f"  {one}" for one in self.sentences), "with these faults:"]
            + [f"  {fault}" for fault in faults]
            + [f"replay: {replay}"]
        )


def tried(seed: int, switch: Switch = nothing_switched, kept: Sequence[int] | None = None) -> Finding | None:
    one = storm(seed, kept)
    sentences = tuple(violations(one.run(switch)))
    return Finding(seed, sentences, tuple(range(len(one.faults)) if kept is None else kept)) if sentences else None


def shrunk(found: Finding, switch: Switch = nothing_switched) -> Finding:
    """Leaves out faults as long as one of the same invariants stays broken."""
    for place in found.kept:
        fewer = tried(found.seed, switch, [kept for kept in found.kept if kept != place])
        if fewer is not None and fewer.invariants & found.invariants:
            return shrunk(fewer, switch)
    return found


def first_found(rule: str) -> Finding | None:
    """The first seed that notices that a rule is switched off, by an invariant that depends on it."""
    switch, invariants = SWITCHES[rule]
    for seed in range(WITHIN):
        found = tried(seed, switch)
        if found is not None and found.invariants & invariants:
            return found
    return None


def on_all_processors(seeds: Sequence[int]) -> Iterator[list[Finding]]:
    """For each handful of seeds what was found."""
    handfuls = [seeds[start : start + AT_A_TIME] for start in range(0, len(seeds), AT_A_TIME)]
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), initializer=spare_what_stays) as pool:
        yield from pool.map(_findings, handfuls)


def spare_what_stays() -> None:
    """The imported modules are many and stay: looking through them for garbage costs a third of the time."""
    gc.collect()
    gc.freeze()


def _findings(seeds: Sequence[int]) -> list[Finding]:
    return [found for seed in seeds if (found := tried(seed)) is not None]
