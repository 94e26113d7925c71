"""Contracts are used up by the expenses that name them, cost more or less than was thought, and end early."""

from __future__ import annotations

from typing import Any

from services.funding.commitments import COMMITMENTS
from services.funding.domain.availability import GrantExceeded, LineExceeded
from services.funding.domain.commitments import (
    CommitmentBelowPayments,
    CommitmentCancelledDifferently,
    CommitmentExceeded,
    CommitmentIsCancelled,
    CommitmentOfAnotherLine,
    CommitmentRegisteredDifferently,
    CommitmentUnknown,
)
from services.funding.projections import BUDGET, GRANTS
from shared.contracts.funding import CommitmentCancelled, CommitmentCorrected, Procurement
from shared.kernel.decider import Event
from tests.funding.stuttgart import (
    FACILITATION,
    GRANT_NAME,
    GRANTED,
    MATERIAL,
    STREAM,
    WORKSHOP,
    amendment,
    approved,
    book,
    booked,
    cancel_commitment,
    commit,
    committed,
    correct,
    correct_commitment,
    given,
    reversed_,
    shown,
    warned,
)

CONTRACT = (*GRANTED, committed(amount=500_000))
PART = booked("expense-1", FACILITATION, amount=400_000, commitment="contract-1")


def corrected(amount: int, was: int = 500_000) -> CommitmentCorrected:
    return CommitmentCorrected(
        grant=GRANT_NAME, commitment="contract-1", line="facilitation", amount=amount, was=was, reason="Nachtrag"
    )


def cancelled(unpaid: int) -> CommitmentCancelled:
    return CommitmentCancelled(
        grant=GRANT_NAME, commitment="contract-1", line="facilitation", unpaid=unpaid, reason="gekündigt"
    )


def test_an_expense_uses_up_the_contract_that_it_names() -> None:
    given(*CONTRACT).when(book("expense-1", FACILITATION, amount=400_000, commitment="contract-1")).then(PART)
    rest: dict[str, Any] = {"line": FACILITATION, "commitment": "contract-1"}
    given(*CONTRACT, PART).when(book("expense-2", amount=100_000, **rest)).then(
        booked("expense-2", amount=100_000, **rest)
    )
    given(*CONTRACT, PART).when(book("expense-2", amount=100_001, **rest)).rejected(
        CommitmentExceeded, commitment="contract-1", left="1.000,00 EUR"
    )


def test_a_contract_is_known_stands_and_is_of_the_line() -> None:
    given(*GRANTED).when(book(commitment="contract-1")).rejected(CommitmentUnknown, commitment="contract-1")
    given(*CONTRACT).when(book(line=WORKSHOP, commitment="contract-1")).rejected(
        CommitmentOfAnotherLine, line="facilitation"
    )
    given(*CONTRACT, cancelled(500_000)).when(book(line=FACILITATION, commitment="contract-1")).rejected(
        CommitmentIsCancelled
    )


def test_a_contract_costs_what_was_said_last() -> None:
    given(*CONTRACT, PART).when(correct_commitment(600_000)).then(corrected(600_000))
    given(*CONTRACT, PART).when(correct_commitment(400_000)).then(corrected(400_000))
    given(*CONTRACT, PART).when(correct_commitment(500_000)).then_nothing()
    given(*CONTRACT, PART).when(correct_commitment(399_999)).rejected(CommitmentBelowPayments, paid="4.000,00 EUR")
    given(*CONTRACT, corrected(600_000)).when(correct_commitment(700_000)).then(corrected(700_000, was=600_000))
    given(*GRANTED).when(correct_commitment(1)).rejected(CommitmentUnknown)


def test_a_contract_is_registered_again_as_it_is_and_not_as_it_was() -> None:
    was, now = commit(amount=500_000), commit(amount=600_000)
    given(*CONTRACT, corrected(600_000)).when(now).then_nothing()
    given(*CONTRACT, corrected(600_000)).when(was).rejected(CommitmentRegisteredDifferently, commitment="contract-1")
    given(*CONTRACT, cancelled(500_000)).when(was).rejected(CommitmentIsCancelled, commitment="contract-1")


def test_a_cancelled_contract_leaves_what_was_paid() -> None:
    given(*CONTRACT, PART).when(cancel_commitment()).then(cancelled(100_000))
    given(*CONTRACT, cancelled(500_000)).when(cancel_commitment()).then_nothing()
    other = cancel_commitment(reason="zurückgetreten")
    given(*CONTRACT, cancelled(500_000)).when(other).rejected(CommitmentCancelledDifferently, commitment="contract-1")
    given(*CONTRACT, cancelled(500_000)).when(correct_commitment(1)).rejected(CommitmentIsCancelled)
    given(*GRANTED).when(cancel_commitment()).rejected(CommitmentUnknown)


def test_a_reversed_expense_opens_its_contract_again_while_that_stands() -> None:
    given(*CONTRACT, PART).when(correct()).then(reversed_(PART).model_copy(update={"commitment": "contract-1"}))
    given(*CONTRACT, PART, cancelled(100_000)).when(correct()).then(reversed_(PART))
    reopened = (*CONTRACT, PART, reversed_(PART).model_copy(update={"commitment": "contract-1"}))
    again: dict[str, Any] = {"line": FACILITATION, "commitment": "contract-1", "amount": 500_000}
    given(*reopened).when(book("expense-2", **again)).then(booked("expense-2", **again))


def test_what_a_contract_will_cost_is_spent_by_nothing_else() -> None:
    """Of the line 36,000.00 EUR with its tolerance, 30,000.00 are contracted; of the grant 40,000.00."""
    history = (*GRANTED, committed(amount=3_000_000))
    given(*history).when(book(line=FACILITATION, amount=600_001)).rejected(LineExceeded, left="6.000,00 EUR")
    given(*history).when(book(line=FACILITATION, amount=600_000)).then(booked(line=FACILITATION, amount=600_000))
    spent = booked(line=WORKSHOP, amount=700_000)
    given(*history, spent).when(book("expense-2", MATERIAL, amount=300_001)).rejected(
        GrantExceeded, left="3.000,00 EUR"
    )
    own: dict[str, Any] = {"line": FACILITATION, "amount": 3_000_000, "commitment": "contract-1"}
    given(*history, spent).when(book("expense-2", **own)).then(
        booked("expense-2", **own), warned(FACILITATION, 3_000_000)
    )


def test_nobody_contracts_for_more_than_is_left() -> None:
    spent = booked(line=FACILITATION, amount=600_000)
    given(*GRANTED, spent).when(commit(amount=3_000_001)).rejected(LineExceeded, left="30.000,00 EUR")
    given(*GRANTED, spent).when(commit(amount=3_000_000)).then(committed(amount=3_000_000))
    given(*CONTRACT, PART, spent.model_copy(update={"expense": "expense-2"})).when(
        correct_commitment(3_000_001)
    ).rejected(LineExceeded, left="26.000,00 EUR")
    given(*CONTRACT, PART).when(correct_commitment(3_600_000)).then(corrected(3_600_000))


def facilitation_after(*history: Event) -> tuple[int, int, int]:
    line = shown(BUDGET, history)[STREAM]["lines"][0]
    return line["contracted"], line["committed"], line["free"]


def test_what_contracts_will_cost_yet_is_not_left_for_others() -> None:
    assert facilitation_after(*CONTRACT) == (500_000, 500_000, 2_500_000)
    assert facilitation_after(*CONTRACT, PART) == (500_000, 100_000, 2_500_000)
    assert facilitation_after(*CONTRACT, PART, approved(PART), corrected(600_000)) == (600_000, 200_000, 2_400_000)
    assert facilitation_after(*CONTRACT, PART, cancelled(100_000)) == (400_000, 0, 2_600_000)
    assert shown(GRANTS, (*CONTRACT, PART, cancelled(100_000)))[STREAM]["committed"] == 0
    assert shown(GRANTS, (*CONTRACT, PART))[STREAM]["committed"] == 100_000
    undone = reversed_(PART).model_copy(update={"commitment": "contract-1"})
    assert facilitation_after(*CONTRACT, PART, undone) == (500_000, 500_000, 2_500_000)


def contract_after(*history: Event) -> tuple[str, int, int, int, str | None]:
    [(key, contract)] = shown(COMMITMENTS, (*CONTRACT, *history)).items()
    assert key == f"{STREAM}/contract-1"
    return (*(contract[name] for name in ("state", "amount", "paid", "left")), contract["reason"])


def test_a_contract_shows_what_is_left_of_it_and_why_it_is_so() -> None:
    rest = booked("expense-2", FACILITATION, amount=100_000, commitment="contract-1")
    undone = reversed_(PART).model_copy(update={"commitment": "contract-1"})
    assert contract_after() == ("planned", 500_000, 0, 500_000, None)
    assert contract_after(booked(amount=7)) == contract_after(), "pays no contract"
    assert contract_after(PART) == ("planned", 500_000, 400_000, 100_000, None)
    assert contract_after(PART, rest) == ("consumed", 500_000, 500_000, 0, None)
    assert contract_after(PART, rest, undone) == ("planned", 500_000, 100_000, 400_000, None)
    assert contract_after(PART, corrected(600_000)) == ("corrected", 600_000, 400_000, 200_000, "Nachtrag")
    assert contract_after(PART, corrected(400_000)) == ("consumed", 400_000, 400_000, 0, "Nachtrag")
    assert contract_after(PART, cancelled(100_000)) == ("cancelled", 500_000, 400_000, 0, "gekündigt")


def test_how_a_contract_came_about_stays_where_its_correction_says_nothing_of_it() -> None:
    first, other = (Procurement(way=way) for way in ("direct_order", "negotiated"))
    registered = committed(amount=500_000, procurement=first)
    for said, known in ((None, first), (other, other)):
        [contract] = shown(
            COMMITMENTS, [*GRANTED, registered, corrected(600_000).model_copy(update={"procurement": said})]
        ).values()
        assert contract["procurement"] == known.model_dump(mode="json")
    [silent] = shown(COMMITMENTS, CONTRACT).values()
    assert silent["procurement"] is None


def test_a_contract_that_is_paid_in_full_binds_not_a_cent_more() -> None:
    history = (*CONTRACT, booked("expense-1", FACILITATION, amount=500_000, commitment="contract-1"))
    given(*history).when(book("expense-2", FACILITATION, amount=1, commitment="contract-1")).rejected(
        CommitmentExceeded, left="0,00 EUR"
    )
    given(*history).when(book("expense-2", FACILITATION, amount=3_100_000)).then_something()
    given(*history).when(book("expense-2", FACILITATION, amount=3_100_001)).rejected(LineExceeded)
    rest = (booked("expense-2", FACILITATION, amount=2_500_000), booked("expense-3", WORKSHOP, amount=700_000))
    given(*history, *rest).when(book("expense-4", MATERIAL, amount=300_000)).then_something()


def test_a_contract_beyond_a_later_plan_can_be_noted_anew_and_lowered() -> None:
    lines = (FACILITATION.model_copy(update={"amount": 100_000}), WORKSHOP, MATERIAL)
    history = (*CONTRACT, amendment(amount=1_100_000, lines=lines))
    noted = Procurement(way="direct_order")
    same = correct_commitment(500_000).model_copy(update={"procurement": noted})
    given(*history).when(same).then(corrected(500_000).model_copy(update={"procurement": noted}))
    given(*history).when(correct_commitment(499_999)).then(corrected(499_999))
    given(*history).when(correct_commitment(500_001)).rejected(LineExceeded, left="1.200,00 EUR")
