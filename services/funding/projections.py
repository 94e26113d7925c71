"""What the office looks at: grants, their budgets by line, and expenses. All amounts are cents.

A grant's lines stand inside its one budget document, so that they are always of the same moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import assert_never

from services.funding.domain.grant import GrantEvent
from services.funding.domain.terms import payable, warning_mark_of
from shared.contracts.envelope import Envelope
from shared.contracts.funding import (
    BudgetLineWarned,
    CommitmentCancelled,
    CommitmentCorrected,
    CommitmentRegistered,
    Conditions,
    DrawdownRequested,
    DrawnMoneyDue,
    ExpenseApproved,
    ExpenseBooked,
    ExpenseReversalRequested,
    ExpenseReversed,
    GrantAmended,
    GrantApplied,
    GrantAwarded,
    GrantClosed,
    GrantRefused,
    InterestClaimed,
    InterestPaid,
    InterimProofDue,
    InterimProofSubmitted,
    OverrunPermitted,
    OwnContributionRecorded,
    OwnContributionReversed,
    PayoutRecorded,
    PayoutReversed,
    PlanLine,
    ProofOfUseAudited,
    ProofOfUseDue,
    ProofOfUseFrozen,
    ProofOfUseReopened,
    ProofOfUseSubmitted,
    RepaymentRecorded,
)
from shared.contracts.members import ConferenceEstablished
from shared.declarations.projection import Document, projection

BookedEvent = ExpenseBooked | ExpenseApproved | ExpenseReversed
CommittedEvent = CommitmentRegistered | CommitmentCorrected | CommitmentCancelled
BudgetEvent = (
    GrantAwarded
    | GrantAmended
    | CommittedEvent
    | BookedEvent
    | BudgetLineWarned
    | OverrunPermitted
    | OwnContributionRecorded
    | OwnContributionReversed
    | PayoutRecorded
    | PayoutReversed
    | RepaymentRecorded
)
ExpenseEvent = BookedEvent | ExpenseReversalRequested
HoursEvent = OwnContributionRecorded | OwnContributionReversed
InterestEvent = InterestClaimed | InterestPaid
MoneyEvent = DrawdownRequested | PayoutRecorded | PayoutReversed | RepaymentRecorded | InterestEvent


def by_expense(event: ExpenseEvent, envelope: Envelope) -> Iterable[str]:
    return (f"{envelope.stream}/{event.expense}",)


def fold_grant(document: Document | None, event: GrantEvent, envelope: Envelope) -> Document:
    before = document or {}
    return {**before, **_grant(before, event)}


def _grant(before: Document, event: GrantEvent) -> Document:
    match event:
        case GrantApplied():
            return _applied(event)
        case GrantAwarded() | GrantAmended():
            return _awarded(event)
        case GrantRefused():
            return {"state": "refused", "notice_on": event.notice_on.isoformat()}
        case ProofOfUseFrozen():
            return {"state": "proof_frozen", "proof": event.model_dump(mode="json", exclude={"grant", "activities"})}
        case ProofOfUseSubmitted():
            return {"state": "proof_submitted", "submitted_on": event.on.isoformat()}
        case ProofOfUseReopened():
            return {"state": "awarded", "submitted_on": None, "reopened": event.reason}
        case ProofOfUseAudited():
            return {"state": "audited", "audit": event.model_dump(mode="json", exclude={"grant", "title"})}
        case GrantClosed():
            return {"state": "closed", "paid": event.paid}
        case InterimProofSubmitted():
            return {"interim": [*before["interim"], event.model_dump(mode="json", exclude={"grant", "title"})]}
        case BudgetLineWarned() | OverrunPermitted() | ExpenseReversalRequested():
            return {}
        case ProofOfUseDue() | InterimProofDue() | DrawnMoneyDue():
            return {}
        case _:
            return _totals(before, event)


SUMS = (
    *("committed", "spent", "approved", "unapproved_expenses", "own_contribution"),
    *("requested", "drawn", "repaid", "interest_claimed", "interest_paid"),
)


def _applied(event: GrantApplied) -> Document:
    told = event.model_dump(mode="json", exclude={"amount"})
    new = {"state": "applied", "applied": event.amount, "awarded": None, "interim": []}
    return {**told, **new, **dict.fromkeys(SUMS, 0)}


def _awarded(event: GrantAwarded | GrantAmended) -> Document:
    told = event.model_dump(mode="json", exclude={"amount", "lines"})
    return {**told, "state": "awarded", "awarded": event.amount}


def _totals(before: Document, event: CommittedEvent | BookedEvent | HoursEvent | MoneyEvent) -> Document:
    match event:
        case CommitmentRegistered() | CommitmentCorrected() | CommitmentCancelled():
            return _plus(before, committed=_committed(event))
        case ExpenseBooked():
            return _plus(before, committed=-_for_contract(event), spent=event.amount, unapproved_expenses=1)
        case ExpenseApproved():
            return _plus(before, approved=event.amount, unapproved_expenses=-1)
        case ExpenseReversed():
            undone = {"approved": -event.amount} if event.was_approved else {"unapproved_expenses": -1}
            return _plus(before, committed=_for_contract(event), spent=-event.amount, **undone)
        case OwnContributionRecorded() | OwnContributionReversed():
            return _plus(before, own_contribution=_rendered(event))
        case DrawdownRequested():
            return _plus(before, requested=event.amount)
        case PayoutRecorded():
            return _plus(before, drawn=event.amount)
        case PayoutReversed():
            return _plus(before, drawn=-event.amount)
        case RepaymentRecorded():
            return _plus(before, repaid=event.amount)
        case InterestClaimed():
            return _plus(before, interest_claimed=event.amount)
        case InterestPaid():
            return _plus(before, interest_paid=event.amount)
        case _:
            assert_never(event)


def _committed(event: CommittedEvent) -> int:
    """The added amount is committed."""
    match event:
        case CommitmentRegistered():
            return event.amount
        case CommitmentCorrected():
            return event.amount - event.was
        case CommitmentCancelled():
            return -event.unpaid
        case _:
            assert_never(event)


def _for_contract(event: ExpenseBooked | ExpenseReversed) -> int:
    """A payment on a contract reduces what is committed."""
    return event.amount if event.commitment else 0


def _rendered(event: HoursEvent) -> int:
    return event.amount if isinstance(event, OwnContributionRecorded) else -event.amount


def fold_budget(document: Document | None, event: BudgetEvent, envelope: Envelope) -> Document:
    before = document or {}
    return _with_payable({**before, **_budget(before, event)})


def _with_payable(budget: Document) -> Document:
    """What the grant would pay if it ended today; missing own hours reduce it."""
    spent = sum(line["paid"] for line in budget["lines"])
    conditions = Conditions(**budget["share"])
    return {**budget, "payable": payable(spent, budget["own_contribution"], budget["awarded"], conditions)}


def _budget(before: Document, event: BudgetEvent) -> Document:
    match event:
        case GrantAwarded():
            return {**_planned(before, event), "own_contribution": 0, "drawn": 0, "repaid": 0}
        case GrantAmended():
            return _planned(before, event)
        case OwnContributionRecorded() | OwnContributionReversed():
            return _plus(before, own_contribution=_rendered(event))
        case PayoutRecorded():
            return _plus(before, drawn=event.amount)
        case PayoutReversed():
            return _plus(before, drawn=-event.amount)
        case RepaymentRecorded():
            return _plus(before, repaid=event.amount)
        case _:
            return _on_line(before, event.line, lambda line: _line(line, event))


def _planned(before: Document, event: GrantAwarded | GrantAmended) -> Document:
    known = {line["line"]: line for line in before.get("lines", ())}
    return {
        "grant": event.grant,
        "awarded": event.amount,
        "lines": [_planned_line(known.get(line.line, UNTOUCHED), line, event.conditions) for line in event.lines],
        "own_contribution_due": event.own_contribution_due,
        "share": event.conditions.model_dump(mode="json", include={"own_share_percent", "own_share_base"}),
    }


UNTOUCHED: Document = {
    **dict.fromkeys(("contracted", "committed", "booked", "approved", "reversed"), 0),
    "warned": False,
}


def _planned_line(before: Document, line: PlanLine, conditions: Conditions) -> Document:
    told = line.model_dump(mode="json", exclude={"amount"})
    spent = before["booked"] - before["reversed"]
    warned = before["warned"] and spent >= warning_mark_of(line, conditions)
    return _with_free({**before, **told, "planned": line.amount, "permitted": None, "warned": warned})


def _on_line(before: Document, name: str, change: Callable[[Document], Document]) -> Document:
    lines = before["lines"]
    return {"lines": [_with_free({**line, **change(line)}) if line["line"] == name else line for line in lines]}


def _with_free(line: Document) -> Document:
    """Planned = free + committed + paid; ``free`` is below zero where the tolerance is used."""
    paid = line["booked"] - line["reversed"]
    return {**line, "paid": paid, "free": line["planned"] - line["committed"] - paid}


def _line(line: Document, event: CommittedEvent | BookedEvent | BudgetLineWarned | OverrunPermitted) -> Document:
    """``contracted`` is the cost of contracts, ``committed`` the unpaid part of it."""
    match event:
        case CommitmentRegistered() | CommitmentCorrected() | CommitmentCancelled():
            return _plus(line, contracted=_committed(event), committed=_committed(event))
        case ExpenseBooked():
            return _plus(line, booked=event.amount, committed=-_for_contract(event))
        case ExpenseApproved():
            return _plus(line, approved=event.amount)
        case ExpenseReversed():
            approved = event.amount if event.was_approved else 0
            return _plus(line, reversed=event.amount, approved=-approved, committed=_for_contract(event))
        case BudgetLineWarned():
            return {"warned": True}
        case OverrunPermitted():
            return {"permitted": event.limit}
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
    """Only that it exists: nothing else of it is needed here."""
    return document or {}


CONFERENCES = projection("conferences", fold_conference, by_conference)
GRANTS = projection("grants", fold_grant, version=4)
BUDGET = projection("budget", fold_budget, version=5)
EXPENSES = projection("expenses", fold_expense, by_expense, indexes=("stream",))
PROJECTIONS = (CONFERENCES, GRANTS, BUDGET, EXPENSES)
