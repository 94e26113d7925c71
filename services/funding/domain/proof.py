"""The proof of use: figures are frozen, submitted and audited.

A grantor who asks has the figures opened again: they are frozen anew, as the next revision, and the old one stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, assert_never

from services.funding.domain.drawdowns import Drawdowns
from services.funding.domain.expenses import Book
from services.funding.domain.notice import AboutGrant
from services.funding.domain.own_contribution import OwnContribution
from services.funding.domain.terms import must_not_lie_ahead, payable
from shared.contracts.funding import (
    Activities,
    GrantAwarded,
    ProofLine,
    ProofOfUseAudited,
    ProofOfUseFrozen,
    ProofOfUseReopened,
    ProofOfUseSubmitted,
)
from shared.kernel.decider import GivenBy
from shared.kernel.identifiers import Slug
from shared.kernel.money import Cents, euros
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line
from shared.kernel.time import Day, german_day, local_day
from shared.kernel.values import Supplied

# Events

ProofEvent = ProofOfUseFrozen | ProofOfUseSubmitted | ProofOfUseReopened | ProofOfUseAudited

# State


@dataclass(frozen=True, slots=True)
class Accounts:
    """The basis of the figures."""

    awarded: GrantAwarded
    book: Book
    own: OwnContribution
    drawdowns: Drawdowns


@dataclass(frozen=True, slots=True)
class Proof:
    frozen: ProofOfUseFrozen | None = None
    revisions: int = 0
    reopened: ProofOfUseReopened | None = None
    submitted: date | None = None
    audited: ProofOfUseAudited | None = None

    @property
    def recognised(self) -> int | None:
        """What the grant pays; None as long as the figures may change."""
        if self.audited:
            return self.audited.recognised
        return payable_of(self.frozen) if self.frozen else None


def evolve(proof: Proof, event: ProofEvent) -> Proof:
    match event:
        case ProofOfUseFrozen():
            return replace(proof, frozen=event, revisions=proof.revisions + 1)
        case ProofOfUseSubmitted():
            return replace(proof, submitted=event.on)
        case ProofOfUseReopened():
            return replace(proof, frozen=None, submitted=None, reopened=event)
        case ProofOfUseAudited():
            return replace(proof, audited=event)
        case _:
            assert_never(event)


# Commands


class FreezeProofOfUse(AboutGrant):
    """Freeze the figures of the proof of use and the activities of its period. Nothing is booked afterwards."""

    activities: Supplied[Activities | None] = None


class SubmitProofOfUse(AboutGrant):
    """Record that the proof of use has gone to the grantor."""


class ReopenProofOfUse(AboutGrant):
    """Open the frozen figures again because the grantor asks for it."""

    given_by: ClassVar[GivenBy] = "approver"

    reason: Line


class RecordAudit(AboutGrant):
    """Record the grantor's answer to the proof of use; ``reduced_by`` is the spending that it does not recognise."""

    on: Day
    reduced_by: Cents = 0
    reason: Line | None = None


ProofCommand = FreezeProofOfUse | SubmitProofOfUse | ReopenProofOfUse | RecordAudit

# Rejections


class ProofOfUseNotFrozen(Rejected):
    """Der Verwendungsnachweis zur Zuwendung „{grant}“ ist noch nicht abgeschlossen."""


class ProofOfUseNotSubmitted(Rejected):
    """Der Verwendungsnachweis zur Zuwendung „{grant}“ ist noch nicht eingereicht."""


class ProofOfUseIsAudited(Rejected):
    """Der Verwendungsnachweis zur Zuwendung „{grant}“ ist geprüft; es gilt der Bescheid vom {on}."""


class PeriodNotOver(Rejected):
    """Der Bewilligungszeitraum läuft noch bis {end}."""


class ExpensesNotApproved(Rejected):
    """Noch nicht freigegebene Ausgaben: {number}."""


class ReversalsNotApproved(Rejected):
    """Noch nicht freigegebene Stornierungen: {number}."""


class ReductionExceedsSpending(Rejected):
    """Nachgewiesen sind {spent}; um mehr kann nicht gekürzt sein."""

    kind = Kind.INVALID


class ReductionWithoutReason(Rejected):
    """Zu einer Kürzung gehört ihr Grund."""

    kind = Kind.INVALID


class AuditBeforeSubmission(Rejected):
    """Der Nachweis ging erst am {submitted} ein; der Prüfbescheid kann nicht vom {on} sein."""

    kind = Kind.INVALID


# decide


def decide(proof: Proof, accounts: Accounts, command: ProofCommand) -> Sequence[ProofEvent]:
    match command:
        case FreezeProofOfUse():
            return _freeze(proof, accounts, command)
        case SubmitProofOfUse():
            return _submit(proof, accounts, command)
        case ReopenProofOfUse():
            return _reopen(proof, command)
        case RecordAudit():
            return _audit(proof, accounts, command)
        case _:
            assert_never(command)


def _freeze(proof: Proof, accounts: Accounts, freeze: FreezeProofOfUse) -> Sequence[ProofEvent]:
    period = accounts.awarded.period
    if proof.frozen:
        return []
    if local_day(freeze.at) <= period.until:
        raise PeriodNotOver(end=german_day(period.until))
    nothing_must_wait(accounts.book)
    return [_figures(accounts, proof.revisions + 1, freeze.activities)]


def nothing_must_wait(book: Book, year: int | None = None) -> None:
    """For approval, of all years or of one: it would change the figures."""
    expenses, reversals = book.waiting(year)
    if expenses:
        raise ExpensesNotApproved(number=expenses)
    if reversals:
        raise ReversalsNotApproved(number=reversals)


def _figures(accounts: Accounts, revision: int, activities: Activities | None) -> ProofOfUseFrozen:
    """Every expense that counts is approved here, so spent means approved."""
    awarded, book, own = accounts.awarded, accounts.book, accounts.own.rendered
    return ProofOfUseFrozen(
        grant=awarded.grant,
        lines=tuple(
            ProofLine(line=line.line, planned=line.amount, spent=book.spent_on(line.line)) for line in awarded.lines
        ),
        awarded=awarded.amount,
        spent=book.spent,
        unspent=awarded.amount - book.spent,
        drawn=accounts.drawdowns.drawn,
        own_contribution_due=awarded.own_contribution_due,
        own_contribution=own,
        receipts=len(book.standing),
        due=awarded.proof_due,
        payable=payable(book.spent, own, awarded.amount, awarded.conditions),
        revision=revision,
        activities=activities,
    )


def _submit(proof: Proof, accounts: Accounts, submit: SubmitProofOfUse) -> Sequence[ProofEvent]:
    frozen_in(proof, submit.grant)
    if proof.submitted:
        return []
    awarded, on = accounts.awarded, local_day(submit.at)
    return [ProofOfUseSubmitted(grant=submit.grant, on=on, title=awarded.title, due=awarded.proof_due)]


def _reopen(proof: Proof, reopen: ReopenProofOfUse) -> Sequence[ProofEvent]:
    if proof.frozen is None and proof.reopened and proof.reopened.reason == reopen.reason:
        return []
    frozen_in(proof, reopen.grant)
    if proof.audited:
        raise ProofOfUseIsAudited(grant=reopen.grant, on=german_day(proof.audited.on))
    return [ProofOfUseReopened(grant=reopen.grant, revision=proof.revisions, reason=reopen.reason)]


def _audit(proof: Proof, accounts: Accounts, audit: RecordAudit) -> Sequence[ProofEvent]:
    frozen, awarded = frozen_in(proof, audit.grant), accounts.awarded
    _must_be_an_answer(proof, frozen, audit)
    audited = ProofOfUseAudited(
        grant=audit.grant,
        on=audit.on,
        reduced_by=audit.reduced_by,
        recognised=payable(
            frozen.spent - audit.reduced_by, frozen.own_contribution, frozen.awarded, awarded.conditions
        ),
        reason=audit.reason,
        title=awarded.title,
    )
    if proof.audited not in (None, audited):
        raise ProofOfUseIsAudited(grant=audit.grant, on=german_day(proof.audited.on))
    return [] if proof.audited else [audited]


def _must_be_an_answer(proof: Proof, frozen: ProofOfUseFrozen, audit: RecordAudit) -> None:
    if proof.submitted is None:
        raise ProofOfUseNotSubmitted(grant=audit.grant)
    must_not_lie_ahead(audit.on, audit.at)
    if audit.on < proof.submitted:
        raise AuditBeforeSubmission(submitted=german_day(proof.submitted), on=german_day(audit.on))
    if audit.reduced_by > frozen.spent:
        raise ReductionExceedsSpending(spent=euros(frozen.spent))
    if audit.reduced_by and not audit.reason:
        raise ReductionWithoutReason


def frozen_in(proof: Proof, grant: Slug) -> ProofOfUseFrozen:
    if proof.frozen is None:
        raise ProofOfUseNotFrozen(grant=grant)
    return proof.frozen


def payable_of(frozen: ProofOfUseFrozen) -> int:
    """Old figures do not have it: then it is all that was spent."""
    return min(frozen.spent, frozen.awarded) if frozen.payable is None else frozen.payable
