"""How long a mail waits for what, before it is tried again or given up."""

from __future__ import annotations

from datetime import timedelta

from shared.contracts.notifications import OBSTACLES, Postponed
from shared.kernel.time import days

ANSWER_WITHIN = timedelta(minutes=10)
"""Seconds for one attempt in total: RFC 5321 (4.5.3.2.6) gives a server this time for the content alone."""

CONTENT_WITHIN = timedelta(minutes=1)
"""From the record of an attempt until its content goes out at the latest. A sender that is stopped for longer sends
nothing: others may have gone on meanwhile. Nine minutes of the attempt are left, in which a server closes a connection
on which nothing is said (after five, RFC 5321, 4.5.3.2.7), and by which the clocks of two senders may differ."""

GIVE_UP_AFTER = days(5)
"""RFC 5321 (4.5.4.1): at least four to five days. Pauses are counted, so that a server that is away uses up nothing."""

USED_UP_BY: frozenset[Postponed] = frozenset({"mailbox_full", "try_later"})
"""Answers about the mailbox itself. A refusal of our server says nothing about it."""

AFTER_OBSTACLE = timedelta(seconds=30)
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 3600, 4 * 3600))


def pause_after(refusals: int, reason: Postponed) -> timedelta:
    """``refusals`` of this mail, with the present one: each pause is longer. After an obstacle it never grows."""
    if reason in OBSTACLES:
        return AFTER_OBSTACLE
    return PAUSES[min(refusals, len(PAUSES)) - 1]


def is_used_up(times: int) -> bool:
    """Whether the pauses after refusals of the mailbox add up to the days for which a mail is tried."""
    beyond = max(times - len(PAUSES), 0)
    return sum(PAUSES[:times], timedelta()) + beyond * PAUSES[-1] >= GIVE_UP_AFTER
