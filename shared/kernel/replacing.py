"""A command that replaces values contains the values that its caller has seen: nobody overwrites unseen changes.

They are in its field ``replaces``; None replaces any value. If the values have changed since, the rejection contains
the present ones, so that the caller can check them and send the command again.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeVar

from shared.kernel.rejections import Rejected
from shared.kernel.time import german_day, german_moment
from shared.kernel.values import Value

LONGEST = 300
"""Of one value, in a sentence."""


class ChangedMeanwhile(Rejected):
    """Das hat inzwischen jemand anderes geändert. Jetzt steht da: {now}. Wer es ersetzen will, sendet noch einmal."""


V = TypeVar("V", bound=Value)


def must_stand(replaces: V | None, now: V, said: str = "") -> None:
    """Raises ``ChangedMeanwhile`` with the values that are others now, or as ``said``, where values say nothing.

    Blanks around a text count for nothing: what was seen comes without them, and old events may have them.
    """
    if replaces is None:
        return
    values = [(getattr(now, name), getattr(replaces, name)) for name in type(now).model_fields]
    if changed := [present for present, seen in values if bare(present) != bare(seen)]:
        raise ChangedMeanwhile(now=said or "; ".join(map(_said, changed)))


def bare(value: object) -> object:
    """Without the blanks around its texts."""
    match value:
        case str():
            return value.strip()
        case tuple():
            return tuple(map(bare, value))
        case Value():
            return tuple(bare(getattr(value, name)) for name in type(value).model_fields)
        case _:
            return value


def _said(value: object) -> str:
    match value:
        case None | ():
            return "nichts"
        case datetime():
            return german_moment(value)
        case date():
            return german_day(value)
        case tuple():
            return "; ".join(map(_said, value))
        case Value():
            return _said(getattr(value, "title", None)) if hasattr(value, "title") else "eine andere Fassung"
        case str():
            return f"„{value if len(value) <= LONGEST else f'{value[:LONGEST]} …'}“"
        case _:
            return str(value)
