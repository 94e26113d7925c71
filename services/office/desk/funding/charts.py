"""Pictures of a grant's money: where each part begins and how wide it is. What they show stands in a table beside them.

All amounts are cents. A picture is ``WIDTH`` wide; where more is spent than planned it shows all of that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise

from shared.declarations.projection import Document

WIDTH, HEIGHT = 600, 160


@dataclass(frozen=True)
class Part:
    """``kind`` decides the look: sure (paid and approved), spent (paid, not approved), committed."""

    kind: str
    start: int
    width: int


def stacked(line: Document) -> list[Part]:
    """A line's parts one after the other, as shares of the planned amount."""
    approved, committed = line["approved"], max(0, line["committed"])
    amounts = {"sure": approved, "spent": line["paid"] - approved, "committed": committed}
    return _parts(amounts, max(line["planned"], line["paid"] + committed))


def meter(rendered: int, due: int) -> list[Part]:
    """The rendered own share, as a part of what is due."""
    return _parts({"sure": rendered}, max(rendered, due))


def _parts(amounts: Mapping[str, int], whole: int) -> list[Part]:
    """The parts end exactly at their sum: a pixel lost by rounding goes to the next part."""
    ends = [WIDTH * total // max(1, whole) for total in accumulate(amounts.values())]
    starts = [0, *ends]
    return [Part(kind, start, end - start) for kind, start, end in zip(amounts, starts, ends, strict=False)]


def totals(lines: Sequence[Document]) -> dict[str, int]:
    return {name: sum(line[name] for line in lines) for name in ("planned", "committed", "paid", "approved", "free")}


@dataclass(frozen=True)
class Month:
    """``month`` as 2024-03, ``total`` is everything paid until its end."""

    month: str
    paid: int
    total: int


def by_month(expenses: Iterable[Document]) -> list[Month]:
    """Without reversed expenses, by the day of payment."""
    paid: dict[str, int] = {}
    for each in sorted(expenses, key=lambda one: one["paid_on"]):
        if each["state"] != "reversed":
            paid[each["paid_on"][:7]] = paid.get(each["paid_on"][:7], 0) + each["amount"]
    return [Month(month, paid[month], total) for month, total in zip(paid, accumulate(paid.values()), strict=True)]


def over_time(expenses: Sequence[Document], period: Document, awarded: int) -> str:
    """The points of a rising line, one step at each day of payment, from the period's first to its last day."""
    start, until = date.fromisoformat(period["start"]), date.fromisoformat(period["until"])
    standing = sorted((each for each in expenses if each["state"] != "reversed"), key=lambda one: one["paid_on"])
    days = [(date.fromisoformat(each["paid_on"]) - start).days for each in standing]
    length, spent = max(1, (until - start).days), [0, *accumulate(each["amount"] for each in standing)]
    highest = max(1, awarded, spent[-1])
    across = [min(WIDTH, max(0, WIDTH * day // length)) for day in days]
    up = [HEIGHT - HEIGHT * amount // highest for amount in spent]
    steps = [f"{x},{before} {x},{after}" for x, (before, after) in zip(across, pairwise(up), strict=True)]
    return " ".join((f"0,{HEIGHT}", *steps, f"{WIDTH},{up[-1]}"))
