"""Keeps what a stack at rest holds in a file beside this one, for the upgrades to come.

With the commit checked out:

    kpk demo --keep --data FOLDER
    python -m tests.journeys.upgrade.record FOLDER tests/journeys/upgrade/COMMIT.xz
    kpk down --data FOLDER
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from deploy.embedded.health import health_of
from deploy.embedded.state import State
from deploy.kpk.stack import running_state, say
from deploy.rights.mongo import AUDITOR
from tests.campaign.drain import left_over
from tests.journeys.upgrade.reading import read_snapshot
from tests.journeys.upgrade.snapshot_file import load, save
from tests.kit.eventually import eventually

REST_WITHIN = 60.0


class Restless(Exception):
    """A service is not well, or by the books of the servers something is unread, unpublished or unsent."""


async def is_at_rest(state: State) -> bool:
    """Raises ``Restless`` while it is not, and says why."""
    health = await health_of(state)
    left = await asyncio.to_thread(left_over, state.kafka, state.mongo_as(AUDITOR))
    if health.troubles or left:
        raise Restless(health.troubles, left)
    return True


async def until_at_rest(state: State) -> None:
    await eventually(lambda: is_at_rest(state), "the stack is at rest", REST_WITHIN)


def record(data: Path, file: Path) -> None:
    """Raises an ``AssertionError`` when the stack does not come to rest, or the file would not say the same."""
    state = running_state(data)
    asyncio.run(until_at_rest(state))
    snapshot = read_snapshot(state)
    save(file, snapshot)
    assert load(file) == snapshot, f"{file} does not say what the servers hold"
    say(f"{file}: {snapshot.events()} events, {len(snapshot.records)} records, {file.stat().st_size} bytes")


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("data", type=Path, metavar="FOLDER", help="the data folder of a running stack")
    given.add_argument("file", type=Path, metavar="FILE", help="what to write, named after the commit")
    arguments = given.parse_args()
    record(arguments.data, arguments.file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
