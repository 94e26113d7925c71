"""The alarms of one process: a log line when one begins and when it ends, and a gauge meanwhile."""

from __future__ import annotations

import structlog

from shared.runtime.observing.metrics import Counters

log = structlog.get_logger()


class Alarms:
    """Each watching loop reports under names of its own, as often as it looks."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._standing: dict[str, str] = {}

    def tell(self, name: str, sentence: str | None, **named: object) -> None:
        """``sentence`` says in English what waits and what to do; None: nothing waits any more.

        While it stands, readiness shows the last sentence under ``degraded``, and ``kpk_alarm{alarm=<name>}`` is 1.
        ``named`` are further fields of the log line at its beginning. No personal data in either.
        """
        self._counters.alarm(name, sentence is not None)
        if sentence is None:
            if self._standing.pop(name, None) is not None:
                log.info("alarm over", alarm=name)
            return
        if name not in self._standing:
            log.error("alarm raised", alarm=name, sentence=sentence, **named)
        self._standing[name] = sentence

    def standing(self) -> list[tuple[str, str]]:
        """The present alarms, name and sentence, the oldest first."""
        return list(self._standing.items())

    def sentences(self) -> list[str]:
        """The sentences of the present alarms, the oldest first."""
        return list(self._standing.values())
