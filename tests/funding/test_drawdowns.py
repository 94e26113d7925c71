"""Draw-downs: never more than was granted, paid once, to be used soon."""

from __future__ import annotations

from datetime import date

from services.funding.domain.drawdowns import (
    DrawdownExceedsGrant,
    DrawdownRequestedDifferently,
    DrawdownUnknown,
    PayoutExceedsDrawdown,
    PayoutRecordedDifferently,
)
from tests.funding.stuttgart import (
    APPLIED,
    GRANTED,
    awarded,
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


def test_a_payout_is_recorded_once() -> None:
    given(*GRANTED, requested(), paid()).when(record_payout()).then_nothing()
    given(*GRANTED, requested(), paid()).when(record_payout(on=date(2024, 3, 21))).rejected(
        PayoutRecordedDifferently, drawdown="call-1"
    )
