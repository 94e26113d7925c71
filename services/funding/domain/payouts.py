"""A payout that was recorded wrongly is reversed and recorded anew at once: the sums are as if it had been right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from services.funding.domain.drawdowns import DrawdownEvent, Drawdowns, Needs, left_of, must_fit_request
from services.funding.domain.notice import AboutGrant
from services.funding.domain.terms import must_follow_notice, must_not_lie_ahead
from shared.contracts.funding import Amount, GrantAwarded, PayoutRecorded, PayoutReversed
from shared.kernel.identifiers import Slug
from shared.kernel.money import euros
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.replacing import must_stand
from shared.kernel.text import Line
from shared.kernel.time import Day, german_day, months_after
from shared.kernel.values import Value

# Commands


class PaidOut(Value):
    """A payout, as the caller saw it."""

    amount: Amount
    on: Day


class CorrectPayout(AboutGrant):
    """Correct a payout that was recorded wrongly; ``amount`` and ``on`` are the right ones."""

    drawdown: Slug
    amount: Amount
    on: Day
    reason: Line
    replaces: PaidOut | None = None


# Rejections


class PayoutNotRecorded(Rejected):
    """Zum Mittelabruf „{drawdown}“ ist noch keine Auszahlung erfasst."""

    kind = Kind.NOT_FOUND


class PayoutIsProved(Rejected):
    """Die Auszahlung zu „{drawdown}“ steht im abgeschlossenen Verwendungsnachweis, dessen Zahlen feststehen."""


class PayoutIsPaidBack(Rejected):
    """Zurückgezahlt sind bereits {returned}; ausgezahlt wären dann insgesamt nur {drawn}."""


class PayoutCalledAgain(Rejected):
    """Was bei „{drawdown}“ fehlte, ist danach wieder abgerufen; ausgezahlt sein können darauf höchstens {most}."""


# decide


def decide(
    drawdowns: Drawdowns, awarded: GrantAwarded, needs: Needs, correct: CorrectPayout
) -> Sequence[DrawdownEvent]:
    must_fit_request(drawdowns, correct.drawdown, correct.amount)
    known = drawdowns.paid.get(correct.drawdown)
    if known is None:
        raise PayoutNotRecorded(drawdown=correct.drawdown)
    if (known.amount, known.on) == (correct.amount, correct.on):
        return []
    now = PaidOut(amount=known.amount, on=known.on)
    must_stand(correct.replaces, now, f"{euros(known.amount)} am {german_day(known.on)}")
    must_not_lie_ahead(correct.on, correct.at)
    must_follow_notice(correct.on, awarded)
    _must_not_be_proved(drawdowns, known)
    _must_cover_repayments(drawdowns.drawn - known.amount + correct.amount, needs.returned)
    _must_not_be_called_again(drawdowns, awarded, needs, known, correct.amount)
    return _anew(known, correct)


def _must_not_be_proved(drawdowns: Drawdowns, known: PayoutRecorded) -> None:
    if known.drawdown in drawdowns.proved:
        raise PayoutIsProved(drawdown=known.drawdown)


def _must_cover_repayments(drawn: int, returned: int) -> None:
    if returned > drawn:
        raise PayoutIsPaidBack(returned=euros(returned), drawn=euros(drawn))


def _must_not_be_called_again(
    drawdowns: Drawdowns, awarded: GrantAwarded, needs: Needs, known: PayoutRecorded, amount: int
) -> None:
    """A payout that nobody called for again is what it was, even if the grant has become less since."""
    if known.drawdown not in drawdowns.called_after:
        return
    most = known.amount + left_of(drawdowns, awarded, needs)
    if amount > most:
        raise PayoutCalledAgain(drawdown=known.drawdown, most=euros(most))


def _anew(known: PayoutRecorded, correct: CorrectPayout) -> Sequence[DrawdownEvent]:
    back = known.model_dump(include={"grant", "drawdown", "amount", "on", "use_by"})
    recorded = {"amount": correct.amount, "on": correct.on, "use_by": _use_by(known, correct)}
    return [PayoutReversed(**back, reason=correct.reason), known.model_copy(update=recorded)]


def _use_by(known: PayoutRecorded, correct: CorrectPayout) -> date:
    """By the notice of that time: a later one does not move it."""
    months = (known.use_by.year - known.on.year) * 12 + known.use_by.month - known.on.month
    return months_after(correct.on, months)
