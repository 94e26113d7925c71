"""Who writes: the office of one conference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Office:
    """``conference`` is what it is called.

    ``domain`` makes message ids and calendar ids unique in the world; every conference has its own.
    """

    conference: str
    name: str
    email: str
    domain: str


OfficeOf = Callable[[str, str | None], Office]
"""By the conference's slug, and what it is called where that is known."""
