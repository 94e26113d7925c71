"""What was booked wrong is reversed: what nobody has approved by one person, what was approved by two, as it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, assert_never

from services.funding.domain.commitments import Commitments
from services.funding.domain.expenses import Book, Expense, standing
from services.funding.domain.notice import AboutGrant
from shared.contracts.funding import ExpenseReversalRequested, ExpenseReversed
from shared.kernel.decider import GivenBy
from shared.kernel.identifiers import CallerName, Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line

# Events

ReversalEvent = ExpenseReversalRequested | ExpenseReversed

# Commands


class CorrectExpense(AboutGrant):
    """Reverse an expense, or request its reversal if it is approved. The receipt can then be booked correctly."""

    expense: Slug
    reason: Line


class ApproveReversal(AboutGrant):
    """Approve a reversal that somebody else has requested."""

    given_by: ClassVar[GivenBy] = "approver"

    expense: Slug


ReversalCommand = CorrectExpense | ApproveReversal

# Rejections


class ReversalNotRequested(Rejected):
    """Die Stornierung der Ausgabe „{expense}“ ist nicht beantragt."""


class RequesterMayNotApprove(Rejected):
    """Wer die Stornierung der Ausgabe „{expense}“ beantragt hat, darf sie nicht freigeben."""

    kind = Kind.FORBIDDEN


# decide


def decide(book: Book, commitments: Commitments, command: ReversalCommand) -> Sequence[ReversalEvent]:
    expense = standing(book, command.expense)
    match command:
        case CorrectExpense():
            return _correct(expense, commitments, command)
        case ApproveReversal():
            return _approve(expense, commitments, command)
        case _:
            assert_never(command)


def _correct(expense: Expense, commitments: Commitments, correct: CorrectExpense) -> Sequence[ReversalEvent]:
    """Another reason replaces the one before."""
    if expense.state != "approved":
        return [_reversed(expense, commitments, correct.reason, approved_by=None)]
    if expense.reversal and expense.reversal.reason == correct.reason:
        return []
    return [
        ExpenseReversalRequested(
            grant=correct.grant, expense=correct.expense, reason=correct.reason, requested_by=correct.by
        )
    ]


def _approve(expense: Expense, commitments: Commitments, approve: ApproveReversal) -> Sequence[ReversalEvent]:
    if expense.reversal is None:
        raise ReversalNotRequested(expense=approve.expense)
    if approve.by == expense.reversal.requested_by:
        raise RequesterMayNotApprove(expense=approve.expense)
    return [_reversed(expense, commitments, expense.reversal.reason, approve.by)]


def _reversed(
    expense: Expense, commitments: Commitments, reason: Line, approved_by: CallerName | None
) -> ExpenseReversed:
    booked = expense.booked
    return ExpenseReversed(
        grant=booked.grant,
        expense=booked.expense,
        line=booked.line,
        amount=booked.amount,
        was_approved=expense.state == "approved",
        reason=reason,
        approved_by=approved_by,
        commitment=booked.commitment if commitments.stands(booked.commitment) else None,
    )
