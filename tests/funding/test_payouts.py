"""A payout that was recorded wrongly is corrected: whatever is counted from it is as if it had been right at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from services.funding.as_of import as_of, budget
from services.funding.domain.drawdowns import DrawdownUnknown, PayoutExceedsDrawdown, PayoutRecordedDifferently
from services.funding.domain.grant import GRANT, GrantIsClosed
from services.funding.domain.payouts import PayoutCalledAgain, PayoutIsPaidBack, PayoutIsProved, PayoutNotRecorded
from services.funding.domain.terms import MoneyBeforeNotice
from services.funding.obligations import OBLIGATIONS
from services.funding.projections import BUDGET, GRANTS
from services.funding.proof_entries import FrozenRevision, entries_of
from services.notifications.projections.owed import OWED, owed_by
from services.office.projections import ENTRIES
from shared.contracts.funding import (
    GrantClosed,
    PayoutRecorded,
    ProofOfUseFrozen,
    ProofOfUseReopened,
    RepaymentRecorded,
)
from shared.declarations.obligations import still_owed
from shared.declarations.projection import Document, Projection
from shared.kernel.decider import Event
from shared.kernel.time import months_after
from tests.funding.stuttgart import (
    APPLIED,
    AWARDED,
    GRANT_NAME,
    GRANTED,
    LONG_AFTER,
    SPRING,
    STREAM,
    amendment,
    approved,
    awarded,
    booked,
    correct_payout,
    freeze,
    given,
    paid,
    record_payout,
    requested,
    shown,
    unpaid,
)
from tests.funding.test_proof_of_use import FROZEN, SUBMITTED
from tests.kit.delivered import folded

PAID = (*GRANTED, requested(), paid())
LESS = paid(amount=900_000)
LATER = date(2025, 3, 1)
REOPENED = ProofOfUseReopened(grant=GRANT_NAME, revision=1, reason="Belege nachgefordert")


def repaid(amount: int) -> RepaymentRecorded:
    return RepaymentRecorded(grant=GRANT_NAME, repayment="back-1", amount=amount, on=LATER, left=0)


def frozen(*history: Any) -> tuple[Any, ...]:
    return (*history, *GRANT.decide(GRANT.fold(history), freeze()))


def test_amount_and_day_are_corrected_and_the_wrong_ones_stay_known() -> None:
    given(*PAID).when(correct_payout(amount=900_000)).then(unpaid(paid()), LESS)
    sooner = paid(on=date(2024, 1, 31), use_by=date(2024, 3, 31))
    given(*PAID).when(correct_payout(on=date(2024, 1, 31))).then(unpaid(paid()), sooner)
    given(*PAID).when(correct_payout(reason="noch einmal")).then_nothing()
    corrected = (*PAID, unpaid(paid()), LESS)
    given(*corrected).when(correct_payout()).then(unpaid(LESS), paid())
    given(*corrected).when(record_payout(amount=900_000)).then_nothing()
    given(*corrected).when(record_payout()).rejected(PayoutRecordedDifferently)


def test_what_is_reversed_counts_nothing() -> None:
    """Also for a reader that sees the reversal before what follows."""
    assert GRANT.fold((*PAID, unpaid(paid()))) == GRANT.fold((*GRANTED, requested()))
    assert owed([*PAID, unpaid(paid())])[0] == owed([*GRANTED])[0]


def test_only_a_recorded_payout_is_corrected_to_what_might_have_been_recorded() -> None:
    given(*GRANTED).when(correct_payout()).rejected(DrawdownUnknown, drawdown="call-1")
    given(*GRANTED, requested()).when(correct_payout()).rejected(PayoutNotRecorded, drawdown="call-1")
    given(*PAID).when(correct_payout(amount=1_000_001)).rejected(PayoutExceedsDrawdown, amount="10.000,00 EUR")
    early = AWARDED.notice_on - timedelta(days=1)
    given(*PAID).when(correct_payout(on=early)).rejected(MoneyBeforeNotice)
    closed = GrantClosed(grant=GRANT_NAME, paid=0, title=AWARDED.title)
    given(*PAID, closed).when(correct_payout(amount=1)).rejected(GrantIsClosed)


def test_the_day_by_which_to_use_it_is_that_of_the_notice_then() -> None:
    by_three = paid(use_by=date(2024, 6, 20))
    history = (APPLIED, awarded(drawdown_months=3), requested(), by_three, amendment())
    moved = paid(on=date(2024, 3, 31), use_by=date(2024, 6, 30))
    given(*history).when(correct_payout(on=date(2024, 3, 31))).then(unpaid(by_three), moved)


def test_what_the_frozen_proof_of_use_has_stays_until_it_is_opened_again() -> None:
    proved = frozen(*PAID)
    given(*proved).when(correct_payout(amount=900_000)).rejected(PayoutIsProved, drawdown="call-1")
    given(*proved, SUBMITTED).when(correct_payout(on=date(2024, 3, 21))).rejected(PayoutIsProved)
    reopened = (*proved, REOPENED)
    given(*reopened).when(correct_payout(amount=900_000)).then(unpaid(paid()), LESS)
    [again] = GRANT.decide(GRANT.fold((*reopened, unpaid(paid()), LESS)), freeze())
    assert isinstance(again, ProofOfUseFrozen) and again.drawn == 900_000
    last = paid("call-2", 500_000, on=LATER, use_by=date(2025, 5, 1))
    after = (*proved, requested("call-2", 500_000), last)
    right = last.model_copy(update={"amount": 400_000})
    at = {"on": LATER, "at": LONG_AFTER}
    given(*after).when(correct_payout("call-2", 400_000, **at)).then(unpaid(last), right)


def test_no_more_is_paid_back_than_was_paid_out() -> None:
    opened = (*frozen(*PAID), repaid(100_000), REOPENED)
    given(*opened).when(correct_payout(amount=100_000)).then_something()
    given(*opened).when(correct_payout(amount=99_999)).rejected(
        PayoutIsPaidBack, returned="1.000,00 EUR", drawn="999,99 EUR"
    )
    other = (*PAID, requested("call-2", 500_000), paid("call-2", 500_000))
    given(*frozen(*other), repaid(500_001), REOPENED).when(correct_payout(amount=1)).then_something()


def test_no_payout_takes_what_was_called_again_since() -> None:
    short = (*GRANTED, requested(), LESS)
    again = (*short, requested("call-2", 3_050_000))
    given(*short).when(correct_payout()).then_something()
    given(*again).when(correct_payout(amount=950_000)).then_something()
    given(*again).when(correct_payout(amount=950_001)).rejected(PayoutCalledAgain, most="9.500,00 EUR")
    given(*again).when(correct_payout(amount=1)).then_something()
    called_before = (*GRANTED, requested(), requested("call-2", 3_000_000), LESS)
    given(*called_before, amendment(amount=3_000_000)).when(correct_payout()).then_something()


AMOUNT, DAY = st.integers(1, 999_999), st.integers(0, 280).map(lambda days: SPRING + timedelta(days=days))


def payout(name: str, amount: int, on: date) -> PayoutRecorded:
    return paid(name, amount, on=on, use_by=months_after(on, 2))


@examples(wrong=st.tuples(AMOUNT, DAY), right=st.tuples(AMOUNT, DAY), spent=AMOUNT, first=st.booleans())
def test_corrected_is_as_good_as_recorded_at_once(
    wrong: tuple[int, date], right: tuple[int, date], spent: int, first: bool
) -> None:
    mistaken, at_once = (one_of_two(payout("call-1", *said), spent, first) for said in (wrong, right))
    mistaken += GRANT.decide(GRANT.fold(mistaken), correct_payout("call-1", *right))
    assert GRANT.fold(mistaken) == GRANT.fold(at_once)
    for projection in (GRANTS, BUDGET, ENTRIES):
        assert told_by(projection, mistaken) == told_by(projection, at_once)
    assert owed(mistaken) == owed(at_once)
    assert proved(mistaken) == proved(at_once)
    known = [[(datetime(2025, 1, 2, tzinfo=UTC), event) for event in told] for told in (mistaken, at_once)]
    for on in (SPRING, wrong[1], right[1]):
        assert budget(as_of(GRANT_NAME, known[0], on)) == budget(as_of(GRANT_NAME, known[1], on))


def one_of_two(payout: PayoutRecorded, spent: int, first: bool) -> list[Any]:
    """The other is of another amount, and recorded after it or before."""
    other, spending = paid("call-2", 1_000_000), booked(amount=spent)
    payouts = (payout, other) if first else (other, payout)
    return [*GRANTED, requested(), requested("call-2"), *payouts, spending, approved(spending)]


def told_by(projection: Projection, history: list[Event]) -> list[Document]:
    return [{**document, "sequence": 0} for document in shown(projection, history).values()]


def proved(history: list[Event]) -> list[PayoutRecorded]:
    return [entry.event for entry in entries_of(revised(history)).payouts]


def owed(history: list[Event]) -> Any:
    """Of the service, then of the digest."""
    [document] = folded(OBLIGATIONS, history, STREAM).values()
    stages = [(one["obligation"], one["due_on"], one["told"]) for one in still_owed([{**document, "stream": STREAM}])]
    return stages, document["drawn"], owed_by(date(2030, 1, 1), folded(OWED, history, STREAM).values())


def revised(history: list[Any]) -> FrozenRevision:
    said = [(str(number), event) for number, event in enumerate(history)]
    return FrozenRevision(FROZEN, 1, LONG_AFTER, "", said)


@pytest.mark.parametrize("amount", [1, 999_999])
def test_the_proof_of_use_has_the_payout_once_and_as_it_was(amount: int) -> None:
    right = paid(amount=amount)
    [entry] = entries_of(revised([*PAID, unpaid(paid()), right])).payouts
    assert (entry.event, entry.ids) == (right, (str(len(PAID) + 1),))
