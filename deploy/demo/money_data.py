"""The part of the data file that is about money: a grant, what was spent of it, and hours. Amounts in cents."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Period(Part):
    start: date
    until: date


class PlanLine(Part):
    line: str
    purpose: str
    name: str
    amount: int


class Grant(Part):
    grant: str
    lines: tuple[int, int]
    title: str
    grantor: str
    amount: int
    own_share_percent: int
    period: Period
    purposes: list[str]
    paper: str
    notice_on: date
    plan: list[PlanLine]
    own_contribution: int


class Commitment(Part):
    commitment: str
    line: str
    amount: int
    day: date
    procurement: dict[str, Any] | None = None
    """In the service's own form; None if it was recorded with an old version."""


class Payment(Part):
    line: str
    amount: int
    day: date


class Drawdown(Part):
    drawdown: str
    amount: int
    paid_on: date
    due: list[Payment]


class Expense(Part):
    expense: str
    line: str
    amount: int
    day: date
    payee: str
    receipt: str
    commitment: str | None = None
    session: str | None = None


class RefusedExpense(Part):
    rule: str
    expense: Expense


class HoursEntry(Part):
    entry: str
    role: str
    day: date
    quarter_hours: int
    activity: str


class Hours(Part):
    rate: int
    rate_source: str
    entries: list[HoursEntry]


class Money(Part):
    commitment: Commitment
    drawdowns: list[Drawdown]
    expenses: list[Expense]
    refused: RefusedExpense
    hours: Hours
