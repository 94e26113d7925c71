"""A receipt counts once, however its number is typed, and no further than its own amount."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from services.funding.domain.grant import GRANT, GrantEvent
from services.funding.domain.receipts import (
    PartExceedsReceipt,
    ReceiptAlreadyBooked,
    ReceiptAmountDiffers,
    ReceiptExceeded,
)
from services.funding.domain.terms import DayLiesAhead
from shared.contracts.funding import PlanLine
from shared.kernel.rejections import Rejected
from tests.funding.stuttgart import FACILITATION, GRANTED, MATERIAL, SPRING, book, booked, given, reversed_, work

WHOLE = 90_000
NUMBER = "RE-2024 / 17a"


@pytest.mark.parametrize(
    "typed",
    ["re-2024 / 17A", "RE2024/17a", "RE – 2024/17a", "RE\u22122024/17a", "ＲＥ-２０２４/17a", "RE-2024\u00a0/17a"],
    ids=["case", "no blanks", "another dash", "a minus sign", "wide", "a hard blank"],
)
def test_the_same_receipt_typed_otherwise_is_the_same(typed: str) -> None:
    first = booked(receipt_number=NUMBER)
    again = book("expense-2", receipt_number=typed)
    given(*GRANTED, first).when(again).rejected(ReceiptAlreadyBooked, receipt_number=typed, expense="expense-1")


@pytest.mark.parametrize("other", [{"receipt_number": "RE-2024/17b"}, {"payee": "payee-8"}])
def test_another_number_or_another_payee_is_another_receipt(other: dict[str, str]) -> None:
    told: dict[str, Any] = {"receipt_number": NUMBER, **other}
    given(*GRANTED, booked(receipt_number=NUMBER)).when(book("expense-2", **told)).then(booked("expense-2", **told))


def part(name: str, amount: int, line: PlanLine = MATERIAL, whole: int | None = WHOLE) -> dict[str, Any]:
    return {"name": name, "line": line, "amount": amount, "receipt_number": NUMBER, "receipt_amount": whole}


def test_a_receipt_is_split_up_to_its_amount() -> None:
    first, second = part("expense-1", 50_000), part("expense-2", 40_000, FACILITATION)
    given(*GRANTED).when(book(**first)).then(booked(**first))
    given(*GRANTED, booked(**first)).when(book(**second)).then(booked(**second))
    given(*GRANTED, booked(**first)).when(book(**part("expense-2", 40_001))).rejected(
        ReceiptExceeded, left="400,00 EUR"
    )
    given(*GRANTED).when(book(**part("expense-1", 90_001))).rejected(
        PartExceedsReceipt, amount="900,01 EUR", receipt_amount="900,00 EUR"
    )
    gone = (*GRANTED, booked(**first), reversed_(booked(**first)))
    given(*gone).when(book(**part("expense-2", 90_000))).then(booked(**part("expense-2", 90_000)))


def test_every_part_says_the_same_amount() -> None:
    first = booked(**part("expense-1", 50_000))
    given(*GRANTED, first).when(book(**part("expense-2", 1, whole=90_001))).rejected(
        ReceiptAmountDiffers, expense="expense-1", amount="900,00 EUR"
    )
    given(*GRANTED, first).when(book(**part("expense-2", 1, whole=None))).rejected(ReceiptAlreadyBooked)
    whole = booked(**part("expense-1", 50_000, whole=None))
    given(*GRANTED, whole).when(book(**part("expense-2", 1))).rejected(ReceiptAlreadyBooked)


@examples(st.lists(st.tuples(st.integers(1, 60_000), st.booleans()), max_size=12))
def test_the_parts_never_exceed_the_receipt(steps: list[tuple[int, bool]]) -> None:
    history: list[GrantEvent] = [*GRANTED]
    for number, (amount, undo) in enumerate(steps):
        state = GRANT.fold(history)
        try:
            history += GRANT.decide(state, book(**part(f"expense-{number}", amount)))
        except Rejected:
            assert amount > WHOLE - state.book.spent
            continue
        if undo:
            history.append(reversed_(booked(**part(f"expense-{number}", amount))))
    assert GRANT.fold(history).book.spent <= WHOLE


def test_what_has_not_happened_yet_is_not_entered() -> None:
    yesterday = datetime(2024, 3, 19, 12, 0, tzinfo=UTC)
    given(*GRANTED).when(book(at=yesterday)).rejected(DayLiesAhead, day="20.03.2024")
    earlier = date(2024, 3, 19)
    given(*GRANTED).when(book(service_on=earlier, at=yesterday)).rejected(DayLiesAhead)
    given(*GRANTED).when(book(service_on=earlier, paid_on=earlier, at=yesterday)).then(
        booked(service_on=earlier, paid_on=earlier)
    )
    given(*GRANTED).when(work(at=yesterday)).rejected(DayLiesAhead)
    assert earlier < SPRING
