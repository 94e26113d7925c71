"""A grant: applied for, awarded, spent, proved. Money is whole cents, and no sum ever exceeds what was granted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never

from services.funding.domain import commitments, drawdowns, expenses, notice, own_contribution, reversals
from services.funding.domain.commitments import Commitments, RegisterCommitment
from services.funding.domain.drawdowns import DrawdownEvent, Drawdowns, RecordPayout, RequestDrawdown
from services.funding.domain.expenses import ApproveExpense, Book, BookEvent, BookExpense
from services.funding.domain.notice import (
    AboutGrant,
    ApplyForGrant,
    Notice,
    NoticeCommand,
    NoticeEvent,
    RecordAward,
    RecordRefusal,
    awarded_in,
)
from services.funding.domain.own_contribution import OwnContribution, RecordStaffHours
from services.funding.domain.reversals import ApproveReversal, CorrectExpense
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
    ProofLine,
    ProofOfUseFrozen,
    ProofOfUseSubmitted,
)
from shared.kernel.decider import Decider
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Rejected
from shared.kernel.time import german_day, local_day

# Events

ProofEvent = ProofOfUseFrozen | ProofOfUseSubmitted
GrantEvent = NoticeEvent | CommitmentRegistered | BookEvent | OwnContributionRecorded | DrawdownEvent | ProofEvent

# State


@dataclass(frozen=True, slots=True)
class Grant:
    notice: Notice = field(default_factory=Notice)
    commitments: Commitments = field(default_factory=Commitments)
    book: Book = field(default_factory=Book)
    own: OwnContribution = field(default_factory=OwnContribution)
    drawdowns: Drawdowns = field(default_factory=Drawdowns)
    frozen: bool = False
    submitted: date | None = None


def evolve(grant: Grant, event: GrantEvent) -> Grant:
    match event:
        case GrantApplied() | GrantAwarded() | GrantRefused():
            return replace(grant, notice=notice.evolve(grant.notice, event))
        case CommitmentRegistered():
            return replace(grant, commitments=commitments.evolve(grant.commitments, event))
        case ExpenseBooked() | ExpenseApproved() | ExpenseReversalRequested() | ExpenseReversed() | BudgetLineWarned():
            return replace(grant, book=expenses.evolve(grant.book, event))
        case OwnContributionRecorded():
            return replace(grant, own=own_contribution.evolve(grant.own, event))
        case DrawdownRequested() | PayoutRecorded():
            return replace(grant, drawdowns=drawdowns.evolve(grant.drawdowns, event))
        case ProofOfUseFrozen():
            return replace(grant, frozen=True)
        case ProofOfUseSubmitted():
            return replace(grant, submitted=event.on)
        case _:
            assert_never(event)


# Commands


class FreezeProofOfUse(AboutGrant):
    """Freeze the figures of the proof of use; nothing is booked afterwards."""


class SubmitProofOfUse(AboutGrant):
    """Record that the proof of use has gone to the grantor."""


ProofCommand = FreezeProofOfUse | SubmitProofOfUse
EntryCommand = (
    RegisterCommitment
    | BookExpense
    | ApproveExpense
    | CorrectExpense
    | ApproveReversal
    | RecordStaffHours
    | RequestDrawdown
    | RecordPayout
)
GrantCommand = NoticeCommand | EntryCommand | ProofCommand

# Rejections


class ProofOfUseIsFrozen(Rejected):
    """Der Verwendungsnachweis zur Zuwendung „{grant}“ ist abgeschlossen; es wird nichts mehr gebucht."""


class ProofOfUseNotFrozen(Rejected):
    """Der Verwendungsnachweis zur Zuwendung „{grant}“ ist noch nicht abgeschlossen."""


class PeriodNotOver(Rejected):
    """Der Bewilligungszeitraum läuft noch bis {end}."""


class ExpensesNotApproved(Rejected):
    """Noch nicht freigegebene Ausgaben: {number}."""


# decide


def decide(grant: Grant, command: GrantCommand) -> Sequence[GrantEvent]:
    match command:
        case ApplyForGrant() | RecordAward() | RecordRefusal():
            return notice.decide(grant.notice, command)
        case FreezeProofOfUse():
            return _freeze(grant, command)
        case SubmitProofOfUse():
            return _submit(grant, command)
        case _:
            return _enter(grant, command)


def _enter(grant: Grant, command: EntryCommand) -> Sequence[GrantEvent]:
    awarded = _open(grant, command.grant)
    match command:
        case RegisterCommitment():
            return commitments.decide(grant.commitments, awarded, command)
        case BookExpense() | ApproveExpense():
            return expenses.decide(grant.book, awarded, command)
        case CorrectExpense() | ApproveReversal():
            return reversals.decide(grant.book, command)
        case RecordStaffHours():
            return own_contribution.decide(grant.own, awarded, command)
        case RequestDrawdown() | RecordPayout():
            return drawdowns.decide(grant.drawdowns, awarded, command)
        case _:
            assert_never(command)


def _open(grant: Grant, name: Slug) -> GrantAwarded:
    awarded = awarded_in(grant.notice, name)
    if grant.frozen:
        raise ProofOfUseIsFrozen(grant=name)
    return awarded


def _freeze(grant: Grant, freeze: FreezeProofOfUse) -> Sequence[GrantEvent]:
    awarded = awarded_in(grant.notice, freeze.grant)
    if grant.frozen:
        return []
    if local_day(freeze.at) <= awarded.period.until:
        raise PeriodNotOver(end=german_day(awarded.period.until))
    if number := grant.book.unapproved:
        raise ExpensesNotApproved(number=number)
    return [_proof(grant, awarded)]


def _proof(grant: Grant, awarded: GrantAwarded) -> ProofOfUseFrozen:
    """Everything that still stands is approved: that is why spent means approved here."""
    book = grant.book
    return ProofOfUseFrozen(
        grant=awarded.grant,
        lines=tuple(
            ProofLine(line=line.line, planned=line.amount, spent=book.spent_on(line.line)) for line in awarded.lines
        ),
        awarded=awarded.amount,
        spent=book.spent,
        unspent=awarded.amount - book.spent,
        drawn=grant.drawdowns.drawn,
        own_contribution_due=awarded.own_contribution_due,
        own_contribution=grant.own.rendered,
        receipts=len(book.standing),
        due=awarded.proof_due,
    )


def _submit(grant: Grant, submit: SubmitProofOfUse) -> Sequence[GrantEvent]:
    if not grant.frozen:
        raise ProofOfUseNotFrozen(grant=submit.grant)
    if grant.submitted:
        return []
    awarded, on = awarded_in(grant.notice, submit.grant), local_day(submit.at)
    return [ProofOfUseSubmitted(grant=submit.grant, on=on, title=awarded.title, due=awarded.proof_due)]


GRANT = Decider("grant", Grant(), evolve, decide, most_events=1_000_000)  # no document gathers its entries
