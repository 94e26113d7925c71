"""What the funding service tells the world: a grant from its application to its proof of use.

Amounts are whole cents. What the notice lays down travels with ``GrantAwarded``: no reader has to know a default.
Nobody is named: payees are opaque references, staff hours belong to roles, whoever books or approves is an account.
"""

from shared.contracts.funding.due import DrawnMoneyDue, ProofOfUseDue
from shared.contracts.funding.entries import (
    BudgetLineWarned,
    CommitmentCancelled,
    CommitmentCorrected,
    CommitmentRegistered,
    DrawdownRequested,
    ExpenseApproved,
    ExpenseBooked,
    ExpenseReversalRequested,
    ExpenseReversed,
    OwnContributionRecorded,
    OwnContributionReversed,
    PayoutRecorded,
    QuarterHours,
    Rate,
)
from shared.contracts.funding.notice import (
    Amount,
    Conditions,
    GrantAmended,
    GrantApplied,
    GrantAwarded,
    GrantRefused,
    Months,
    Period,
    PlanLine,
    Share,
    Total,
)
from shared.contracts.funding.open_point import OpenPointSettled, ReactionRefused
from shared.contracts.funding.proof import (
    GrantClosed,
    ProofLine,
    ProofOfUseAudited,
    ProofOfUseFrozen,
    ProofOfUseReopened,
    ProofOfUseSubmitted,
    RepaymentRecorded,
    Revision,
)
from shared.contracts.funding.receipt import ReceiptClaimed, ReceiptReleased

SERVICE = "funding"

__all__ = [
    "Amount",
    "BudgetLineWarned",
    "CommitmentCancelled",
    "CommitmentCorrected",
    "CommitmentRegistered",
    "Conditions",
    "DrawdownRequested",
    "DrawnMoneyDue",
    "ExpenseApproved",
    "ExpenseBooked",
    "ExpenseReversalRequested",
    "ExpenseReversed",
    "GrantAmended",
    "GrantApplied",
    "GrantAwarded",
    "GrantClosed",
    "GrantRefused",
    "Months",
    "OpenPointSettled",
    "OwnContributionRecorded",
    "OwnContributionReversed",
    "PayoutRecorded",
    "Period",
    "PlanLine",
    "ProofLine",
    "ProofOfUseAudited",
    "ProofOfUseDue",
    "ProofOfUseFrozen",
    "ProofOfUseReopened",
    "ProofOfUseSubmitted",
    "QuarterHours",
    "Rate",
    "ReactionRefused",
    "ReceiptClaimed",
    "ReceiptReleased",
    "RepaymentRecorded",
    "Revision",
    "Share",
    "Total",
]
