"""The proof of use: its figures add up, stand still, and nothing is booked afterwards."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.funding.domain.grant import ProofOfUseIsFrozen
from services.funding.domain.proof import ExpensesNotApproved, PeriodNotOver, ProofOfUseNotFrozen, ReversalsNotApproved
from shared.contracts.funding import ProofLine, ProofOfUseFrozen, ProofOfUseSubmitted
from tests.funding.stuttgart import (
    AWARDED,
    FACILITATION,
    GRANT_NAME,
    GRANTED,
    amend,
    approve,
    approved,
    book,
    booked,
    cancel_commitment,
    commit,
    correct,
    freeze,
    given,
    paid,
    rendered,
    requested,
    reversal_requested,
    reverse_hours,
    reversed_,
    submit,
    work,
)

FACILITATED = booked("expense-1", FACILITATION, amount=1_234_567)
WORKSHOP_HELD = booked("expense-2", amount=89)
MISTAKEN = booked("expense-3", amount=500)
BOOKED = (
    *GRANTED,
    *(FACILITATED, approved(FACILITATED)),
    *(WORKSHOP_HELD, approved(WORKSHOP_HELD)),
    *(MISTAKEN, reversed_(MISTAKEN)),
    rendered(),
    *(requested(), paid()),
    requested("call-2", 5),
)
FROZEN = ProofOfUseFrozen(
    grant=GRANT_NAME,
    lines=(
        ProofLine(line="facilitation", planned=3_000_000, spent=1_234_567),
        ProofLine(line="workshop", planned=700_000, spent=89),
        ProofLine(line="material", planned=300_000, spent=0),
    ),
    awarded=4_000_000,
    spent=1_234_656,
    unspent=2_765_344,
    drawn=1_000_000,
    own_contribution_due=1_000_000,
    own_contribution=9_413,
    receipts=2,
    due=date(2025, 6, 30),
    payable=995_255,  # 80 percent of 12,346.56 EUR spent and hours of 94.13
    revision=1,
)
SUBMITTED = ProofOfUseSubmitted(grant=GRANT_NAME, on=date(2025, 1, 2), title=AWARDED.title, due=AWARDED.proof_due)


def test_the_figures_are_frozen_once() -> None:
    given(*BOOKED).when(freeze()).then(FROZEN)
    given(*BOOKED, FROZEN).when(freeze()).then_nothing()


def test_every_standing_expense_is_approved_first() -> None:
    history = (*BOOKED, booked("expense-4"), booked("expense-5"))
    given(*history).when(freeze()).rejected(ExpensesNotApproved, number=2)
    undone = (reversed_(booked("expense-4")), reversed_(booked("expense-5")))
    given(*history, *undone).when(freeze()).then(FROZEN)


def test_no_reversal_waits_for_its_approval() -> None:
    given(*BOOKED, reversal_requested()).when(freeze()).rejected(ReversalsNotApproved, number=1)
    given(*BOOKED, reversal_requested(), reversed_(FACILITATED, was_approved=True)).when(freeze()).then_something()


def test_the_period_ends_at_midnight_in_berlin() -> None:
    last_minute = datetime(2024, 12, 31, 22, 59, tzinfo=UTC)
    given(*BOOKED).when(freeze(at=last_minute)).rejected(PeriodNotOver, end="31.12.2024")
    given(*BOOKED).when(freeze(at=datetime(2024, 12, 31, 23, 0, tzinfo=UTC))).then(FROZEN)


@pytest.mark.parametrize(
    "command",
    [
        commit(),
        book("expense-9"),
        approve("expense-1"),
        correct("expense-1"),
        work("hours-9"),
        cancel_commitment(),
        reverse_hours(),
        amend(),
    ],
)
def test_nothing_is_booked_after_the_proof_is_frozen(command: Any) -> None:
    given(*BOOKED, FROZEN).when(command).rejected(ProofOfUseIsFrozen, grant=GRANT_NAME)


def test_a_frozen_proof_is_submitted_once() -> None:
    given(*BOOKED).when(submit()).rejected(ProofOfUseNotFrozen, grant=GRANT_NAME)
    given(*BOOKED, FROZEN).when(submit()).then(SUBMITTED)
    a_day_later = datetime(2025, 1, 3, 9, 0, tzinfo=UTC)
    given(*BOOKED, FROZEN, SUBMITTED).when(submit(at=a_day_later)).then_nothing()
