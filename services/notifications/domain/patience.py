"""How long a mail waits for what, before it is tried again or given up."""

from __future__ import annotations

from datetime import timedelta

from shared.contracts.notifications import OBSTACLES, Postponed
from shared.kernel.time import days

ANSWER_WITHIN = timedelta(minutes=10)
"""For one attempt, everything included: what RFC 5321 (4.5.3.2.6) grants a server for the content alone."""

GIVE_UP_AFTER = days(5)
"""RFC 5321 (4.5.4.1): at least four to five days."""

AFTER_OBSTACLE = timedelta(seconds=30)
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 3600, 4 * 3600))


def pause_after(attempt: int, reason: Postponed) -> timedelta:
    """A server that defers one mail is asked later and later; one that is away is missed by every mail."""
    if reason in OBSTACLES:
        return AFTER_OBSTACLE
    return PAUSES[min(attempt, len(PAUSES)) - 1]
