"""What was measured: rounds of figures, and the claims about them. Pure.

A ratio is formed within one round, between sides that were measured one after the other on the same servers, and told
with its median and its range. Only ratios are compared with other runs: machines differ and are noisy.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, assert_never

Figures = Mapping[str, float]
"""Figure, named with its unit ("events/s"), and its value."""

Round = Mapping[str, Figures]
"""What each side showed in one round."""

MB = 1024 * 1024

Bound = Literal["at least", "at most"]


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, least and most of several rounds: with so few of them no more can be said."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True, slots=True)
class Place:
    """A figure of a side."""

    side: str
    figure: str

    def of(self, rounds: Sequence[Round]) -> list[float]:
        return [one[self.side][self.figure] for one in rounds if self.figure in one.get(self.side, {})]


@dataclass(frozen=True, slots=True)
class Claim:
    """What is promised of a figure: beside another one of the same round, or (``to`` None) by itself.

    ``target`` None promises nothing: the figure is shown for comparison.
    """

    about: str
    of: Place
    to: Place | None
    bound: Bound
    target: float | None

    def values(self, rounds: Sequence[Round]) -> list[float]:
        """One for each round in which both sides were measured; empty if a side could not be measured at all."""
        if self.to is None:
            return self.of.of(rounds)
        pairs = [(self.of.of([one]), self.to.of([one])) for one in rounds]
        return [mine[0] / theirs[0] for mine, theirs in pairs if mine and theirs]

    def holds(self, value: float) -> bool:
        return self.target is None or within(self.bound, value, self.target)


def within(bound: Bound, value: float, limit: float) -> bool:
    match bound:
        case "at least":
            return value >= limit
        case "at most":
            return value <= limit
        case _:
            assert_never(bound)


@dataclass(slots=True)
class RowResult:
    """One row of the table. ``samples`` are single durations in milliseconds, for the plots; ``notes`` for readers."""

    id: str
    title: str
    about: str
    claims: tuple[Claim, ...]
    rounds: list[Round] = field(default_factory=list)
    samples: dict[str, list[float]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def figures(self) -> dict[Place, Spread]:
        """Every figure of every side, in the order in which it was first measured."""
        places = {Place(side, figure): None for one in self.rounds for side, told in one.items() for figure in told}
        return {place: Spread.of(place.of(self.rounds)) for place in places}


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of the values do not exceed (nearest rank)."""
    return sorted(values)[max(1, math.ceil(share * len(values))) - 1]


def milliseconds(seconds: Sequence[float]) -> list[float]:
    return [round(second * 1000, 3) for second in seconds]


def latencies(seconds: Sequence[float]) -> dict[str, float]:
    return {"p50 ms": quantile(seconds, 0.5) * 1000, "p99 ms": quantile(seconds, 0.99) * 1000}


def number(value: float) -> str:
    """Three digits that count, whole from a hundred on."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
