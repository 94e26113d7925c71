"""How a contract came about is kept with it; what the notice asks for is there, or a reason says why not."""

from __future__ import annotations

from typing import Any

import pytest

from services.funding.domain.commitments import CommitmentRegisteredDifferently
from services.funding.domain.procurement import BidderRepeated, ContractorMadeNoOffer, TooFewOffers, WayNotNamed
from shared.contracts.funding import CommitmentCorrected, Offer, OffersAsked, Procurement
from shared.kernel.rejections import Rejected
from tests.funding.stuttgart import APPLIED, GRANT_NAME, GRANTED, awarded, commit, committed, correct_commitment, given

FIRST, SECOND, THIRD = (Offer(bidder=f"payee-{at}", amount=500_000 + at) for at in (1, 2, 3))
STRICT = (APPLIED, awarded(offers=OffersAsked(number=3, from_amount=500_000)))


def procured(*offers: Offer, way: Any = "negotiated", **fields: Any) -> Procurement:
    return Procurement(way=way, offers=offers or None, **fields)


def test_a_contract_keeps_how_it_came_about() -> None:
    how = procured(FIRST, SECOND, contract="SO-118", contractor="payee-2", reason="wirtschaftlicher")
    given(*GRANTED).when(commit(procurement=how)).then(committed(procurement=how))
    given(*GRANTED, committed(procurement=how)).when(commit(procurement=procured(FIRST))).rejected(
        CommitmentRegisteredDifferently
    )


def test_it_is_corrected_as_a_whole_and_stays_where_it_is_not() -> None:
    how, other = procured(FIRST), procured(FIRST, SECOND)
    history = (*GRANTED, committed(procurement=how))
    changed = CommitmentCorrected(
        grant=GRANT_NAME,
        commitment="contract-1",
        line="facilitation",
        amount=500_000,
        was=500_000,
        reason="Nachtrag",
        procurement=other,
    )
    again = correct_commitment(500_000).model_copy(update={"procurement": other})
    given(*history).when(again).then(changed)
    given(*history, changed).when(again).then_nothing()
    dearer = changed.model_copy(update={"amount": 600_000, "procurement": None})
    given(*history, dearer).when(correct_commitment(600_000)).then_nothing()
    given(*history, changed, dearer).when(
        correct_commitment(600_000).model_copy(update={"procurement": other})
    ).then_nothing()


def test_the_notice_says_from_which_amount_how_many_offers_are_asked_for() -> None:
    few, all_ = procured(FIRST, SECOND), procured(FIRST, SECOND, THIRD)
    given(*STRICT).when(commit(procurement=few)).rejected(TooFewOffers, amount="5.000,00 EUR", asked=3, offers=2)
    given(*STRICT).when(commit()).rejected(TooFewOffers, offers=0)
    given(*STRICT).when(commit(procurement=all_)).then(committed(procurement=all_))
    given(*STRICT).when(commit(amount=499_999)).then(committed(amount=499_999))
    reasoned = procured(FIRST, way="direct_order", reason="nur einer kann es")
    given(*STRICT).when(commit(procurement=reasoned)).then(committed(procurement=reasoned))
    given(*GRANTED).when(commit(procurement=few)).then(committed(procurement=few))


@pytest.mark.parametrize(
    ("how", "rejection"),
    [
        (procured(FIRST, SECOND, contractor="payee-3"), ContractorMadeNoOffer),
        (procured(FIRST, FIRST), BidderRepeated),
        (procured(way="other"), WayNotNamed),
    ],
)
def test_what_does_not_hold_together_is_refused(how: Procurement, rejection: type[Rejected]) -> None:
    given(*GRANTED).when(commit(procurement=how)).rejected(rejection)
    corrected = correct_commitment(500_000).model_copy(update={"procurement": how})
    given(*GRANTED, committed()).when(corrected).rejected(rejection)


def test_what_is_said_of_it_needs_nothing_that_is_not_known() -> None:
    """A contractor without offers, and another way of award with its reason."""
    for how in (procured(contractor="payee-3"), procured(way="other", reason="Rahmenvertrag")):
        given(*GRANTED).when(commit(procurement=how)).then(committed(procurement=how))
