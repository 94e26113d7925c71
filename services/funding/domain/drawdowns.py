"""The grant's money is called in parts, only what was paid or is soon to be paid, and has to be used soon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, NamedTuple, assert_never

from pydantic import Field

from services.funding.domain.notice import AboutGrant, line_of
from services.funding.domain.terms import must_follow_notice, must_not_lie_ahead
from shared.contracts.funding import (
    Amount,
    DrawdownRequested,
    GrantAwarded,
    PaymentDue,
    PayoutRecorded,
    PayoutReversed,
    ProofOfUseFrozen,
    ProofOfUseReopened,
)
from shared.kernel.identifiers import Slug
from shared.kernel.money import euros
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import Day, german_day, local_day, months_after

# Events

DrawdownEvent = DrawdownRequested | PayoutRecorded | PayoutReversed

# State


@dataclass(frozen=True, slots=True)
class Drawdowns:
    requested: Mapping[Slug, DrawdownRequested] = field(default_factory=dict)
    paid: Mapping[Slug, PayoutRecorded] = field(default_factory=dict)
    called_after: frozenset[Slug] = frozenset()
    """Those with a payout when money was called last."""
    proved: frozenset[Slug] = frozenset()
    """Those with a payout in the frozen proof of use."""

    @property
    def drawn(self) -> int:
        return sum(payout.amount for payout in self.paid.values())

    @property
    def claimed(self) -> int:
        """Money that arrived or is still expected. What a payout lacked may be called again."""
        return self.drawn + sum(call.amount for name, call in self.requested.items() if name not in self.paid)


class Needs(NamedTuple):
    """What the money is for, in cents."""

    spent: int
    payable: int | None
    """What the grant pays, once the proof of use says it; all of that may then be called."""
    returned: int
    """What went back to the grantor. Figures that were opened again may need it anew."""


def evolve(drawdowns: Drawdowns, event: DrawdownEvent) -> Drawdowns:
    match event:
        case DrawdownRequested():
            requested = {**drawdowns.requested, event.drawdown: event}
            return replace(drawdowns, requested=requested, called_after=frozenset(drawdowns.paid))
        case PayoutRecorded():
            return replace(drawdowns, paid={**drawdowns.paid, event.drawdown: event})
        case PayoutReversed():
            paid = {name: payout for name, payout in drawdowns.paid.items() if name != event.drawdown}
            return replace(drawdowns, paid=paid)
        case _:
            assert_never(event)


def proved_by(drawdowns: Drawdowns, event: ProofOfUseFrozen | ProofOfUseReopened) -> Drawdowns:
    proved = drawdowns.paid if isinstance(event, ProofOfUseFrozen) else ()
    return replace(drawdowns, proved=frozenset(proved))


# Commands


class RequestDrawdown(AboutGrant):
    """Call a part of the granted money, for past payments and for ``payments_due``.

    The notice says within how many months those have to be due (ANBest-P 1.4: only what is needed that soon).
    """

    drawdown: Slug
    amount: Amount
    payments_due: Annotated[tuple[PaymentDue, ...], Field(max_length=100)] = ()


class RecordPayout(AboutGrant):
    """Record the money that arrived for a drawdown."""

    drawdown: Slug
    amount: Amount
    on: Day


DrawdownCommand = RequestDrawdown | RecordPayout

# Rejections


class DrawdownUnknown(Rejected):
    """Der Mittelabruf „{drawdown}“ ist nicht erfasst."""

    kind = Kind.NOT_FOUND


class DrawdownRequestedDifferently(Rejected):
    """Der Mittelabruf „{drawdown}“ ist bereits über {amount} oder mit anderen fälligen Zahlungen gestellt."""


class DrawdownExceedsGrant(Rejected):
    """Von der Zuwendung können noch {left} abgerufen werden."""


class PaymentNotDueSoon(Rejected):
    """Die Zahlung am {day} ist erst nach dem {latest} fällig; abgerufen wird nur, was bis dahin zu zahlen ist."""


class DrawdownNotNeeded(Rejected):
    """Gebraucht werden noch {needed}: was bezahlt oder bis zum {latest} fällig und noch nicht abgerufen ist."""


class PayoutExceedsDrawdown(Rejected):
    """Mit „{drawdown}“ sind {amount} abgerufen; mehr kann nicht ausgezahlt sein."""


class PayoutRecordedDifferently(Rejected):
    """Zum Mittelabruf „{drawdown}“ ist bereits eine andere Auszahlung erfasst."""


# decide


def decide(
    drawdowns: Drawdowns, awarded: GrantAwarded, needs: Needs, command: DrawdownCommand
) -> Sequence[DrawdownEvent]:
    match command:
        case RequestDrawdown():
            return _request(drawdowns, awarded, needs, command)
        case RecordPayout():
            return _record(drawdowns, awarded, command)
        case _:
            assert_never(command)


def _request(
    drawdowns: Drawdowns, awarded: GrantAwarded, needs: Needs, request: RequestDrawdown
) -> Sequence[DrawdownEvent]:
    event = DrawdownRequested(
        grant=request.grant,
        drawdown=request.drawdown,
        amount=request.amount,
        payments_due=request.payments_due or None,
    )
    if known := drawdowns.requested.get(request.drawdown):
        return _requested_before(known, event)
    left = left_of(drawdowns, awarded, needs)
    if request.amount > left:
        raise DrawdownExceedsGrant(left=euros(left))
    if needs.payable is None:
        _must_be_needed(needs.spent + needs.returned - drawdowns.claimed, awarded, request)
    return [event]


def left_of(drawdowns: Drawdowns, awarded: GrantAwarded, needs: Needs) -> int:
    """What may still be called."""
    whole = awarded.amount if needs.payable is None else needs.payable
    return max(0, whole + needs.returned - drawdowns.claimed)


def _requested_before(known: DrawdownRequested, event: DrawdownRequested) -> Sequence[DrawdownEvent]:
    if known != event:
        raise DrawdownRequestedDifferently(drawdown=event.drawdown, amount=euros(known.amount))
    return []


def _must_be_needed(lacking: int, awarded: GrantAwarded, request: RequestDrawdown) -> None:
    """``lacking`` is what was spent beyond the money at hand, below zero if some is left: that pays first."""
    latest = months_after(local_day(request.at), awarded.conditions.drawdown_months)
    for payment in request.payments_due:
        line_of(awarded, payment.line)
        if payment.on > latest:
            raise PaymentNotDueSoon(day=german_day(payment.on), latest=german_day(latest))
    due = sum(payment.amount for payment in request.payments_due)
    needed = max(0, lacking + due)
    if request.amount > needed:
        raise DrawdownNotNeeded(needed=euros(needed), latest=german_day(latest))


def _record(drawdowns: Drawdowns, awarded: GrantAwarded, record: RecordPayout) -> Sequence[DrawdownEvent]:
    must_fit_request(drawdowns, record.drawdown, record.amount)
    if known := drawdowns.paid.get(record.drawdown):
        return _recorded_before(known, record)
    must_not_lie_ahead(record.on, record.at)
    must_follow_notice(record.on, awarded)
    event = PayoutRecorded(
        grant=record.grant,
        drawdown=record.drawdown,
        amount=record.amount,
        on=record.on,
        use_by=months_after(record.on, awarded.conditions.drawdown_months),
    )
    return [event]


def _recorded_before(known: PayoutRecorded, record: RecordPayout) -> Sequence[DrawdownEvent]:
    """The day by which to use it is that of the notice then, and nothing that is said here."""
    if (known.amount, known.on) != (record.amount, record.on):
        raise PayoutRecordedDifferently(drawdown=record.drawdown)
    return []


def must_fit_request(drawdowns: Drawdowns, name: Slug, amount: int) -> None:
    if name not in drawdowns.requested:
        raise DrawdownUnknown(drawdown=name)
    requested = drawdowns.requested[name].amount
    if amount > requested:
        raise PayoutExceedsDrawdown(drawdown=name, amount=euros(requested))
