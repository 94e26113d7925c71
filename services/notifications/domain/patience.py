"""How long a mail waits for what, before it is tried again or given up."""

from __future__ import annotations

from datetime import timedelta

from shared.contracts.notifications import OBSTACLES, Postponed
from shared.kernel.time import days

ANSWER_WITHIN = timedelta(minutes=10)
"""For one attempt, everything included: what RFC 5321 (4.5.3.2.6) grants a server for the content alone."""

CONTENT_WITHIN = timedelta(minutes=1)
"""From the record of an attempt until its content goes out at the latest. A sender that is stopped for longer sends
nothing: others may have gone on meanwhile. Nine minutes of the attempt are left, in which a server closes a connection
on which nothing is said (after five, RFC 5321, 4.5.3.2.7), and by which the clocks of two senders may differ."""

GIVE_UP_AFTER = days(5)
"""RFC 5321 (4.5.4.1): at least four to five days. Counted in pauses, so that a server that is away uses up nothing."""

USED_UP_BY: frozenset[Postponed] = frozenset({"mailbox_full", "try_later"})
"""What is said of the mailbox itself. That we are refused says nothing of it."""

AFTER_OBSTACLE = timedelta(seconds=30)
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 3600, 4 * 3600))


def pause_after(refusals: int, reason: Postponed) -> timedelta:
    """``refusals`` of this mail, with the present one: it is asked later and later. Obstacles are missed by all."""
    if reason in OBSTACLES:
        return AFTER_OBSTACLE
    return PAUSES[min(refusals, len(PAUSES)) - 1]


def is_used_up(times: int) -> bool:
    """Whether the pauses after so many answers about the mailbox make up the days that a mail is tried for."""
    beyond = max(times - len(PAUSES), 0)
    return sum(PAUSES[:times], timedelta()) + beyond * PAUSES[-1] >= GIVE_UP_AFTER
