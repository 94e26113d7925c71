"""The alarms of one process: a log line when one begins and when it ends, and a gauge meanwhile."""

from __future__ import annotations

import structlog

from shared.runtime.observing.metrics import Counters

log = structlog.get_logger()


class Alarms:
    """Whoever watches something tells what it finds under a name of its own, as often as it looks."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._standing: dict[str, str] = {}

    def tell(self, name: str, sentence: str | None, **named: object) -> None:
        """``sentence`` says in English what waits and what to do; None: nothing waits, or not any more.

        While it stands, readiness says under ``degraded`` what was told last, and ``kpk_alarm{alarm=<name>}`` is 1.
        ``named`` are further fields of the line that is logged when it begins. No personal data in either.
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
        """Those that stand, by name and sentence, the oldest first."""
        return list(self._standing.items())

    def sentences(self) -> list[str]:
        """Of those that stand, the oldest first."""
        return list(self._standing.values())
