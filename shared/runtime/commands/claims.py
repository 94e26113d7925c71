"""A claim holds a place, in a stream of its own, for what is about to be decided in another one.

Where the process ends in between, nobody knows what becomes of it: it may be stopped only, and go on much later. So a
claim says which event its request is about to leave, and since when it waits. Whoever meets one that has waited long
enough releases it in the place of that event: only one of the two is ever said, whatever the other process still does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from shared.kernel.decider import Command
from shared.kernel.identifiers import Uuid
from shared.runtime.commands.execute import Executor, Request

PATIENCE = timedelta(minutes=1)
"""Long enough that what goes on is not disturbed; nothing but politeness depends on it."""


class Claim(Protocol):
    """``attempt`` and ``at`` are None of what was claimed before they were kept: its process ended with the upgrade."""

    @property
    def attempt(self) -> Uuid | None: ...

    @property
    def at(self) -> datetime | None: ...


def has_waited(claim: Claim, now: datetime) -> bool:
    return claim.at is None or claim.at <= now - PATIENCE


async def give_up(executor: Executor, releases: Iterable[tuple[Claim, Command]], request: Request) -> None:
    """Releases each claim, except where what it was made for has been done."""
    for claim, release in releases:
        await executor.execute(release, replace(request.following(), instead_of=claim.attempt))
