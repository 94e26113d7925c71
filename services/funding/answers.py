"""What funding answers to questions: the documents of its projections, as they are shown. All amounts are cents."""

from __future__ import annotations

from datetime import date

from shared.contracts.funding import Period, Procurement
from shared.kernel.identifiers import Slug
from shared.runtime.http.app import Kept, Shown


class Grant(Kept):
    """``awarded`` is null before the notice; ``committed`` is what of contracts is not paid yet. ``amendment`` is the
    number of the further notice that is in force, 0 while none is: ``AmendAward.replaces`` names it.
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
    """``planned`` is ``free``, ``committed`` and ``paid`` together; ``free`` is below zero where the tolerance is used.

    ``contracted`` is what contracts cost, ``committed`` what of it is not paid; ``paid`` is booked and not reversed.
    ``permitted``: what the line may reach beyond the notice's tolerance; null where nothing was permitted.
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
    """``payable``: what the grant would pay if it ended today; own hours that are missing cut it."""

    grant: Slug
    awarded: int
    lines: list[BudgetLine]
    own_contribution_due: int
    own_contribution: int
    drawn: int
    repaid: int
    payable: int


class LineAsOf(Shown):
    """``planned`` is 0 where only a later notice has the line; ``committed`` is what of contracts was not paid then."""

    line: Slug
    purpose: Slug
    name: str
    planned: int
    committed: int
    paid: int
    approved: int
    free: int


class BudgetAsOf(Shown):
    """Each thing counts from its own day on; what is corrected or reversed as it is known."""

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
    """What is expected on the period's last day, if it goes on as it has since its first.

    ``payable_as_planned`` is what the grant pays if all that is planned is spent, ``payable_as_spent`` if spending
    goes on as well: own hours that are missing cut both.
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
    """A contract. ``amount`` is what it costs by now, ``paid`` what was booked on it and not reversed, ``left`` what is
    to be paid yet: nothing once it is cancelled. ``state``: ``planned``; ``corrected`` while something is left of what
    was corrected; ``consumed`` when all is paid; ``cancelled``. ``reason``: why it was last corrected or cancelled.
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
