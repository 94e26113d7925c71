"""What the funding service tells the world: a grant from its application to its proof of use.

Amounts are whole cents. What the notice lays down travels with ``GrantAwarded``: no reader has to know a default.
Nobody is named: payees are opaque references, staff hours belong to roles, whoever books or approves is an account.
"""

from shared.contracts.funding.entries import (
    BudgetLineWarned,
    CommitmentRegistered,
    DrawdownRequested,
    ExpenseApproved,
    ExpenseBooked,
    ExpenseReversalRequested,
    ExpenseReversed,
    OwnContributionRecorded,
    PayoutRecorded,
    ProofLine,
    ProofOfUseFrozen,
    ProofOfUseSubmitted,
    QuarterHours,
    Rate,
)
from shared.contracts.funding.notice import (
    Amount,
    Conditions,
    GrantApplied,
    GrantAwarded,
    GrantRefused,
    Months,
    Period,
    PlanLine,
    Share,
    Total,
)

SERVICE = "funding"

__all__ = [
    "Amount",
    "BudgetLineWarned",
    "CommitmentRegistered",
    "Conditions",
    "DrawdownRequested",
    "ExpenseApproved",
    "ExpenseBooked",
    "ExpenseReversalRequested",
    "ExpenseReversed",
    "GrantApplied",
    "GrantAwarded",
    "GrantRefused",
    "Months",
    "OwnContributionRecorded",
    "PayoutRecorded",
    "Period",
    "PlanLine",
    "ProofLine",
    "ProofOfUseFrozen",
    "ProofOfUseSubmitted",
    "QuarterHours",
    "Rate",
    "Share",
    "Total",
]
