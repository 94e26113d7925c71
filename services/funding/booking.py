"""An expense claims its receipt, in a stream of its own, before it is booked: so it counts once over all grants.

The claim names the expense: a booking that broke off goes on when it is repeated. A refused or reversed one releases
its receipt, and one that has waited too long is given up by whoever needs it (``shared/runtime/commands/claims.py``).
The next claim looks at the grants' own streams: what is reversed there binds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.funding.domain.expenses import BookExpense, Expense
from services.funding.domain.grant import GRANT
from services.funding.domain.receipts import (
    RECEIPT,
    ClaimReceipt,
    ReceiptAmountDiffers,
    ReceiptExceeded,
    ReceiptIsClaimed,
    ReleaseReceipt,
    name_of,
    receipt_of,
    waiting,
)
from services.funding.domain.reversals import ApproveReversal, CorrectExpense
from shared.contracts.funding import ExpenseBooked, ExpenseReversed, ReceiptClaimed
from shared.kernel.decider import Command, Event
from shared.kernel.identifiers import Uuid
from shared.kernel.rejections import Busy, Rejected
from shared.runtime.commands.claims import give_up, has_waited
from shared.runtime.commands.execute import Answer, Executor, Request


@dataclass(frozen=True, slots=True)
class Booking:
    executor: Executor

    async def execute(self, command: Command, request: Request) -> Answer:
        match command:
            case BookExpense():
                return await self._book(command, request)
            case CorrectExpense() | ApproveReversal():
                return await self._reverse(command, request)
            case _:
                return await self.executor.execute(command, request)

    async def _book(self, book: BookExpense, request: Request) -> Answer:
        """A command that the grant refuses, or has booked already, claims nothing."""
        try:
            booking = _booked_in(GRANT.decide(await self.executor.state(GRANT, book.stream), book))
        except Rejected:
            if first := await self.executor.first_answer(request):
                return first
            raise
        if booking is None:
            return await self.executor.execute(book, request)
        await self._claim(book, booking, request)
        try:
            return await self.executor.execute(book, request)
        except (Rejected, Busy):
            if book.expense not in (await self.executor.state(GRANT, book.stream)).book.expenses:
                await self._release(book, booking, request, request.first_event)
            raise

    async def _reverse(self, command: CorrectExpense | ApproveReversal, request: Request) -> Answer:
        answer = await self.executor.execute(command, request)
        if any(isinstance(recorded.event(), ExpenseReversed) for recorded in answer.events):
            grant = await self.executor.state(GRANT, answer.stream)
            await self._release(command, grant.book.expenses[command.expense].booked, request)
        return answer

    async def _claim(self, book: BookExpense, booking: ExpenseBooked, request: Request) -> None:
        """A claim in the way that has waited too long is given up, unless it was booked."""
        claim = await self._claim_of(book, booking, request)
        try:
            await self.executor.execute(claim, request.following())
        except (ReceiptIsClaimed, ReceiptExceeded, ReceiptAmountDiffers):
            await give_up(self.executor, await self._waiting(claim), request)
            await self.executor.execute(await self._claim_of(book, booking, request), request.following())

    async def _waiting(self, claim: ClaimReceipt) -> list[tuple[ReceiptClaimed, Command]]:
        receipt = await self.executor.state(RECEIPT, claim.stream)
        edge = claim.model_dump(include={"conference", "at", "by", "receipt"})
        return [
            (one, ReleaseReceipt(**edge, grant=one.grant, expense=one.expense, attempts=(one.attempt,)))
            for held in waiting(receipt, claim)
            for one in receipt.tries[name_of(held)].values()
            if name_of(held) != name_of(claim.booking) and has_waited(one, claim.at)
        ]

    async def _claim_of(self, book: BookExpense, booking: ExpenseBooked, request: Request) -> ClaimReceipt:
        receipt = receipt_of(booking)
        expenses = await self._expenses_with(receipt, book.conference)
        return ClaimReceipt(
            conference=book.conference,
            at=book.at,
            by=book.by,
            receipt=receipt,
            attempt=request.first_event,
            booking=booking,
            standing=tuple(one.booked for one in expenses if one.state != "reversed"),
            reversed=tuple(one.booked for one in expenses if one.state == "reversed"),
        )

    async def _expenses_with(self, receipt: Uuid, conference: str) -> list[Expense]:
        """The expenses with this receipt in all grants, as their streams are now; some are older than claims."""
        grants = await self.executor.states(GRANT, await self.executor.streams(conference, "grant"))
        expenses = [expense for grant in grants for expense in grant.book.expenses.values()]
        return [expense for expense in expenses if receipt_of(expense.booked) == receipt]

    async def _release(self, command: Command, booking: ExpenseBooked, request: Request, *attempts: Uuid) -> None:
        """Only these tries; by default all."""
        release = ReleaseReceipt(
            conference=command.conference,
            at=command.at,
            by=command.by,
            receipt=receipt_of(booking),
            grant=booking.grant,
            expense=booking.expense,
            attempts=attempts or None,
        )
        await self.executor.execute(release, request.following())


def _booked_in(events: Sequence[Event]) -> ExpenseBooked | None:
    return next((event for event in events if isinstance(event, ExpenseBooked)), None)
