"""What the office looks at: grants, their budgets by line, and expenses. All amounts are cents.

A grant's lines stand inside its one budget document, so that they are always of the same moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import assert_never

from services.funding.domain.grant import GrantEvent
from shared.contracts.envelope import Envelope
from shared.contracts.funding import (
    BudgetLineWarned,
    CommitmentRegistered,
    DrawdownRequested,
    ExpenseApproved,
    ExpenseBooked,
    ExpenseReversalRequested,
    ExpenseReversed,
    GrantApplied,
    GrantAwarded,
    GrantRefused,
    OwnContributionRecorded,
    PayoutRecorded,
    PlanLine,
    ProofOfUseFrozen,
    ProofOfUseSubmitted,
)
from shared.contracts.members import ConferenceEstablished
from shared.declarations.projection import Document, projection

BudgetEvent = (
    GrantAwarded
    | CommitmentRegistered
    | ExpenseBooked
    | ExpenseApproved
    | ExpenseReversed
    | BudgetLineWarned
    | OwnContributionRecorded
    | PayoutRecorded
)
BookedEvent = ExpenseBooked | ExpenseApproved | ExpenseReversed
ExpenseEvent = BookedEvent | ExpenseReversalRequested


def by_expense(event: ExpenseEvent, envelope: Envelope) -> Iterable[str]:
    return (f"{envelope.stream}/{event.expense}",)


def fold_grant(document: Document | None, event: GrantEvent, envelope: Envelope) -> Document:
    before = document or {}
    return {**before, **_grant(before, event)}


def _grant(before: Document, event: GrantEvent) -> Document:
    match event:
        case GrantApplied():
            return _applied(event)
        case GrantAwarded():
            return _awarded(event)
        case GrantRefused():
            return {"state": "refused", "notice_on": event.notice_on.isoformat()}
        case ProofOfUseFrozen():
            return {"state": "proof_frozen", "proof": event.model_dump(mode="json", exclude={"grant"})}
        case ProofOfUseSubmitted():
            return {"state": "proof_submitted", "submitted_on": event.on.isoformat()}
        case BudgetLineWarned() | ExpenseReversalRequested():
            return {}
        case _:
            return _totals(before, event)


def _applied(event: GrantApplied) -> Document:
    told = event.model_dump(mode="json", exclude={"amount"})
    sums = ("committed", "spent", "approved", "unapproved_expenses", "own_contribution", "requested", "drawn")
    return {**told, "state": "applied", "applied": event.amount, "awarded": None, **dict.fromkeys(sums, 0)}


def _awarded(event: GrantAwarded) -> Document:
    told = event.model_dump(mode="json", exclude={"amount", "lines"})
    return {**told, "state": "awarded", "awarded": event.amount}


def _totals(
    before: Document,
    event: BookedEvent | CommitmentRegistered | OwnContributionRecorded | DrawdownRequested | PayoutRecorded,
) -> Document:
    amount = event.amount
    match event:
        case CommitmentRegistered():
            return _plus(before, committed=amount)
        case ExpenseBooked():
            return _plus(before, spent=amount, unapproved_expenses=1)
        case ExpenseApproved():
            return _plus(before, approved=amount, unapproved_expenses=-1)
        case ExpenseReversed(was_approved=True):
            return _plus(before, spent=-amount, approved=-amount)
        case ExpenseReversed():
            return _plus(before, spent=-amount, unapproved_expenses=-1)
        case OwnContributionRecorded():
            return _plus(before, own_contribution=amount)
        case DrawdownRequested():
            return _plus(before, requested=amount)
        case PayoutRecorded():
            return _plus(before, drawn=amount)
        case _:
            assert_never(event)


def fold_budget(document: Document | None, event: BudgetEvent, envelope: Envelope) -> Document:
    before = document or {}
    return {**before, **_budget(before, event)}


def _budget(before: Document, event: BudgetEvent) -> Document:
    match event:
        case GrantAwarded():
            return _planned(event)
        case OwnContributionRecorded():
            return _plus(before, own_contribution=event.amount)
        case PayoutRecorded():
            return _plus(before, drawn=event.amount)
        case _:
            return _on_line(before, event.line, lambda line: _line(line, event))


def _planned(event: GrantAwarded) -> Document:
    return {
        "grant": event.grant,
        "awarded": event.amount,
        "lines": [_empty(line) for line in event.lines],
        "own_contribution_due": event.own_contribution_due,
        "own_contribution": 0,
        "drawn": 0,
    }


def _empty(line: PlanLine) -> Document:
    sums = dict.fromkeys(("committed", "booked", "approved", "reversed"), 0)
    told = line.model_dump(mode="json", exclude={"amount"})
    return {**told, "planned": line.amount, **sums, "free": line.amount, "warned": False}


def _on_line(before: Document, name: str, change: Callable[[Document], Document]) -> Document:
    return {"lines": [{**line, **change(line)} if line["line"] == name else line for line in before["lines"]]}


def _line(line: Document, event: CommitmentRegistered | BookedEvent | BudgetLineWarned) -> Document:
    """``booked - reversed`` is what the line has spent; ``free`` is below zero where the tolerance is used."""
    match event:
        case CommitmentRegistered():
            return _plus(line, committed=event.amount)
        case ExpenseBooked():
            return _plus(line, booked=event.amount, free=-event.amount)
        case ExpenseApproved():
            return _plus(line, approved=event.amount)
        case ExpenseReversed():
            approved = event.amount if event.was_approved else 0
            return _plus(line, reversed=event.amount, free=event.amount, approved=-approved)
        case BudgetLineWarned():
            return {"warned": True}
        case _:
            assert_never(event)


def _plus(before: Document, **amounts: int) -> Document:
    return {name: before[name] + amount for name, amount in amounts.items()}


def fold_expense(document: Document | None, event: ExpenseEvent, envelope: Envelope) -> Document:
    return {**(document or {}), **_expense_after(event)}


def _expense_after(event: ExpenseEvent) -> Document:
    match event:
        case ExpenseBooked():
            return {**event.model_dump(mode="json"), "state": "booked"}
        case ExpenseApproved():
            return {"state": "approved", "approved_by": event.approved_by}
        case ExpenseReversalRequested():
            return {"state": "reversal_requested", "reason": event.reason, "requested_by": event.requested_by}
        case ExpenseReversed():
            return {"state": "reversed", "reason": event.reason}
        case _:
            assert_never(event)


def by_conference(event: ConferenceEstablished, envelope: Envelope) -> Iterable[str]:
    return (envelope.conference,)


def fold_conference(document: Document | None, event: ConferenceEstablished, envelope: Envelope) -> Document:
    """That it is there: nothing else of it is needed here."""
    return document or {}


CONFERENCES = projection("conferences", fold_conference, by_conference)
GRANTS = projection("grants", fold_grant)
BUDGET = projection("budget", fold_budget)
EXPENSES = projection("expenses", fold_expense, by_expense, indexes=("stream",))
PROJECTIONS = (CONFERENCES, GRANTS, BUDGET, EXPENSES)
