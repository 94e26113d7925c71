"""`make storm SEEDS=…`: any number of storms; a bad one is shrunk, told and can be replayed.

python -m tests.storms --seeds 10000 [--from 2000]
python -m tests.storms --seed 749 [--keep 0,2,4] [--without "local reads"] [--show]
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.storms.search import on_all_processors, shrunk, tried
from tests.storms.storm import nothing_switched, storm
from tests.storms.switches import SWITCHES


def main() -> int:
    given = argparse.ArgumentParser(prog="python -m tests.storms", description=__doc__)
    given.add_argument("--seeds", type=int, default=2000, help="how many")
    given.add_argument("--from", type=int, default=0, dest="first", help="the first of them")
    given.add_argument("--seed", type=int, help="this one alone")
    given.add_argument("--keep", help="only these of its faults, by number")
    given.add_argument("--without", choices=SWITCHES, help="one protective rule")
    given.add_argument("--show", action="store_true", help="every call")
    asked = given.parse_args()
    return many(asked.first, asked.seeds) if asked.seed is None else one(asked)


def many(first: int, number: int) -> int:
    began, done, bad = time.monotonic(), 0, 0
    for found in on_all_processors(range(first, first + number)):
        done = min(done + 20, number)
        bad += len(found)
        for finding in found:
            tell(f"\n{shrunk(finding)}")
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done} of {number} storms, {bad} bad ")
    tell(f"{number} storms from seed {first}, {bad} bad, in {time.monotonic() - began:.0f} s")
    return 1 if bad else 0


def one(asked: argparse.Namespace) -> int:
    switch = SWITCHES[asked.without][0] if asked.without else nothing_switched
    kept = None if asked.keep is None else [int(place) for place in asked.keep.split(",") if place]
    if asked.show:
        shown = storm(asked.seed, kept)
        shown.trace = []
        shown.run(switch)
        tell(*shown.trace, *(f"fault {place}: {fault}" for place, fault in enumerate(shown.faults)))
    found = tried(asked.seed, switch, kept)
    tell(str(shrunk(found, switch) if found and kept is None else found or f"seed {asked.seed}: nothing broken"))
    return 1 if found else 0


def tell(*lines: str) -> None:
    sys.stdout.write("\n".join((*lines, "")))


if __name__ == "__main__":
    sys.exit(main())
