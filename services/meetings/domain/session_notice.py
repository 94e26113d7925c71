"""Notice: people have so many days on the office's calendar to keep a day free, or they are told why not."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from shared.kernel.rejections import Rejected
from shared.kernel.text import Line
from shared.kernel.time import german_moment, local_day


class Announces(Protocol):
    """A command that tells people of an appointment. ``reason`` is why there is less notice than the rules allow."""

    @property
    def at(self) -> datetime: ...

    @property
    def reason(self) -> Line | None: ...


class NoticeTooShort(Rejected):
    """Bis zum {starts} sind es {left} Tage. Üblich sind {notice}, unter {shortest} ist ein Grund nötig."""


def must_keep_notice(starts: datetime, announced: Announces, usual: int, shortest: int) -> None:
    """All three in days; only below the shortest notice a reason is needed."""
    left = (local_day(starts) - local_day(announced.at)).days
    if left < shortest and announced.reason is None:
        raise NoticeTooShort(starts=german_moment(starts), left=left, notice=usual, shortest=shortest)
