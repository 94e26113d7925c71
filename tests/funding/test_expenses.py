"""Expenses: inside the period, for the line's purpose, within plan and total, approved by somebody else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.funding.domain.availability import GrantExceeded, LineExceeded
from services.funding.domain.commitments import CommitmentBeforeStart, CommitmentRegisteredDifferently
from services.funding.domain.expenses import (
    BookerMayNotApprove,
    ExpenseAlreadyApproved,
    ExpenseBookedDifferently,
    ExpenseIsReversed,
    ExpenseOutsidePeriod,
    ExpenseUnknown,
    PurposeNotOfLine,
)
from services.funding.domain.notice import PlanLineUnknown
from services.funding.domain.receipts import ReceiptAlreadyBooked
from services.funding.domain.reversals import ApproveReversal, RequesterMayNotApprove, ReversalNotRequested
from shared.kernel.rejections import Kind
from tests.funding.stuttgart import (
    APPLIED,
    FACILITATION,
    GRANTED,
    MATERIAL,
    WORKSHOP,
    approve,
    approve_reversal,
    approved,
    awarded,
    book,
    booked,
    commit,
    committed,
    correct,
    given,
    reversal_requested,
    reversed_,
    warned,
)

TOO_EARLY = date(2023, 10, 31)
TOO_LATE = date(2025, 1, 1)


def test_a_commitment_is_registered_once() -> None:
    given(*GRANTED).when(commit()).then(committed())
    given(*GRANTED, committed()).when(commit()).then_nothing()
    given(*GRANTED, committed(), committed("contract-2")).when(commit()).then_nothing()
    given(*GRANTED, committed()).when(commit(amount=1)).rejected(
        CommitmentRegisteredDifferently, commitment="contract-1"
    )
    given(*GRANTED).when(commit(line="plenary")).rejected(PlanLineUnknown, line="plenary")


def test_nothing_is_committed_before_the_notice_or_the_early_start() -> None:
    notice_day, day_before = date(2023, 10, 20), date(2023, 10, 19)
    given(*GRANTED).when(commit(on=notice_day)).then(committed(on=notice_day))
    given(*GRANTED).when(commit(on=day_before)).rejected(CommitmentBeforeStart, day="19.10.2023", earliest="20.10.2023")
    early = (APPLIED, awarded(early_start=date(2023, 10, 19)))
    given(*early).when(commit(on=day_before)).then(committed(on=day_before))
    given(*early).when(commit(on=date(2023, 10, 18))).rejected(CommitmentBeforeStart)
    late = (APPLIED, awarded(early_start=date(2023, 11, 1)))
    given(*late).when(commit(on=notice_day)).then(committed(on=notice_day))


def test_an_expense_is_booked_once() -> None:
    given(*GRANTED).when(book()).then(booked())
    given(*GRANTED, booked()).when(book()).then_nothing()
    given(*GRANTED, booked()).when(book(by="clerk")).then_nothing()
    given(*GRANTED, booked()).when(book(amount=99)).rejected(ExpenseBookedDifferently, expense="expense-1")
    given(*GRANTED, booked(), reversed_(booked())).when(book()).rejected(ExpenseIsReversed)


@pytest.mark.parametrize("day", [date(2023, 11, 1), date(2024, 12, 31)])
def test_the_first_and_the_last_day_belong_to_the_period(day: date) -> None:
    given(*GRANTED).when(book(service_on=day, paid_on=day)).then(booked(service_on=day, paid_on=day))


@pytest.mark.parametrize("field", ["service_on", "paid_on"])
@pytest.mark.parametrize("day", [TOO_EARLY, TOO_LATE])
def test_service_and_payment_both_lie_in_the_period(field: str, day: date) -> None:
    days: dict[str, Any] = {field: day}
    given(*GRANTED).when(book(**days)).rejected(
        ExpenseOutsidePeriod, day=f"{day:%d.%m.%Y}", start="01.11.2023", end="31.12.2024"
    )


def test_the_clerk_reads_why_an_expense_is_refused() -> None:
    no = ExpenseOutsidePeriod(day="01.01.2025", start="01.11.2023", end="31.12.2024")
    assert no.detail == (
        "Die Ausgabe vom 01.01.2025 liegt außerhalb des Bewilligungszeitraums vom 01.11.2023 bis 31.12.2024."
    )


def test_an_expense_serves_the_purpose_of_its_line() -> None:
    given(*GRANTED).when(book(purpose="plenary")).rejected(PurposeNotOfLine, line="workshop", purpose="plenary")
    given(*GRANTED).when(book(line=FACILITATION, purpose="workshop")).rejected(PurposeNotOfLine)
    unknown = WORKSHOP.model_copy(update={"line": "plenary"})
    given(*GRANTED).when(book(line=unknown)).rejected(PlanLineUnknown)


def test_a_receipt_is_booked_once() -> None:
    first, again = booked(receipt_number="R 1"), booked("expense-2", receipt_number="R 1")
    given(*GRANTED, first).when(book("expense-2", receipt_number="R 1")).rejected(
        ReceiptAlreadyBooked, receipt_number="R 1", expense="expense-1"
    )
    given(*GRANTED, first, reversed_(first)).when(book("expense-2", receipt_number="R 1")).then(again)


def test_expenses_never_exceed_the_grant() -> None:
    full = (
        booked("expense-1", FACILITATION, amount=3_200_000),
        booked("expense-2", WORKSHOP, amount=700_000),
    )
    marks = (warned(FACILITATION, 3_200_000), warned(WORKSHOP, 700_000))
    last = booked("expense-3", MATERIAL, amount=100_000)
    given(*GRANTED, *full, *marks).when(book("expense-3", MATERIAL, amount=100_000)).then(last)
    given(*GRANTED, *full, *marks).when(book("expense-3", MATERIAL, amount=100_001)).rejected(
        GrantExceeded, left="1.000,00 EUR"
    )


def test_a_line_exceeds_its_amount_within_the_tolerance_only() -> None:
    given(*GRANTED).when(book(amount=840_000)).then(booked(amount=840_000), warned(WORKSHOP, 840_000))
    given(*GRANTED).when(book(amount=840_001)).rejected(LineExceeded, limit="8.400,00 EUR", left="8.400,00 EUR")
    given(*GRANTED, booked(amount=1)).when(book("expense-2", amount=840_000)).rejected(LineExceeded)
    fixed_sum = (APPLIED, awarded(line_tolerance_percent=0))
    given(*fixed_sum).when(book(amount=700_001)).rejected(LineExceeded, limit="7.000,00 EUR")


def test_a_line_warns_once_when_it_reaches_its_mark() -> None:
    below = booked(amount=559_999)
    given(*GRANTED).when(book(amount=559_999)).then(below)
    second = booked("expense-2", amount=1)
    given(*GRANTED, below).when(book("expense-2", amount=1)).then(second, warned(WORKSHOP, 560_000))
    history = (*GRANTED, below, second, warned(WORKSHOP, 560_000))
    given(*history).when(book("expense-3")).then(booked("expense-3"))
    cleared = (*history, reversed_(second))
    given(*cleared).when(book("expense-3", amount=2)).then(booked("expense-3", amount=2))
    given(APPLIED, awarded(warn_percent=100)).when(book(amount=699_999)).then(booked(amount=699_999))


def test_one_line_does_not_warn_for_another() -> None:
    history = (*GRANTED, booked(amount=600_000), warned(WORKSHOP, 600_000))
    given(*history).when(book("expense-2", MATERIAL, amount=240_000)).then(
        booked("expense-2", MATERIAL, amount=240_000), warned(MATERIAL, 240_000)
    )


def test_who_booked_may_not_approve() -> None:
    given(*GRANTED, booked()).when(approve()).then(approved(booked()))
    given(*GRANTED, booked()).when(approve(by="office")).rejected(BookerMayNotApprove, expense="expense-1")
    assert BookerMayNotApprove.kind is Kind.FORBIDDEN


def test_an_expense_is_approved_once() -> None:
    given(*GRANTED, booked(), approved(booked())).when(approve()).rejected(ExpenseAlreadyApproved)
    given(*GRANTED).when(approve()).rejected(ExpenseUnknown, expense="expense-1")


def test_a_correction_reverses_and_its_money_returns() -> None:
    full = booked(amount=840_000)
    history = [*GRANTED, full, warned(WORKSHOP, 840_000)]
    given(*history).when(book("expense-2", amount=1)).rejected(LineExceeded)
    given(*history).when(correct()).then(reversed_(full))
    given(*history, reversed_(full)).when(book("expense-2", amount=840_000)).then(booked("expense-2", amount=840_000))


def test_what_two_people_have_approved_two_people_reverse() -> None:
    full = booked(amount=840_000)
    history = [*GRANTED, full, warned(WORKSHOP, 840_000), approved(full)]
    asked = [*history, reversal_requested()]
    given(*history).when(correct()).then(reversal_requested())
    given(*history).when(approve_reversal()).rejected(ReversalNotRequested, expense="expense-1")
    given(*asked).when(correct()).then_nothing()
    given(*asked).when(book("expense-2", amount=1)).rejected(LineExceeded)
    given(*asked).when(approve_reversal(by="office")).rejected(RequesterMayNotApprove, expense="expense-1")
    given(*asked).when(approve_reversal()).then(reversed_(full, was_approved=True))
    assert RequesterMayNotApprove.kind is Kind.FORBIDDEN
    assert ApproveReversal.given_by == "approver"


def test_who_asks_last_is_who_may_not_approve_a_reversal() -> None:
    history = [*GRANTED, booked(), approved(booked()), reversal_requested()]
    again = reversal_requested("doppelt gebucht", by="approver")
    given(*history).when(correct(reason="doppelt gebucht", by="approver")).then(again)
    given(*history, again).when(approve_reversal()).rejected(RequesterMayNotApprove)
    done = reversed_(booked(), was_approved=True).model_copy(
        update={"reason": "doppelt gebucht", "approved_by": "approver-2"}
    )
    given(*history, again).when(approve_reversal(by="approver-2")).then(done)


def test_a_reversed_expense_is_done_with() -> None:
    history = (*GRANTED, booked(), reversed_(booked()))
    given(*history).when(approve()).rejected(ExpenseIsReversed, expense="expense-1")
    given(*history).when(correct()).rejected(ExpenseIsReversed)
    given(*history).when(approve_reversal()).rejected(ExpenseIsReversed)
    given(*GRANTED).when(correct()).rejected(ExpenseUnknown)
