"""The grant's money is called in parts, never more of it than was granted, and has to be used soon after it arrives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from services.funding.domain.notice import AboutGrant
from services.funding.domain.terms import months_after, must_not_lie_ahead
from shared.contracts.funding import Amount, DrawdownRequested, GrantAwarded, PayoutRecorded
from shared.kernel.identifiers import Slug
from shared.kernel.money import euros
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import Day

# Events

DrawdownEvent = DrawdownRequested | PayoutRecorded

# State


@dataclass(frozen=True, slots=True)
class Drawdowns:
    requested: Mapping[Slug, int] = field(default_factory=dict)
    paid: Mapping[Slug, PayoutRecorded] = field(default_factory=dict)

    @property
    def drawn(self) -> int:
        return sum(payout.amount for payout in self.paid.values())

    @property
    def claimed(self) -> int:
        """Drawn, or called and still to come. What a payout fell short may be called again."""
        return self.drawn + sum(amount for name, amount in self.requested.items() if name not in self.paid)


def evolve(drawdowns: Drawdowns, event: DrawdownEvent) -> Drawdowns:
    match event:
        case DrawdownRequested():
            return replace(drawdowns, requested={**drawdowns.requested, event.drawdown: event.amount})
        case PayoutRecorded():
            return replace(drawdowns, paid={**drawdowns.paid, event.drawdown: event})
        case _:
            assert_never(event)


# Commands


class RequestDrawdown(AboutGrant):
    """Call a part of the granted money."""

    drawdown: Slug
    amount: Amount


class RecordPayout(AboutGrant):
    """Record the money that arrived for a draw-down."""

    drawdown: Slug
    amount: Amount
    on: Day


DrawdownCommand = RequestDrawdown | RecordPayout

# Rejections


class DrawdownUnknown(Rejected):
    """Der Mittelabruf „{drawdown}“ ist nicht erfasst."""

    kind = Kind.NOT_FOUND


class DrawdownRequestedDifferently(Rejected):
    """Der Mittelabruf „{drawdown}“ ist bereits über {amount} gestellt."""


class DrawdownExceedsGrant(Rejected):
    """Von der Zuwendung können noch {left} abgerufen werden."""


class PayoutExceedsDrawdown(Rejected):
    """Mit „{drawdown}“ sind {amount} abgerufen; mehr kann nicht ausgezahlt sein."""


class PayoutRecordedDifferently(Rejected):
    """Zum Mittelabruf „{drawdown}“ ist bereits eine andere Auszahlung erfasst."""


# decide


def decide(
    drawdowns: Drawdowns, awarded: GrantAwarded, payable: int | None, command: DrawdownCommand
) -> Sequence[DrawdownEvent]:
    """``payable``: what the grant comes to, once the proof of use says it."""
    match command:
        case RequestDrawdown():
            return _request(drawdowns, awarded.amount if payable is None else payable, command)
        case RecordPayout():
            return _record(drawdowns, awarded, command)
        case _:
            assert_never(command)


def _request(drawdowns: Drawdowns, most: int, request: RequestDrawdown) -> Sequence[DrawdownEvent]:
    known = drawdowns.requested.get(request.drawdown)
    if known == request.amount:
        return []
    if known is not None:
        raise DrawdownRequestedDifferently(drawdown=request.drawdown, amount=euros(known))
    left = max(0, most - drawdowns.claimed)
    if request.amount > left:
        raise DrawdownExceedsGrant(left=euros(left))
    return [DrawdownRequested(grant=request.grant, drawdown=request.drawdown, amount=request.amount)]


def _record(drawdowns: Drawdowns, awarded: GrantAwarded, record: RecordPayout) -> Sequence[DrawdownEvent]:
    _must_fit_request(drawdowns, record)
    must_not_lie_ahead(record.on, record.at)
    event = PayoutRecorded(
        grant=record.grant,
        drawdown=record.drawdown,
        amount=record.amount,
        on=record.on,
        use_by=months_after(record.on, awarded.conditions.drawdown_months),
    )
    known = drawdowns.paid.get(record.drawdown)
    if known not in (None, event):
        raise PayoutRecordedDifferently(drawdown=record.drawdown)
    return [] if known else [event]


def _must_fit_request(drawdowns: Drawdowns, record: RecordPayout) -> None:
    if record.drawdown not in drawdowns.requested:
        raise DrawdownUnknown(drawdown=record.drawdown)
    requested = drawdowns.requested[record.drawdown]
    if record.amount > requested:
        raise PayoutExceedsDrawdown(drawdown=record.drawdown, amount=euros(requested))
