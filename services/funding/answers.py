"""What funding answers to questions: the documents of its projections, as they are shown. All amounts are cents."""

from __future__ import annotations

from datetime import date

from shared.contracts.funding import Period, Procurement
from shared.kernel.identifiers import Slug
from shared.runtime.http.app import Kept, Shown


class Grant(Kept):
    """``awarded`` is null before the notice. ``committed`` is the part of contracts that is not paid yet. ``amendment``
    is the number of the further notice in force, 0 for the first notice: ``AmendAward.replaces`` names it.
    """

    grant: Slug
    title: str
    grantor: str
    purposes: list[Slug]
    period: Period
    state: str
    amendment: int = 0
    applied: int
    awarded: int | None
    committed: int
    spent: int
    approved: int
    unapproved_expenses: int
    own_contribution: int
    requested: int
    drawn: int
    repaid: int


class BudgetLine(Shown):
    """``planned`` = ``free`` + ``committed`` + ``paid``; ``free`` is below zero where the tolerance is used.

    ``contracted`` is the cost of contracts, ``committed`` the unpaid part of it; ``paid`` is booked and not reversed.
    ``permitted`` is the most that the line may reach by a permission beyond the notice's tolerance; null: no
    permission.
    """

    line: Slug
    purpose: Slug
    name: str
    planned: int
    contracted: int
    committed: int
    paid: int
    booked: int
    approved: int
    reversed: int
    free: int
    warned: bool
    permitted: int | None = None


class Budget(Kept):
    """``payable`` is what the grant would pay if it ended today; missing own hours reduce it."""

    grant: Slug
    awarded: int
    lines: list[BudgetLine]
    own_contribution_due: int
    own_contribution: int
    drawn: int
    repaid: int
    payable: int


class LineAsOf(Shown):
    """``planned`` is 0 for a line that only a later notice has; ``committed`` is what was unpaid of contracts then."""

    line: Slug
    purpose: Slug
    name: str
    planned: int
    committed: int
    paid: int
    approved: int
    free: int


class BudgetAsOf(Shown):
    """Everything counts from its own day on. Corrections and reversals count as they are known today."""

    grant: Slug
    on: date
    awarded: int
    lines: list[LineAsOf]
    own_contribution_due: int
    own_contribution: int
    drawn: int
    repaid: int
    payable: int


class Forecast(Shown):
    """The expected state on the period's last day, if hours and spending go on as since its first day.

    ``payable_as_planned`` is what the grant pays if all planned money is spent, ``payable_as_spent`` if spending goes
    on as so far. Missing own hours reduce both.
    """

    grant: Slug
    on: date
    until: date
    own_contribution_due: int
    own_contribution: int
    own_contribution_expected: int
    spent_expected: int
    payable_as_planned: int
    payable_as_spent: int


class Expense(Kept):
    grant: Slug
    expense: Slug
    line: Slug
    purpose: Slug
    amount: int
    service_on: date
    paid_on: date
    payee: str
    receipt_number: str
    receipt_amount: int | None = None
    commitment: Slug | None = None
    session: Slug | None = None
    booked_by: str
    state: str
    approved_by: str | None = None
    reason: str | None = None


class Commitment(Kept):
    """A contract. ``amount`` is its present cost, ``paid`` is booked on it and not reversed, ``left`` is still to be
    paid: 0 once it is cancelled.

    ``state``: ``planned``; ``corrected`` while something is left of a corrected one; ``consumed`` when all is paid;
    ``cancelled``. ``reason`` is that of the last correction or cancellation.
    """

    grant: Slug
    commitment: Slug
    line: Slug
    amount: int
    paid: int
    left: int
    on: date
    state: str
    corrected: bool
    reason: str | None
    procurement: Procurement | None
