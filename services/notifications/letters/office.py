"""Who writes: the office of one conference."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Office:
    """``domain`` makes message ids and calendar ids unique in the world; every conference has its own."""

    conference: str
    name: str
    email: str
    domain: str
