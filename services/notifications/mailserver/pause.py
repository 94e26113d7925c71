"""While the mail server takes nothing from us, nobody's mail is tried, but for one mail now and then.

A server that is away, or refuses connection, greeting, login or sender, concerns everybody at once. A refusal of us at
a recipient concerns everybody when a second one like it comes from another domain and nothing has gone out in between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from services.notifications.mailserver.outcomes import Later, Outcome, Unanswered

PROBE_AFTER = tuple(timedelta(seconds=seconds) for seconds in (15, 30, 60, 120, 300))
"""Seconds from the beginning of the pause to the first probe, then between probes; the last one repeats."""

TURN_SECONDS = 5.0

Tell = Callable[[str | None], None]
"""Called with the reason while nothing goes out, as often as it shows, and with None when that is over."""


class Pause:
    """One process's pause. ``clock`` is the machine's, in seconds."""

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
        """How long nothing has gone out."""
        return self._clock() - self._since if self._since is not None else 0.0

    @property
    def until(self) -> float:
        """When the next probe may go out."""
        return self._next

    def lets_go(self, domain: str) -> bool:
        """Whether a mail for this domain may be tried now: any mail without a pause, otherwise a probe.

        Probes alternate between domains that have not refused us and domains that have. So neither a strict server nor
        one that only wants another try holds up the others. A side without a mail loses its turn. A yes uses the turn.
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
        """The outcome of a mail whose attempt began at ``began``; an attempt from before the pause cannot end it."""
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
