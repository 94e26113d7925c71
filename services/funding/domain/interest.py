"""Interest that the grantor claims: recorded as its letter says, paid by the city, and no part of the grant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from services.funding.domain.drawdowns import Drawdowns
from services.funding.domain.notice import AboutGrant
from services.funding.domain.plan import must_run_forward
from services.funding.domain.terms import must_follow_notice, must_not_lie_ahead
from shared.contracts.funding import Amount, GrantAwarded, InterestClaimed, InterestPaid, Period
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line
from shared.kernel.time import Day, german_day

# Events

InterestEvent = InterestClaimed | InterestPaid

# State


@dataclass(frozen=True, slots=True)
class Interest:
    claimed: Mapping[Slug, InterestClaimed] = field(default_factory=dict)
    paid: Mapping[Slug, InterestPaid] = field(default_factory=dict)

    @property
    def owed(self) -> int:
        return sum(claim.amount for name, claim in self.claimed.items() if name not in self.paid)


def evolve(interest: Interest, event: InterestEvent) -> Interest:
    match event:
        case InterestClaimed():
            return replace(interest, claimed={**interest.claimed, event.claim: event})
        case InterestPaid():
            return replace(interest, paid={**interest.paid, event.claim: event})
        case _:
            assert_never(event)


# Commands


class RecordInterestClaim(AboutGrant):
    """Record the grantor's letter that claims interest."""

    claim: Slug
    amount: Amount
    period: Period
    on: Day
    reference: Line


class RecordInterestPayment(AboutGrant):
    """Record that claimed interest was paid, in full."""

    claim: Slug
    on: Day


InterestCommand = RecordInterestClaim | RecordInterestPayment

# Rejections


class InterestWithoutPayout(Rejected):
    """Zur Zuwendung „{grant}“ ist nichts ausgezahlt; Zinsen kann es darauf nicht geben."""


class InterestClaimedDifferently(Rejected):
    """Die Zinsforderung „{claim}“ ist bereits mit anderen Angaben erfasst."""


class InterestNotClaimed(Rejected):
    """Die Zinsforderung „{claim}“ ist nicht erfasst."""

    kind = Kind.NOT_FOUND


class InterestPaidDifferently(Rejected):
    """Die Zinsforderung „{claim}“ ist bereits am {on} gezahlt."""


class InterestPaidBeforeClaim(Rejected):
    """Die Zinsforderung ist vom {claimed}; am {on} kann sie noch nicht gezahlt sein."""

    kind = Kind.INVALID


# decide


def decide(
    interest: Interest, drawdowns: Drawdowns, awarded: GrantAwarded, command: InterestCommand
) -> Sequence[InterestEvent]:
    match command:
        case RecordInterestClaim():
            return _claim(interest, drawdowns, awarded, command)
        case RecordInterestPayment():
            return _pay(interest, command)
        case _:
            assert_never(command)


def _claim(
    interest: Interest, drawdowns: Drawdowns, awarded: GrantAwarded, claim: RecordInterestClaim
) -> Sequence[InterestEvent]:
    event = InterestClaimed(
        grant=claim.grant,
        claim=claim.claim,
        amount=claim.amount,
        period=claim.period,
        on=claim.on,
        reference=claim.reference,
    )
    if known := interest.claimed.get(claim.claim):
        if known != event:
            raise InterestClaimedDifferently(claim=claim.claim)
        return []
    must_run_forward(claim.period)
    must_not_lie_ahead(claim.on, claim.at)
    must_follow_notice(claim.on, awarded)
    if not drawdowns.paid:
        raise InterestWithoutPayout(grant=claim.grant)
    return [event]


def _pay(interest: Interest, pay: RecordInterestPayment) -> Sequence[InterestEvent]:
    claimed = interest.claimed.get(pay.claim)
    if claimed is None:
        raise InterestNotClaimed(claim=pay.claim)
    if known := interest.paid.get(pay.claim):
        if known.on != pay.on:
            raise InterestPaidDifferently(claim=pay.claim, on=german_day(known.on))
        return []
    must_not_lie_ahead(pay.on, pay.at)
    if pay.on < claimed.on:
        raise InterestPaidBeforeClaim(claimed=german_day(claimed.on), on=german_day(pay.on))
    return [InterestPaid(grant=pay.grant, claim=pay.claim, amount=claimed.amount, on=pay.on)]
