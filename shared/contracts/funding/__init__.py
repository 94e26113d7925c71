"""What the funding service tells the world: a grant from its application to its proof of use.

Amounts are whole cents. What the notice lays down travels with ``GrantAwarded``: no reader has to know a default.
Nobody is named: payees are opaque references, staff hours belong to roles, whoever books or approves is an account.
"""

from shared.contracts.funding.activities import Activities, RecommendationMade, SeatsOfGroup, SessionHeld
from shared.contracts.funding.commitments import (
    CommitmentCancelled,
    CommitmentCorrected,
    CommitmentRegistered,
    Offer,
    Procurement,
)
from shared.contracts.funding.due import DrawnMoneyDue, InterimProofDue, ProofOfUseDue
from shared.contracts.funding.entries import (
    BudgetLineWarned,
    DrawdownRequested,
    ExpenseApproved,
    ExpenseBooked,
    ExpenseReversalRequested,
    ExpenseReversed,
    OverrunPermitted,
    OwnContributionRecorded,
    OwnContributionReversed,
    PaymentDue,
    PayoutRecorded,
    QuarterHours,
    Rate,
)
from shared.contracts.funding.notice import (
    Amount,
    BudgetYear,
    Conditions,
    GrantAmended,
    GrantApplied,
    GrantAwarded,
    GrantRefused,
    Months,
    OffersAsked,
    Period,
    PlanLine,
    Share,
    Total,
)
from shared.contracts.funding.open_point import OpenPointSettled, ReactionRefused
from shared.contracts.funding.proof import (
    GrantClosed,
    InterestClaimed,
    InterestPaid,
    InterimProofSubmitted,
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
    "Activities",
    "Amount",
    "BudgetLineWarned",
    "BudgetYear",
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
    "InterestClaimed",
    "InterestPaid",
    "InterimProofDue",
    "InterimProofSubmitted",
    "Months",
    "Offer",
    "OffersAsked",
    "OpenPointSettled",
    "OverrunPermitted",
    "OwnContributionRecorded",
    "OwnContributionReversed",
    "PaymentDue",
    "PayoutRecorded",
    "Period",
    "PlanLine",
    "Procurement",
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
    "RecommendationMade",
    "RepaymentRecorded",
    "Revision",
    "SeatsOfGroup",
    "SessionHeld",
    "Share",
    "Total",
]
