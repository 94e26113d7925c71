"""What booking an expense does to the claim of its receipt: kept exactly as long as the expense may count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.funding.booking import Booking
from services.funding.domain.availability import LineExceeded
from services.funding.domain.expenses import BookExpense, ExpenseIsReversed
from services.funding.domain.receipts import (
    RECEIPT,
    ReceiptAlreadyBooked,
    ReceiptAmountDiffers,
    ReceiptExceeded,
    ReceiptIsClaimed,
)
from services.funding.service import SERVICE
from shared.kernel.decider import Command
from shared.kernel.identifiers import stream_name
from shared.kernel.rejections import Busy, Rejected
from shared.runtime.commands.claims import PATIENCE
from shared.runtime.commands.execute import Answer, Executor, Request
from tests.contracts.test_claims import LATER, Kept, Stopped, Stopping, two_grants
from tests.funding.stuttgart import WORKSHOP, approve, approve_reversal, book, correct
from tests.funding.test_receipts_over_grants import GRANTS, NUMBER, RECEIPT_ID, WHOLE, about
from tests.kit.when import CONFERENCE

ELSEWHERE = GRANTS[1]


def expense(name: str = "expense-1", grant: str = GRANTS[0], **fields: Any) -> Command:
    return about(grant, book(name, **{"receipt_number": NUMBER, "amount": WHOLE, **fields}))


async def claimed(executor: Executor) -> dict[str, list[str | None]]:
    """By expense the tries that have a claim on the receipt."""
    receipt = await executor.state(RECEIPT, stream_name(CONFERENCE, "receipt", RECEIPT_ID))
    return {name: [*tries] for (_, name), tries in receipt.tries.items()}


def trying(key: str) -> str:
    return Request(key).first_event


class Overtaken(Executor):
    """Another expense takes the line's money between the claim and the booking."""

    async def execute(self, command: Command, request: Request) -> Answer:
        if isinstance(command, BookExpense):
            await super().execute(book("quick", amount=WORKSHOP.amount), Request("quick"))
        return await super().execute(command, request)


class Contended(Executor):
    """The grant's stream is too busy for the booking."""

    async def execute(self, command: Command, request: Request) -> Answer:
        if isinstance(command, BookExpense):
            raise Busy
        return await super().execute(command, request)


class Unheard(Executor):
    """The booking is done, and its answer is lost."""

    async def execute(self, command: Command, request: Request) -> Answer:
        answer = await super().execute(command, request)
        if isinstance(command, BookExpense):
            raise Busy
        return answer


@pytest.mark.parametrize(
    ("kind", "why", "left"),
    [
        (Overtaken, LineExceeded, {}),
        (Contended, Busy, {}),
        (Unheard, Busy, {"expense-1": [trying("try")]}),
    ],
    ids=["refused", "too busy", "booked and not heard"],
)
async def test_a_claim_is_released_when_its_expense_is_not_booked_and_only_then(
    kind: Callable[..., Executor], why: type[Exception], left: dict[str, list[str]]
) -> None:
    journal = Kept()
    await two_grants(journal)
    executor = kind(journal, SERVICE.decided_by, lambda: None)
    with pytest.raises(why):
        await Booking(executor).execute(expense(amount=200_000), Request("try"))
    assert await claimed(executor) == left


async def test_a_try_that_is_refused_leaves_the_claim_of_another_try() -> None:
    journal = Kept()
    await two_grants(journal)
    for kind, key, why in ((Stopping, "first", Stopped), (Overtaken, "second", LineExceeded)):
        with pytest.raises(why):
            await Booking(kind(journal, SERVICE.decided_by, lambda: None)).execute(
                expense(amount=200_000), Request(key)
            )
    assert await claimed(Executor(journal, SERVICE.decided_by, lambda: None)) == {"expense-1": [trying("first")]}


async def test_a_request_that_was_executed_has_its_answer_again_also_after_the_reversal() -> None:
    executor = await two_grants(Kept())
    booking = Booking(executor)
    first = await booking.execute(expense(), Request("try"))
    await booking.execute(correct(), Request("undo"))
    again = await booking.execute(expense(), Request("try"))
    assert (again.events, again.replayed) == (first.events, True)
    with pytest.raises(ExpenseIsReversed):
        await booking.execute(expense(), Request("another"))


async def test_what_is_booked_already_or_refused_at_once_claims_nothing() -> None:
    executor = await two_grants(Kept())
    booking = Booking(executor)
    await booking.execute(expense(), Request("try"))
    assert (await booking.execute(expense(), Request("again"))).events == ()
    assert await claimed(executor) == {"expense-1": [trying("try")]}
    with pytest.raises(LineExceeded):
        await booking.execute(expense("expense-2", amount=1_000_000, receipt_number="other"), Request("too much"))
    assert len(await executor.streams(CONFERENCE, "receipt")) == 1


async def test_a_reversal_releases_every_try_and_the_wish_for_one_none() -> None:
    journal = Kept()
    executor = await two_grants(journal)
    booking = Booking(executor)
    with pytest.raises(Stopped):
        await Booking(Stopping(journal, SERVICE.decided_by, lambda: None)).execute(expense(), Request("stopped"))
    await booking.execute(expense(), Request("try"))
    tries = {"expense-1": [trying("stopped"), trying("try")]}
    await booking.execute(approve(), Request("approve"))
    for key in ("wish", "wish again"):
        await booking.execute(correct(), Request(key))
        assert await claimed(executor) == tries
    await booking.execute(approve_reversal(by="auditor"), Request("reverse"))
    assert await claimed(executor) == {}
    await booking.execute(expense("expense-2", ELSEWHERE), Request("other"))
    assert await claimed(executor) == {"expense-2": [trying("other")]}


async def test_what_is_reversed_in_its_grant_binds_nothing_although_its_claim_was_never_released() -> None:
    executor = await two_grants(Kept())
    await Booking(executor).execute(expense(), Request("try"))
    await executor.execute(correct(), Request("the process ended after the reversal"))
    await Booking(executor).execute(expense("expense-2", ELSEWHERE), Request("other"))
    with pytest.raises(ReceiptAlreadyBooked):
        await Booking(executor).execute(expense("expense-3"), Request("third"))


@pytest.mark.parametrize(
    ("waiting", "wanted", "why"),
    [
        ({"receipt_amount": WHOLE}, {"receipt_amount": WHOLE, "amount": 1}, ReceiptExceeded),
        ({"receipt_amount": WHOLE}, {"receipt_amount": WHOLE + 1, "amount": 1}, ReceiptAmountDiffers),
    ],
)
async def test_whatever_a_claim_is_in_the_way_of_it_is_given_up_after_a_minute(
    waiting: dict[str, Any], wanted: dict[str, Any], why: type[Rejected]
) -> None:
    journal = Kept()
    executor = await two_grants(journal)
    with pytest.raises(Stopped):
        await Booking(Stopping(journal, SERVICE.decided_by, lambda: None)).execute(expense(**waiting), Request("try"))
    other = Booking(executor)
    soon = LATER - PATIENCE / 2
    with pytest.raises(why):
        await other.execute(expense("expense-2", ELSEWHERE, at=soon, **wanted), Request("soon"))
    await other.execute(expense("expense-2", ELSEWHERE, at=LATER, **wanted), Request("later"))
    assert await claimed(executor) == {"expense-2": [trying("later")]}


async def test_what_is_booked_of_another_receipt_says_nothing_of_this_one() -> None:
    journal = Kept()
    executor = await two_grants(journal)
    with pytest.raises(Stopped):
        await Booking(Stopping(journal, SERVICE.decided_by, lambda: None)).execute(expense(), Request("stopped"))
    await Booking(executor).execute(expense(receipt_number="another"), Request("another receipt"))
    with pytest.raises(ReceiptIsClaimed):
        await Booking(executor).execute(expense("expense-2", ELSEWHERE), Request("soon"))
    await Booking(executor).execute(expense("expense-2", ELSEWHERE, at=LATER), Request("later"))
    assert await claimed(executor) == {"expense-2": [trying("later")]}
