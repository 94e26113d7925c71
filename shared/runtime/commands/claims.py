"""A claim reserves something in a stream of its own before a command is decided in another stream.

If the process stops in between, the outcome of the command is unknown: the process may only be paused and continue
much later. So a claim contains the event that its command is about to write, and the time since it waits. A command
that finds a claim that has waited long enough releases it in the place of that event. Only one of the two events can
be written, whatever the other process does.
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
"""Long enough not to disturb a try that is still running; correctness does not depend on it."""


class Claim(Protocol):
    """``attempt`` and ``at`` are None for claims from before they were recorded: their processes ended with the
    upgrade.
    """

    @property
    def attempt(self) -> Uuid | None: ...

    @property
    def at(self) -> datetime | None: ...


def has_waited(claim: Claim, now: datetime) -> bool:
    return claim.at is None or claim.at <= now - PATIENCE


async def give_up(executor: Executor, releases: Iterable[tuple[Claim, Command]], request: Request) -> None:
    """Releases each claim, except those whose command was executed."""
    for claim, release in releases:
        await executor.execute(release, replace(request.following(), instead_of=claim.attempt))
