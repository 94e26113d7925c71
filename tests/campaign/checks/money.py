"""I9: no cent is made or lost. Sums are taken from the journal by hand and compared with limits and projections."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.campaign.evidence import Decided, Evidence, Violation

TOLERANCE_PERCENT = 20
"""How far a plan line may be exceeded by the usual conditions, which the load's grants have."""


@dataclass
class Purse:
    awarded: int = 0
    planned: dict[str, int] = field(default_factory=dict)
    booked: dict[str, dict[str, Any]] = field(default_factory=dict)
    spent: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    approved: int = 0
    requested: dict[str, int] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=dict)


def no_cent_is_lost(run: Evidence) -> Iterator[Violation]:
    purses: dict[str, Purse] = defaultdict(Purse)
    for event in run.decided:
        if event.service == "funding" and "/grant/" in event.stream:
            yield from _entered(purses[event.stream], event)
    grants = {row["_id"]: row for row in run.dump.collection("funding", "view_grants")}
    budgets = {row["_id"]: row for row in run.dump.collection("funding", "view_budget")}
    for stream, purse in purses.items():
        yield from _within_limits(stream, purse)
        yield from _shown(stream, purse, grants.get(stream, {}), budgets.get(stream, {}))


def _entered(purse: Purse, event: Decided) -> Iterator[Violation]:
    told, name = json.loads(event.data), event.type.split(".")[2]
    where = f"{event.stream}:{event.sequence}"
    if name == "GrantAwarded":
        purse.awarded = told["amount"]
        purse.planned = {line["line"]: line["amount"] for line in told["lines"]}
    elif name == "ExpenseBooked":
        purse.booked[told["expense"]] = told
        purse.spent[told["line"]] += told["amount"]
    elif name in ("ExpenseApproved", "ExpenseReversed"):
        yield from _about_booked(purse, name, told, where)
    elif name == "DrawdownRequested":
        purse.requested[told["drawdown"]] = told["amount"]
    elif name == "PayoutRecorded":
        if told["amount"] > purse.requested.get(told["drawdown"], 0) or told["drawdown"] in purse.paid:
            yield Violation("I9", "more is paid than was called", where)
        purse.paid[told["drawdown"]] = told["amount"]


def _about_booked(purse: Purse, name: str, told: dict[str, Any], where: str) -> Iterator[Violation]:
    booked = purse.booked.get(told["expense"])
    if booked is None or booked["amount"] != told["amount"] or booked.get("reversed"):
        yield Violation("I9", "an amount leads back to no expense", where)
        return
    if name == "ExpenseReversed":
        booked["reversed"] = True
        purse.spent[told["line"]] -= told["amount"]
        purse.approved -= told["amount"] if told["was_approved"] else 0
    else:
        purse.approved += told["amount"]
        if booked["booked_by"] == told["approved_by"]:
            yield Violation("I9", "who booked has approved", where)


def _within_limits(stream: str, purse: Purse) -> Iterator[Violation]:
    if sum(purse.spent.values()) > purse.awarded:
        yield Violation("I9", "more is spent than was granted", stream)
    if sum(purse.paid.values()) > purse.awarded:
        yield Violation("I9", "more is paid than was granted", stream)
    for line, spent in purse.spent.items():
        if spent * 100 > purse.planned.get(line, 0) * (100 + TOLERANCE_PERCENT):
            yield Violation("I9", "a plan line is exceeded", f"{stream} {line}")


def _shown(stream: str, purse: Purse, grant: dict[str, Any], budget: dict[str, Any]) -> Iterator[Violation]:
    spent, drawn = sum(purse.spent.values()), sum(purse.paid.values())
    if (grant.get("spent"), grant.get("approved"), grant.get("drawn")) != (spent, purse.approved, drawn):
        yield Violation("I9", "the grant shows other sums than its events", stream)
    lines = {line["line"]: line["booked"] - line["reversed"] for line in budget.get("lines", ())}
    if purse.awarded and lines != {line: purse.spent[line] for line in purse.planned}:
        yield Violation("I9", "the budget shows other sums than its events", stream)
