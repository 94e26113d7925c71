"""Draw-downs: never more than was granted, paid once, to be used soon."""

from __future__ import annotations

from datetime import date, timedelta

from services.funding.domain.drawdowns import (
    DrawdownExceedsGrant,
    DrawdownNotNeeded,
    DrawdownRequestedDifferently,
    DrawdownUnknown,
    PaymentNotDueSoon,
    PayoutExceedsDrawdown,
    PayoutRecordedDifferently,
)
from services.funding.domain.notice import PlanLineUnknown
from services.funding.domain.terms import MoneyBeforeNotice
from shared.kernel.time import german_day, months_after
from tests.funding.stuttgart import (
    APPLIED,
    AWARDED,
    GRANTED,
    WORKSHOP,
    awarded,
    booked,
    due,
    given,
    paid,
    record_payout,
    request,
    requested,
)


def test_money_is_called_once() -> None:
    given(*GRANTED).when(request()).then(requested())
    given(*GRANTED, requested()).when(request()).then_nothing()
    given(*GRANTED, requested()).when(request(amount=1)).rejected(DrawdownRequestedDifferently, amount="10.000,00 EUR")


def test_no_more_is_called_than_was_granted() -> None:
    given(*GRANTED, requested()).when(request("call-2", 3_000_000)).then(requested("call-2", 3_000_000))
    given(*GRANTED, requested()).when(request("call-2", 3_000_001)).rejected(DrawdownExceedsGrant, left="30.000,00 EUR")
    given(*GRANTED, requested(), paid()).when(request("call-2", 3_000_001)).rejected(DrawdownExceedsGrant)


def test_an_earlier_call_and_its_payout_stay_known() -> None:
    calls = (*GRANTED, requested(), requested("call-2", 500_000))
    given(*calls).when(request()).then_nothing()
    given(*calls, paid(), paid("call-2", 500_000)).when(record_payout()).then_nothing()


def test_what_a_payout_fell_short_may_be_called_again() -> None:
    history = (*GRANTED, requested(), paid(amount=900_000))
    given(*history).when(request("call-2", 3_100_000)).then(requested("call-2", 3_100_000))
    given(*history).when(request("call-2", 3_100_001)).rejected(DrawdownExceedsGrant, left="31.000,00 EUR")


def test_a_payout_answers_a_call_and_says_until_when_it_is_to_be_used() -> None:
    given(*GRANTED, requested()).when(record_payout()).then(paid())
    given(*GRANTED).when(record_payout()).rejected(DrawdownUnknown, drawdown="call-1")
    given(*GRANTED, requested()).when(record_payout(amount=1_000_001)).rejected(
        PayoutExceedsDrawdown, amount="10.000,00 EUR"
    )
    three_months = (APPLIED, awarded(drawdown_months=3), requested())
    given(*three_months).when(record_payout()).then(paid(use_by=date(2024, 6, 20)))


def test_no_money_comes_before_the_notice() -> None:
    early, day = AWARDED.notice_on - timedelta(days=1), german_day(AWARDED.notice_on)
    given(*GRANTED, requested()).when(record_payout(on=early)).rejected(MoneyBeforeNotice, notice_on=day)
    first = paid(on=AWARDED.notice_on, use_by=months_after(AWARDED.notice_on, 2))
    given(*GRANTED, requested()).when(record_payout(on=AWARDED.notice_on)).then(first)


def test_a_payout_is_recorded_once() -> None:
    given(*GRANTED, requested(), paid()).when(record_payout()).then_nothing()
    given(*GRANTED, requested(), paid()).when(record_payout(on=date(2024, 3, 21))).rejected(
        PayoutRecordedDifferently, drawdown="call-1"
    )


def test_only_what_was_paid_or_is_soon_to_be_paid_is_called() -> None:
    given(*GRANTED).when(request(payments_due=())).rejected(DrawdownNotNeeded, needed="0,00 EUR", latest="02.03.2025")
    soon = (due(600_000), due(300_000, date(2025, 3, 2)))
    given(*GRANTED).when(request(amount=900_001, payments_due=soon)).rejected(DrawdownNotNeeded, needed="9.000,00 EUR")
    given(*GRANTED).when(request(amount=900_000, payments_due=soon)).then(requested("call-1", 900_000, soon))
    late = (due(900_000, date(2025, 3, 3)),)
    given(*GRANTED).when(request(payments_due=late)).rejected(PaymentNotDueSoon, day="03.03.2025", latest="02.03.2025")
    four_months = (APPLIED, awarded(drawdown_months=4))
    given(*four_months).when(request(amount=900_000, payments_due=late)).then(requested("call-1", 900_000, late))
    elsewhere = (due(900_000, line="travel"),)
    given(*GRANTED).when(request(payments_due=elsewhere)).rejected(PlanLineUnknown, line="travel")


def test_what_was_called_and_is_not_spent_pays_first() -> None:
    spent = booked("expense-1", WORKSHOP, amount=700_000)
    given(*GRANTED, spent).when(request("call-1", 700_000, ())).then(requested("call-1", 700_000, None))
    history = (*GRANTED, spent, requested(amount=1_000_000))
    given(*history).when(request("call-2", 1, ())).rejected(DrawdownNotNeeded, needed="0,00 EUR")
    soon = (due(500_000),)
    given(*history).when(request("call-2", 200_001, soon)).rejected(DrawdownNotNeeded, needed="2.000,00 EUR")
    given(*history).when(request("call-2", 200_000, soon)).then(requested("call-2", 200_000, soon))


def test_a_call_from_before_payments_were_told_is_known() -> None:
    old = requested(payments_due=None)
    given(*GRANTED, old).when(request(payments_due=())).then_nothing()
    given(*GRANTED, old).when(request()).rejected(DrawdownRequestedDifferently)
