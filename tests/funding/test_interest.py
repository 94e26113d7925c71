"""Interest is recorded as the grantor's letter claims it, and paid before the grant is closed."""

from __future__ import annotations

from datetime import date, datetime

from services.funding.domain.interest import (
    InterestClaimedDifferently,
    InterestNotClaimed,
    InterestPaidBeforeClaim,
    InterestPaidDifferently,
    InterestWithoutPayout,
    RecordInterestClaim,
    RecordInterestPayment,
)
from services.funding.domain.notice import GrantNotAwarded
from services.funding.domain.plan import PeriodEndsBeforeItBegins
from services.funding.domain.settlement import InterestStillOwed
from services.funding.domain.terms import MoneyBeforeNotice
from services.funding.projections import GRANTS
from shared.contracts.funding import GrantClosed, InterestClaimed, InterestPaid, Period
from tests.funding.stuttgart import APPLIED, GRANT_NAME, GRANTED, LONG_AFTER, close, given, shown, told
from tests.funding.test_settlement import PROVED, audited

LATE = Period(start=date(2024, 5, 21), until=date(2024, 6, 30))
LETTER, PAID_ON = date(2025, 8, 29), date(2025, 9, 15)
CLAIMED = InterestClaimed(
    grant=GRANT_NAME, claim="interest-1", amount=4_711, period=LATE, on=LETTER, reference="33-5071"
)
PAID = InterestPaid(grant=GRANT_NAME, claim="interest-1", amount=4_711, on=PAID_ON)
CLOSED = GrantClosed(grant=GRANT_NAME, paid=4_000_000, title=APPLIED.title)


def claim(**fields: object) -> RecordInterestClaim:
    return told(RecordInterestClaim, **{**dict(CLAIMED), "at": LONG_AFTER, **fields})


def pay(on: date = PAID_ON, at: datetime = LONG_AFTER) -> RecordInterestPayment:
    return told(RecordInterestPayment, claim="interest-1", on=on, at=at)


def test_a_claim_is_recorded_once_as_its_letter_says() -> None:
    given(*PROVED).when(claim()).then(CLAIMED)
    given(*PROVED, CLAIMED).when(claim()).then_nothing()
    given(*PROVED, CLAIMED).when(claim(amount=4_712)).rejected(InterestClaimedDifferently, claim="interest-1")
    backwards = Period(start=LATE.until, until=LATE.start)
    given(*PROVED).when(claim(on=date(2023, 10, 19))).rejected(MoneyBeforeNotice, notice_on="20.10.2023")
    given(*PROVED).when(claim(period=backwards)).rejected(PeriodEndsBeforeItBegins)


def test_without_a_payout_there_is_no_interest() -> None:
    given(*GRANTED).when(claim()).rejected(InterestWithoutPayout, grant=GRANT_NAME)
    given(APPLIED).when(claim()).rejected(GrantNotAwarded, grant=GRANT_NAME)


def test_a_claim_is_paid_once_and_not_before_it_came() -> None:
    given(*PROVED, CLAIMED).when(pay()).then(PAID)
    given(*PROVED, CLAIMED, PAID).when(pay(date(2025, 9, 16))).rejected(InterestPaidDifferently, on="15.09.2025")
    given(*PROVED, CLAIMED).when(pay(date(2025, 8, 28))).rejected(InterestPaidBeforeClaim, claimed="29.08.2025")
    given(*PROVED).when(pay()).rejected(InterestNotClaimed, claim="interest-1")


def test_a_grant_is_not_closed_while_interest_is_owed() -> None:
    given(*PROVED, CLAIMED, audited()).when(close()).rejected(InterestStillOwed, left="47,11 EUR")
    given(*PROVED, CLAIMED, PAID, audited()).when(close()).then(CLOSED)


def test_the_grant_shows_it_apart_from_its_own_money() -> None:
    [grant] = shown(GRANTS, (*PROVED, CLAIMED, PAID)).values()
    assert (grant["interest_claimed"], grant["interest_paid"], grant["repaid"]) == (4_711, 4_711, 0)


def test_a_claim_is_paid_on_the_day_of_its_letter_at_the_earliest() -> None:
    given(*PROVED, CLAIMED).when(pay(LETTER)).then(PAID.model_copy(update={"on": LETTER}))


def test_each_of_several_claims_is_owed_and_paid_on_its_own() -> None:
    other = CLAIMED.model_copy(update={"claim": "interest-2", "amount": 289})
    both = (*PROVED, CLAIMED, other, audited())
    given(*both).when(claim()).then_nothing()
    given(*both).when(close()).rejected(InterestStillOwed, left="50,00 EUR")
    given(*both, PAID).when(close()).rejected(InterestStillOwed, left="2,89 EUR")
    other_paid = PAID.model_copy(update={"claim": "interest-2", "amount": 289})
    given(*both, PAID, other_paid).when(pay()).then_nothing()
    given(*both, PAID, other_paid).when(close()).then(CLOSED)
