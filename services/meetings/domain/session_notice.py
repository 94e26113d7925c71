"""Notice: people have so many days on the office's calendar to keep a day free, or they are told why not."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from shared.kernel.rejections import Rejected
from shared.kernel.text import Line
from shared.kernel.time import german_moment, local_day


class Announces(Protocol):
    """A command that tells people of an appointment. ``reason`` is why it leaves less notice than the rules ask."""

    @property
    def at(self) -> datetime: ...

    @property
    def reason(self) -> Line | None: ...


class NoticeTooShort(Rejected):
    """Bis zum {starts} sind es {left} Tage. Üblich sind {notice}, unter {shortest} ist ein Grund nötig."""


def must_keep_notice(starts: datetime, announced: Announces, usual: int, shortest: int) -> None:
    """All three are in days. A reason is needed only below the shortest notice."""
    left = (local_day(starts) - local_day(announced.at)).days
    if left < shortest and announced.reason is None:
        raise NoticeTooShort(starts=german_moment(starts), left=left, notice=usual, shortest=shortest)
