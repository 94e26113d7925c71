"""Claims beside what was measured: the table's lines, and what is worse than the checked-in ratios. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from tests.bench.measured import Claim, RowResult, Spread, within

Verdict = Literal["held", "missed", "not measured", "for comparison"]
Ratios = Mapping[str, float]
"""By row and claim, the median of an earlier run."""

WORST = 2.0
"""How many times worse than the checked-in ratio a quick run may be: machines differ, and quick runs are short."""


@dataclass(frozen=True, slots=True)
class Line:
    row: str
    title: str
    claim: Claim
    spread: Spread | None

    @property
    def key(self) -> str:
        return f"{self.row} {self.claim.about}"

    @property
    def verdict(self) -> Verdict:
        if self.spread is None:
            return "not measured"
        if self.claim.target is None:
            return "for comparison"
        return "held" if self.claim.holds(self.spread.median) else "missed"


def lines(rows: Sequence[RowResult]) -> Iterator[Line]:
    for row in rows:
        for claim in row.claims:
            values = claim.values(row.rounds)
            yield Line(row.id, row.title, claim, Spread.of(values) if values else None)


def fallen(rows: Sequence[RowResult], known: Ratios) -> list[str]:
    """A sentence for each ratio that is more than ``WORST`` times worse than the known one, or was not measured.

    Where nothing is known nothing could ever be found to have fallen: that is told too.
    """
    if not known:
        return ["no ratio is known to compare with: --write-ratios, on a quiet machine"]
    by_key = {line.key: line for line in lines(rows)}
    measured = {row.id for row in rows}
    compared = [key for key in known if key.split(" ", 1)[0] in measured]
    return [sentence for key in compared if (sentence := _fallen(by_key.get(key), key, known[key]))]


def _fallen(line: Line | None, key: str, known: float) -> str | None:
    if line is None or line.spread is None:
        return f"{key}: was {known:.2f}, is not measured any more"
    if within(line.claim.bound, line.spread.median, limit_of(line.claim, known)):
        return None
    return f"{key}: was {known:.2f}, is {line.spread.median:.2f}"


def limit_of(claim: Claim, known: float) -> float:
    match claim.bound:
        case "at least":
            return known / WORST
        case "at most":
            return known * WORST
        case _:
            assert_never(claim.bound)


def ratios(rows: Sequence[RowResult]) -> dict[str, float]:
    """What is checked in: medians of the claims that compare two sides. Absolute figures belong to one machine."""
    return {
        line.key: round(line.spread.median, 3)
        for line in lines(rows)
        if line.spread is not None and line.claim.to is not None
    }
