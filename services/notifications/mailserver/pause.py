"""While the mail server takes nothing from us, nobody's mail is tried, but for one mail now and then.

A server that is away, or refuses connection, greeting, login or sender, concerns everybody at once. A refusal of us at
a recipient concerns everybody when a second one like it comes from another domain and nothing has gone out in between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from services.notifications.mailserver.outcomes import Later, Outcome, Unanswered

PROBE_AFTER = tuple(timedelta(seconds=seconds) for seconds in (15, 30, 60, 120, 300))
"""From the beginning of the pause to the first mail that probes, from that to the next, and so on; the last repeats."""

TURN_SECONDS = 5.0

Tell = Callable[[str | None], None]
"""Hears why nothing goes out, as often as that shows, and None when it is over."""


class Pause:
    """One process's. ``clock`` is the machine's, in seconds."""

    def __init__(
        self, clock: Callable[[], float], tell: Tell = lambda _: None, probe_after: Sequence[timedelta] = PROBE_AFTER
    ) -> None:
        self._clock = clock
        self._tell = tell
        self._probe_after = [one.total_seconds() for one in probe_after]
        self._since: float | None = None
        self._reason = ""
        self._probes = 0
        self._next = 0.0
        self._alike: dict[str, set[str]] = {}

    @property
    def is_on(self) -> bool:
        return self._since is not None

    @property
    def seconds(self) -> float:
        """For how long nothing has gone out."""
        return self._clock() - self._since if self._since is not None else 0.0

    @property
    def until(self) -> float:
        """When the next mail may probe."""
        return self._next

    def lets_go(self, domain: str) -> bool:
        """Whether a mail for this domain may be tried now: any while there is no pause, else one that probes.

        In turn one whose domain has not refused us, and one whose domain has: neither a strict server nor one that
        only wants to be asked again keeps the others waiting. Who is not there in time loses the turn. Asking takes it.
        """
        if not self.is_on:
            return True
        now, refusing = self._clock(), {one for domains in self._alike.values() for one in domains}
        is_preferred = (domain in refusing) == bool(self._probes % 2) or not refusing
        if now < self._next or (not is_preferred and now < self._next + TURN_SECONDS):
            return False
        self._probes += 1
        self._next = now + self._probe_after[min(self._probes, len(self._probe_after) - 1)]
        return True

    def note(self, outcome: Outcome, domain: str, began: float) -> None:
        """What came of a mail that was begun at ``began``; what was begun before the pause cannot end it."""
        if isinstance(outcome, Unanswered):
            return
        if isinstance(outcome, Later) and outcome.concerns_everybody:
            self._begin(outcome.reason)
        elif isinstance(outcome, Later) and outcome.reason == "refused_us":
            domains = self._alike.setdefault(outcome.sign, set())
            domains.add(domain)
            if len(domains) > 1:
                self._begin(outcome.reason)
            elif self._reason != "refused_us":
                self._end(began)
        else:
            self._end(began)
            if not self.is_on:
                self._alike.clear()

    def _begin(self, reason: str) -> None:
        self._reason = reason
        self._tell(reason)
        if self._since is None:
            self._since, self._probes = self._clock(), 0
            self._next = self._since + self._probe_after[0]

    def _end(self, began: float) -> None:
        if self._since is not None and began >= self._since:
            self._since = None
            self._tell(None)
