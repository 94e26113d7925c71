"""What was paid out and the grant does not pay goes back to the grantor; a grant of which nothing is owed is closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, assert_never

from services.funding.domain.interest import Interest
from services.funding.domain.notice import AboutGrant
from services.funding.domain.proof import Accounts, Proof, frozen_in
from services.funding.domain.terms import must_follow_notice, must_not_lie_ahead
from shared.contracts.funding import Amount, GrantClosed, RepaymentRecorded
from shared.kernel.decider import GivenBy
from shared.kernel.identifiers import Slug
from shared.kernel.money import euros
from shared.kernel.rejections import Rejected
from shared.kernel.time import Day

# Events

SettlementEvent = RepaymentRecorded | GrantClosed

# State


@dataclass(frozen=True, slots=True)
class Settlement:
    repaid: Mapping[Slug, RepaymentRecorded] = field(default_factory=dict)
    closed: bool = False

    @property
    def returned(self) -> int:
        return sum(repayment.amount for repayment in self.repaid.values())


def evolve(settlement: Settlement, event: SettlementEvent) -> Settlement:
    match event:
        case RepaymentRecorded():
            return replace(settlement, repaid={**settlement.repaid, event.repayment: event})
        case GrantClosed():
            return replace(settlement, closed=True)
        case _:
            assert_never(event)


# Commands


class RecordRepayment(AboutGrant):
    """Record a repayment to the grantor."""

    repayment: Slug
    amount: Amount
    on: Day


class CloseGrant(AboutGrant):
    """Close an audited grant without debts."""

    given_by: ClassVar[GivenBy] = "approver"


SettlementCommand = RecordRepayment | CloseGrant

# Rejections


class RepaymentExceedsDebt(Rejected):
    """Zurückzuzahlen sind noch {left}."""


class RepaymentRecordedDifferently(Rejected):
    """Die Rückzahlung „{repayment}“ ist bereits mit anderen Angaben erfasst."""


class ProofOfUseNotAudited(Rejected):
    """Der Verwendungsnachweis zur Zuwendung „{grant}“ ist noch nicht geprüft."""


class InterestStillOwed(Rejected):
    """Vor dem Abschluss sind noch {left} Zinsen zu zahlen."""


class MoneyStillOwed(Rejected):
    """Vor dem Abschluss sind noch {left} zurückzuzahlen."""


# decide


def decide(
    settlement: Settlement, proof: Proof, accounts: Accounts, interest: Interest, command: SettlementCommand
) -> Sequence[SettlementEvent]:
    match command:
        case RecordRepayment():
            return _repay(settlement, proof, accounts, command)
        case CloseGrant():
            if interest.owed:
                raise InterestStillOwed(left=euros(interest.owed))
            return _close(settlement, proof, accounts, command)
        case _:
            assert_never(command)


def _repay(
    settlement: Settlement, proof: Proof, accounts: Accounts, repay: RecordRepayment
) -> Sequence[SettlementEvent]:
    frozen_in(proof, repay.grant)
    must_not_lie_ahead(repay.on, repay.at)
    must_follow_notice(repay.on, accounts.awarded)
    if known := settlement.repaid.get(repay.repayment):
        return _repaid_before(known, repay)
    owed = _owed(settlement, proof, accounts)
    if repay.amount > owed:
        raise RepaymentExceedsDebt(left=euros(owed))
    left = owed - repay.amount
    return [
        RepaymentRecorded(grant=repay.grant, repayment=repay.repayment, amount=repay.amount, on=repay.on, left=left)
    ]


def _repaid_before(known: RepaymentRecorded, repay: RecordRepayment) -> Sequence[SettlementEvent]:
    if (known.amount, known.on) != (repay.amount, repay.on):
        raise RepaymentRecordedDifferently(repayment=repay.repayment)
    return []


def _close(settlement: Settlement, proof: Proof, accounts: Accounts, close: CloseGrant) -> Sequence[SettlementEvent]:
    if proof.audited is None:
        raise ProofOfUseNotAudited(grant=close.grant)
    if owed := _owed(settlement, proof, accounts):
        raise MoneyStillOwed(left=euros(owed))
    paid = accounts.drawdowns.drawn - settlement.returned
    return [GrantClosed(grant=close.grant, paid=paid, title=accounts.awarded.title)]


def _owed(settlement: Settlement, proof: Proof, accounts: Accounts) -> int:
    """Money that was drawn and is neither payable nor repaid."""
    return max(0, accounts.drawdowns.drawn - (proof.recognised or 0) - settlement.returned)
