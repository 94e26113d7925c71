"""What sessions have cost: of each the expenses that name it, under the group that it is of. All amounts are cents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from services.office.desk.paper import word
from services.office.desk.titles import Titles
from shared.declarations.projection import Document


@dataclass(frozen=True)
class Cost:
    session: str
    title: str
    starts: str
    amount: int


@dataclass(frozen=True)
class OfGroup:
    """``group`` is a working group's name, or the label for sessions without one."""

    group: str
    costs: Sequence[Cost]

    @property
    def amount(self) -> int:
        return sum(cost.amount for cost in self.costs)


def by_group(expenses: Iterable[Document], sessions: Iterable[Document], titles: Titles) -> list[OfGroup]:
    """Without reversed expenses. A session that meetings cannot name at present appears under its short name."""
    spent: dict[str, int] = {}
    for each in expenses:
        if each.get("session") and each["state"] != "reversed":
            spent[each["session"]] = spent.get(each["session"], 0) + each["amount"]
    known = {each["session"]: each for each in sessions}
    found = sorted((_placed(name, amount, known.get(name), titles) for name, amount in spent.items()), key=_in_order)
    return [OfGroup(group, [cost for _, cost in costs]) for group, costs in groupby(found, key=lambda one: one[0])]


def _placed(name: str, amount: int, session: Document | None, titles: Titles) -> tuple[str, Cost]:
    told = session or {"title": titles.of("session", name), "starts": "", "kind": "", "working_group": None}
    group = told["working_group"]
    called = titles.of("working-group", group) if group else word(told["kind"])
    return called, Cost(name, told["title"], told["starts"], amount)


def _in_order(one: tuple[str, Cost]) -> tuple[str, str, str]:
    group, cost = one
    return group, cost.starts, cost.session
