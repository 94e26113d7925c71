"""What is wanted of funding: grants that run out of money, under many hands at once."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from tests.campaign.load.caller import Order

ORDERS_A_GRANT = 120
PERIOD = {"start": "2024-01-01", "until": "2030-12-31"}
LINES = {"staff": 60_000, "events": 40_000}
DAY = "2025-03-03"
FIRST_DAY = date(2024, 2, 1)
"""Of many: a role works ten hours a day at most."""


def order(command: str, by: str = "office", **fields: object) -> Order:
    return Order("funding", command, {"conference": "stuttgart", **fields}, by)


class Funding:
    """A new grant now and then, so that no stream grows without end."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._grants = 0
        self._left = 0
        self._count = 0
        self._waiting: list[Order] = []

    def founding(self) -> list[Order]:
        self._left = ORDERS_A_GRANT
        self._grants += 1
        plan = [{"line": line, "purpose": line, "name": line, "amount": amount} for line, amount in LINES.items()]
        about: dict[str, Any] = {"grant": self._grant, "amount": sum(LINES.values()), "period": PERIOD}
        asked: dict[str, Any] = {
            "title": "Pflege",
            "grantor": "Land",
            "purposes": [*LINES],
            "own_share_percent": 20,
            "paper": "905",
        }
        return [
            order("ApplyForGrant", **about, **asked),
            order("RecordAward", **about, lines=plan, notice_on="2024-01-02"),
        ]

    def next(self) -> Order:
        if self._waiting:
            return self._waiting.pop(0)
        if self._left == 0:
            self._waiting = self.founding()
            return self._waiting.pop(0)
        self._left -= 1
        wants = {
            self._book: 8,
            self._approve: 4,
            self._correct: 2,
            self._undo: 1,
            self._hours: 2,
            self._draw: 1,
            self._pay: 1,
        }
        [want] = self._dice.choices(list(wants), list(wants.values()))
        return want()

    def _book(self) -> Order:
        self._count += 1
        line = self._dice.choice([*LINES])
        return order(
            "BookExpense",
            grant=self._grant,
            expense=f"expense-{self._count}",
            line=line,
            purpose=self._dice.choice([line, line, line, "other"]),
            amount=self._dice.randint(100, 6_000),
            service_on=DAY,
            paid_on=DAY,
            payee="payee",
            receipt_number=f"R {self._dice.randint(1, 5 * self._count)}",
        )

    def _approve(self) -> Order:
        return order("ApproveExpense", by="approver", grant=self._grant, expense=self._expense())

    def _correct(self) -> Order:
        return order("CorrectExpense", grant=self._grant, expense=self._expense(), reason="falsch gebucht")

    def _undo(self) -> Order:
        return order("ApproveReversal", by="approver", grant=self._grant, expense=self._expense())

    def _hours(self) -> Order:
        self._count += 1
        work: dict[str, Any] = {
            "role": "office",
            "on": (FIRST_DAY + timedelta(days=self._count % 365)).isoformat(),
            "quarter_hours": self._dice.randint(1, 16),
            "activity": "Planung",
        }
        paid: dict[str, Any] = {"rate": 4_000, "rate_source": "Tarif"}
        return order("RecordStaffHours", grant=self._grant, entry=f"entry-{self._count}", **work, **paid)

    def _draw(self) -> Order:
        amount = self._dice.choice([10_000, 20_000])
        due = [{"line": "staff", "amount": amount, "on": DAY}]
        return order("RequestDrawdown", grant=self._grant, drawdown=self._drawdown(), amount=amount, payments_due=due)

    def _pay(self) -> Order:
        amount = self._dice.choice([10_000, 20_000])
        return order("RecordPayout", grant=self._grant, drawdown=self._drawdown(), amount=amount, on=DAY)

    @property
    def _grant(self) -> str:
        return f"grant-{self._grants}"

    def _expense(self) -> str:
        return f"expense-{self._dice.randint(max(1, self._count - 30), self._count + 1)}"

    def _drawdown(self) -> str:
        return f"drawdown-{self._dice.randint(1, 6)}"
