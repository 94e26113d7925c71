"""A grant: applied for, awarded, spent, proved, closed. Money is whole cents, and no sum exceeds what was granted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from services.funding.domain import (
    amendments,
    commitments,
    drawdowns,
    expenses,
    interest,
    interim,
    notice,
    obligations,
    overruns,
    own_contribution,
    payouts,
    proof,
    reversals,
    settlement,
)
from services.funding.domain.availability import Means
from services.funding.domain.commitments import (
    CancelCommitment,
    CommitmentEvent,
    Commitments,
    CorrectCommitment,
    RegisterCommitment,
)
from services.funding.domain.drawdowns import DrawdownEvent, Drawdowns, Needs, RecordPayout, RequestDrawdown
from services.funding.domain.expenses import ApproveExpense, Book, BookEvent, BookExpense
from services.funding.domain.interest import Interest, InterestEvent, RecordInterestClaim, RecordInterestPayment
from services.funding.domain.interim import InterimProofs, SubmitInterimProof
from services.funding.domain.notice import (
    AmendAward,
    ApplyForGrant,
    Notice,
    NoticeEvent,
    RecordAward,
    RecordRefusal,
    awarded_in,
)
from services.funding.domain.obligations import AnnounceGrantObligations, GrantDueEvent
from services.funding.domain.overruns import Overruns, PermitOverrun
from services.funding.domain.own_contribution import (
    OwnContribution,
    OwnContributionEvent,
    RecordStaffHours,
    ReverseStaffHours,
)
from services.funding.domain.payouts import CorrectPayout
from services.funding.domain.proof import (
    Accounts,
    FreezeProofOfUse,
    Proof,
    ProofEvent,
    RecordAudit,
    ReopenProofOfUse,
    SubmitProofOfUse,
)
from services.funding.domain.reversals import ApproveReversal, CorrectExpense
from services.funding.domain.settlement import CloseGrant, RecordRepayment, Settlement, SettlementEvent
from shared.contracts.funding import (
    BudgetLineWarned,
    CommitmentCancelled,
    CommitmentCorrected,
    CommitmentRegistered,
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
    ProofOfUseAudited,
    ProofOfUseDue,
    ProofOfUseFrozen,
    ProofOfUseReopened,
    ProofOfUseSubmitted,
    RepaymentRecorded,
)
from shared.kernel.decider import Decider
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Rejected

# Events

EntryEvent = CommitmentEvent | BookEvent | OverrunPermitted | OwnContributionEvent | DrawdownEvent
GrantEvent = (
    NoticeEvent | EntryEvent | InterimProofSubmitted | InterestEvent | ProofEvent | SettlementEvent | GrantDueEvent
)

# State


@dataclass(frozen=True, slots=True)
class Grant:
    notice: Notice = field(default_factory=Notice)
    commitments: Commitments = field(default_factory=Commitments)
    book: Book = field(default_factory=Book)
    overruns: Overruns = field(default_factory=dict)
    own: OwnContribution = field(default_factory=OwnContribution)
    drawdowns: Drawdowns = field(default_factory=Drawdowns)
    interim: InterimProofs = field(default_factory=dict)
    interest: Interest = field(default_factory=Interest)
    proof: Proof = field(default_factory=Proof)
    settlement: Settlement = field(default_factory=Settlement)
    announced: frozenset[GrantDueEvent] = frozenset()
    """The announced stages of its obligations."""


def evolve(grant: Grant, event: GrantEvent) -> Grant:
    match event:
        case GrantAmended():
            book = expenses.planned_anew(grant.book, event)
            return replace(grant, notice=notice.evolve(grant.notice, event), book=book, overruns={})
        case GrantApplied() | GrantAwarded() | GrantRefused():
            return replace(grant, notice=notice.evolve(grant.notice, event))
        case OverrunPermitted():
            return replace(grant, overruns={**grant.overruns, event.line: event})
        case CommitmentRegistered() | CommitmentCorrected() | CommitmentCancelled():
            return replace(grant, commitments=commitments.evolve(grant.commitments, event))
        case ExpenseBooked() | ExpenseApproved() | ExpenseReversalRequested() | ExpenseReversed() | BudgetLineWarned():
            return replace(grant, book=expenses.evolve(grant.book, event))
        case OwnContributionRecorded() | OwnContributionReversed():
            return replace(grant, own=own_contribution.evolve(grant.own, event))
        case DrawdownRequested() | PayoutRecorded() | PayoutReversed():
            return replace(grant, drawdowns=drawdowns.evolve(grant.drawdowns, event))
        case ProofOfUseFrozen() | ProofOfUseReopened():
            proved = drawdowns.proved_by(grant.drawdowns, event)
            return replace(grant, proof=proof.evolve(grant.proof, event), drawdowns=proved)
        case ProofOfUseSubmitted() | ProofOfUseAudited():
            return replace(grant, proof=proof.evolve(grant.proof, event))
        case InterimProofSubmitted():
            return replace(grant, interim={**grant.interim, event.year: event})
        case InterestClaimed() | InterestPaid():
            return replace(grant, interest=interest.evolve(grant.interest, event))
        case RepaymentRecorded() | GrantClosed():
            return replace(grant, settlement=settlement.evolve(grant.settlement, event))
        case ProofOfUseDue() | InterimProofDue() | DrawnMoneyDue():
            return replace(grant, announced=grant.announced | {event})
        case _:
            assert_never(event)


# Commands

EntryCommand = (
    RegisterCommitment
    | CorrectCommitment
    | CancelCommitment
    | BookExpense
    | PermitOverrun
    | ApproveExpense
    | CorrectExpense
    | ApproveReversal
    | RecordStaffHours
    | ReverseStaffHours
    | AmendAward
    | SubmitInterimProof
)
DrawdownCommand = RequestDrawdown | RecordPayout | CorrectPayout
InterestCommand = RecordInterestClaim | RecordInterestPayment
ProofCommand = FreezeProofOfUse | SubmitProofOfUse | ReopenProofOfUse | RecordAudit
SettlementCommand = RecordRepayment | CloseGrant
AnsweredCommand = ApplyForGrant | RecordAward | RecordRefusal
OtherCommand = AnsweredCommand | AnnounceGrantObligations
GrantCommand = OtherCommand | EntryCommand | DrawdownCommand | InterestCommand | ProofCommand | SettlementCommand

# Rejections


class ProofOfUseIsFrozen(Rejected):
    """Der Verwendungsnachweis zur Zuwendung „{grant}“ ist abgeschlossen; es wird nichts mehr gebucht."""


class GrantIsClosed(Rejected):
    """Die Zuwendung „{grant}“ ist abgeschlossen."""


# decide


def decide(grant: Grant, command: GrantCommand) -> Sequence[GrantEvent]:
    if grant.settlement.closed:
        return _when_closed(command)
    match command:
        case ApplyForGrant() | RecordAward() | RecordRefusal():
            return notice.decide(grant.notice, command)
        case RequestDrawdown() | RecordPayout() | CorrectPayout():
            return _call(grant, command)
        case FreezeProofOfUse() | SubmitProofOfUse() | ReopenProofOfUse() | RecordAudit():
            return proof.decide(grant.proof, _accounts(grant, command.grant), command)
        case RecordRepayment() | CloseGrant():
            accounts = _accounts(grant, command.grant)
            return settlement.decide(grant.settlement, grant.proof, accounts, grant.interest, command)
        case RecordInterestClaim() | RecordInterestPayment():
            awarded = awarded_in(grant.notice, command.grant)
            return interest.decide(grant.interest, grant.drawdowns, awarded, command)
        case AnnounceGrantObligations():
            owed = obligations.owed(grant.notice, grant.drawdowns, grant.interim, grant.proof, command.grant)
            return obligations.decide(grant.announced, owed, command)
        case _:
            return _enter(grant, command)


def _call(grant: Grant, command: DrawdownCommand) -> Sequence[GrantEvent]:
    awarded = awarded_in(grant.notice, command.grant)
    needs = Needs(grant.book.spent, grant.proof.recognised, grant.settlement.returned)
    if isinstance(command, CorrectPayout):
        return payouts.decide(grant.drawdowns, awarded, needs, command)
    return drawdowns.decide(grant.drawdowns, awarded, needs, command)


def _when_closed(command: GrantCommand) -> Sequence[GrantEvent]:
    if isinstance(command, CloseGrant | AnnounceGrantObligations):
        return []
    raise GrantIsClosed(grant=command.grant)


def _accounts(grant: Grant, name: Slug) -> Accounts:
    return Accounts(awarded_in(grant.notice, name), grant.book, grant.own, grant.drawdowns)


def _enter(grant: Grant, command: EntryCommand) -> Sequence[GrantEvent]:
    awarded = _open(grant, command.grant)
    match command:
        case RegisterCommitment() | CorrectCommitment() | CancelCommitment():
            means = Means(awarded, grant.overruns)
            return commitments.decide(grant.commitments, means, grant.book.standing, command)
        case BookExpense() | ApproveExpense():
            return expenses.decide(grant.book, grant.commitments, Means(awarded, grant.overruns), command)
        case PermitOverrun():
            return overruns.decide(grant.overruns, awarded, command)
        case CorrectExpense() | ApproveReversal():
            return reversals.decide(grant.book, grant.commitments, command)
        case RecordStaffHours() | ReverseStaffHours():
            return own_contribution.decide(grant.own, awarded, command)
        case SubmitInterimProof():
            return interim.decide(grant.interim, _accounts(grant, command.grant), command)
        case AmendAward():
            return amendments.decide(grant.notice, grant.book, grant.commitments, grant.own, command)
        case _:
            assert_never(command)


def _open(grant: Grant, name: Slug) -> GrantAwarded:
    awarded = awarded_in(grant.notice, name)
    if grant.proof.frozen:
        raise ProofOfUseIsFrozen(grant=name)
    return awarded


GRANT = Decider("grant", Grant(), evolve, decide, most_events=1_000_000)  # no document holds all of its entries
