"""What the funding service tells the world: a grant from its application to its proof of use.

Amounts are whole cents. What the notice lays down travels with ``GrantAwarded``: no reader has to know a default.
Nobody is named: payees are opaque references, staff hours belong to roles, whoever books or approves is an account.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from shared.kernel.decider import Event
from shared.kernel.identifiers import CallerName, Slug
from shared.kernel.money import IN_CENTS, Percent
from shared.kernel.text import Line
from shared.kernel.time import Day
from shared.kernel.values import LeftOut, Value

SERVICE = "funding"

Amount = Annotated[int, Field(ge=1, le=10**11, **IN_CENTS)]
Total = Annotated[int, Field(ge=0, le=10**15, **IN_CENTS)]
"""A sum that was computed: never typed by anybody."""
Rate = Annotated[
    int,
    Field(
        ge=1,
        le=100_000,
        description="Stundensatz in Cent, z. B. 4000 für 40,00 EUR",
        json_schema_extra={"unit": "cents"},
    ),
]
QuarterHours = Annotated[int, Field(ge=1, le=96, description="Viertelstunden, z. B. 6 für anderthalb Stunden")]
Share = Annotated[int, Field(ge=0, le=99)]
Months = Annotated[int, Field(ge=1, le=120)]


class Period(Value):
    """Both days belong to it."""

    start: Day
    until: Day

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.until


class PlanLine(Value):
    """A line of the financing plan. Expenses on it serve its purpose and no other."""

    line: Slug
    purpose: Slug
    name: Line
    amount: Amount


class Conditions(Value):
    """What the notice lays down. The council paper names none of it but the 20 percent: these are usual defaults."""

    own_share_percent: Share = 20
    own_share_base: Literal["total_cost", "grant"] = "total_cost"
    line_tolerance_percent: Percent = 20
    warn_percent: Annotated[int, Field(ge=1, le=100)] = 80
    drawdown_months: Months = 2
    proof_months: Months = 6
    early_start: Day | None = None


class ProofLine(Value):
    line: Slug
    planned: Amount
    spent: Total


class GrantApplied(Event):
    """Grant {grant} is applied for: {amount} cents from {grantor}."""

    grant: Slug
    title: Line
    grantor: Line
    amount: Amount
    purposes: tuple[Slug, ...]
    period: Period
    own_share_percent: Share
    paper: Line


class GrantAwarded(Event):
    """Grant {grant} is awarded: {amount} cents by the notice of {notice_on}."""

    grant: Slug
    amount: Amount
    period: Period
    lines: tuple[PlanLine, ...]
    conditions: Conditions
    notice_on: Day
    own_contribution_due: Total
    proof_due: date


class GrantRefused(Event):
    """Grant {grant} is refused by the notice of {notice_on}."""

    grant: Slug
    notice_on: Day


class CommitmentRegistered(Event):
    """{amount} cents of {line} are committed by {commitment} on {on}."""

    grant: Slug
    commitment: Slug
    line: Slug
    amount: Amount
    on: Day


class ExpenseBooked(Event):
    """Expense {expense} of {amount} cents is booked on {line}."""

    grant: Slug
    expense: Slug
    line: Slug
    purpose: Slug
    amount: Amount
    service_on: Day
    paid_on: Day
    payee: Slug
    receipt_number: Line
    booked_by: CallerName


class ExpenseApproved(Event):
    """Expense {expense} of {amount} cents on {line} is approved."""

    grant: Slug
    expense: Slug
    line: Slug
    amount: Amount
    approved_by: CallerName


class ExpenseReversalRequested(Event):
    """Somebody asks to reverse approved expense {expense}; somebody else has to approve it."""

    grant: Slug
    expense: Slug
    reason: Line
    requested_by: CallerName


class ExpenseReversed(Event):
    """Expense {expense} is reversed: {amount} cents return to {line}."""

    grant: Slug
    expense: Slug
    line: Slug
    amount: Amount
    was_approved: bool
    reason: Line
    approved_by: LeftOut[CallerName | None] = None
    """Who has approved the reversal, where the expense was approved."""


class BudgetLineWarned(Event):
    """Budget line {line} passes its warning mark: {spent} of {planned} cents are spent."""

    grant: Slug
    line: Slug
    planned: Amount
    spent: Total


class OwnContributionRecorded(Event):
    """{role} renders {quarter_hours} quarter hours on {on}, worth {amount} cents."""

    grant: Slug
    entry: Slug
    role: Slug
    on: Day
    quarter_hours: QuarterHours
    activity: Line
    rate: Rate
    rate_source: Line
    amount: Total


class DrawdownRequested(Event):
    """{amount} cents of grant {grant} are called by {drawdown}."""

    grant: Slug
    drawdown: Slug
    amount: Amount


class PayoutRecorded(Event):
    """{amount} cents are paid out for {drawdown} on {on}, to be used by {use_by}."""

    grant: Slug
    drawdown: Slug
    amount: Amount
    on: Day
    use_by: date


class ProofOfUseFrozen(Event):
    """The figures of grant {grant} are frozen: {spent} of {awarded} cents are spent."""

    grant: Slug
    lines: tuple[ProofLine, ...]
    awarded: Amount
    spent: Total
    unspent: Total
    drawn: Total
    own_contribution_due: Total
    own_contribution: Total
    receipts: Total
    due: date


class ProofOfUseSubmitted(Event):
    """The proof of use of grant {grant} is submitted on {on}."""

    grant: Slug
    on: date
