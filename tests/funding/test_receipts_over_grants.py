"""A receipt counts once over all grants: it is claimed in its own stream before it is booked in the grant's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from services.funding.booking import Booking
from services.funding.domain.availability import LineExceeded
from services.funding.domain.expenses import BookExpense
from services.funding.domain.grant import GRANT
from services.funding.domain.receipts import (
    RECEIPT,
    ClaimReceipt,
    ReceiptAlreadyBooked,
    ReceiptEvent,
    ReceiptIsClaimed,
    ReleaseReceipt,
    name_of,
    receipt_of,
)
from services.funding.service import SERVICE
from shared.contracts.funding import ExpenseBooked, ReceiptClaimed, ReceiptReleased
from shared.kernel.decider import Command
from shared.kernel.identifiers import Uuid, stream_name
from shared.kernel.rejections import Rejected
from shared.runtime.commands.commit import Commit
from shared.runtime.commands.execute import Executor, Request
from shared.runtime.commands.journal import Journal
from shared.runtime.mongo.driver import Database
from tests.funding.stuttgart import AFTER_PERIOD, WORKSHOP, apply, award, book, booked, correct
from tests.kit.given import given_of
from tests.kit.when import CONFERENCE, NOW, edge

given = given_of(RECEIPT)

NUMBER, WHOLE = "RE-2024/17", 90_000
GRANTS = ("state-grant", "other-grant")


def part(
    expense: str = "expense-1", grant: str = GRANTS[0], amount: int = WHOLE, whole: int | None = None
) -> ExpenseBooked:
    other = {"grant": grant, "receipt_number": NUMBER, "receipt_amount": whole}
    return booked(expense, amount=amount).model_copy(update=other)


RECEIPT_ID = receipt_of(part())


def attempt(key: str) -> Uuid:
    return Request(key).first_event


def claimed(of: ExpenseBooked, key: str = "try") -> ReceiptClaimed:
    own = {"receipt", "attempt", "at"}
    told = {name: getattr(of, name) for name in ReceiptClaimed.model_fields if name not in own}
    return ReceiptClaimed(receipt=RECEIPT_ID, attempt=attempt(key), at=NOW, **told)


def released(of: ExpenseBooked, key: str = "try") -> ReceiptReleased:
    return ReceiptReleased(receipt=RECEIPT_ID, grant=of.grant, expense=of.expense, attempt=attempt(key))


def claim(
    of: ExpenseBooked,
    standing: tuple[ExpenseBooked, ...] = (),
    gone: tuple[ExpenseBooked, ...] = (),
    key: str = "try",
    at: datetime = NOW,
) -> ClaimReceipt:
    told: dict[str, Any] = {"receipt": RECEIPT_ID, "booking": of, "standing": standing, "reversed": gone}
    return ClaimReceipt(**edge(at=at), attempt=attempt(key), **told)


def release(of: ExpenseBooked, *keys: str) -> ReleaseReceipt:
    attempts = tuple(map(attempt, keys)) or None
    return ReleaseReceipt(**edge(), receipt=RECEIPT_ID, grant=of.grant, expense=of.expense, attempts=attempts)


FIRST, OTHER = part(), part("expense-2", GRANTS[1])


def test_what_one_expense_has_claimed_no_other_may() -> None:
    given().when(claim(FIRST)).then(claimed(FIRST))
    given(claimed(FIRST)).when(claim(FIRST)).then_nothing()
    given(claimed(FIRST)).when(claim(FIRST, at=NOW + timedelta(hours=1))).then_nothing()
    given(claimed(FIRST)).when(claim(OTHER)).rejected(ReceiptIsClaimed, expense="expense-1", grant=GRANTS[0])
    given(claimed(FIRST)).when(claim(OTHER, standing=(FIRST,))).rejected(ReceiptAlreadyBooked, grant=GRANTS[0])


def test_a_released_receipt_is_free_again() -> None:
    given(claimed(FIRST)).when(release(FIRST)).then(released(FIRST))
    given(claimed(FIRST)).when(release(OTHER)).then_nothing()
    given(claimed(FIRST), released(FIRST)).when(claim(OTHER)).then(claimed(OTHER))


def test_what_was_booked_before_receipts_were_claimed_counts() -> None:
    given().when(claim(OTHER, standing=(FIRST,))).rejected(ReceiptAlreadyBooked, expense="expense-1")


def test_a_claim_whose_expense_is_reversed_binds_nothing() -> None:
    given(claimed(FIRST)).when(claim(OTHER, gone=(FIRST,))).then(claimed(OTHER))


def test_an_expense_that_claims_again_keeps_what_it_may_be_booking() -> None:
    less = part(amount=30_000, whole=WHOLE)
    given(claimed(part(whole=WHOLE))).when(claim(less)).then_nothing()
    given(claimed(less)).when(claim(part(whole=WHOLE))).then(claimed(part(whole=WHOLE)))


def test_each_try_of_an_expense_is_kept_until_it_is_given_free_itself() -> None:
    both = (claimed(FIRST), claimed(FIRST, "again"))
    given(claimed(FIRST)).when(claim(FIRST, key="again")).then(claimed(FIRST, "again"))
    given(*both).when(release(FIRST, "again")).then(released(FIRST, "again"))
    given(*both, released(FIRST, "again")).when(claim(OTHER)).rejected(
        ReceiptIsClaimed, since="seit 15.01.2024, 10:00 Uhr"
    )
    given(*both).when(release(FIRST)).then(released(FIRST), released(FIRST, "again"))


def test_what_was_claimed_before_tries_were_told_apart_counts_and_is_given_free() -> None:
    of_before = claimed(FIRST).model_copy(update={"attempt": None, "at": None})
    given(of_before).when(claim(OTHER)).rejected(ReceiptIsClaimed, since="seit unbekannter Zeit")
    free = released(FIRST).model_copy(update={"attempt": None})
    given(of_before).when(release(FIRST)).then(free)
    given(of_before, free).when(claim(OTHER)).then(claimed(OTHER))


@examples(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 60_000), st.booleans()), max_size=12))
def test_what_is_claimed_never_exceeds_the_receipt(steps: list[tuple[str, int, bool]]) -> None:
    history: list[ReceiptEvent] = []
    for name, amount, gives_back in steps:
        wanted = part(f"expense-{name}", GRANTS[ord(name) % 2], amount, WHOLE)
        others = [one.amount for key, one in RECEIPT.fold(history).claims.items() if key != name_of(wanted)]
        try:
            history += RECEIPT.decide(RECEIPT.fold(history), claim(wanted))
        except Rejected:
            assert amount > WHOLE - sum(others)
        if gives_back:
            history += RECEIPT.decide(RECEIPT.fold(history), release(wanted))
        assert sum(one.amount for one in RECEIPT.fold(history).claims.values()) <= WHOLE


def about(grant: str, command: Command) -> Command:
    return command.model_copy(update={"grant": grant})


async def two_grants(database: Database, kind: type[Executor] = Executor) -> Executor:
    journal = Journal(database["journal"])
    await journal.prepare()
    executor = kind(journal, SERVICE.decided_by, lambda: None)
    for grant in GRANTS:
        for number, command in enumerate((apply(), award())):
            await executor.execute(about(grant, command), Request(f"{grant}-{number}"))
    return executor


async def spent(executor: Executor) -> dict[str, int]:
    """As the streams say it, whatever the claims do."""
    streams = {grant: stream_name(CONFERENCE, "grant", grant) for grant in GRANTS}
    return {grant: (await executor.state(GRANT, stream)).book.spent for grant, stream in streams.items()}


async def tried(booking: Booking, command: Command, key: str) -> type[Exception] | None:
    try:
        await booking.execute(command, Request(key))
    except Rejected as no:
        return type(no)
    return None


@pytest.mark.infra
async def test_of_fifty_tries_over_two_grants_one_books(database: Database) -> None:
    executor = await two_grants(database)
    typed = ("RE-2024/17", "re 2024/17", "RE – 2024/17")
    tries = [
        about(GRANTS[number % 2], book(f"expense-{number}", receipt_number=typed[number % 3], amount=WHOLE))
        for number in range(50)
    ]
    booking = Booking(executor)
    answers = await asyncio.gather(*(tried(booking, one, f"try-{number}") for number, one in enumerate(tries)))
    assert answers.count(None) == 1
    assert {*answers} <= {None, ReceiptAlreadyBooked, ReceiptIsClaimed}
    assert sorted((await spent(executor)).values()) == [0, WHOLE]


@pytest.mark.infra
async def test_a_booking_that_broke_off_goes_on_and_what_is_refused_or_reversed_is_free(database: Database) -> None:
    executor = await two_grants(database)
    first: dict[str, Any] = {"receipt_number": NUMBER, "amount": WHOLE}
    booking, here = Booking(executor), book("expense-1", **first)
    elsewhere = about(GRANTS[1], book("expense-2", **first))
    assert isinstance(here, BookExpense)
    await executor.execute(claim(part(), at=AFTER_PERIOD), Request("the process ended after its claim"))
    assert await tried(booking, elsewhere, "a") is ReceiptIsClaimed
    assert await tried(booking, here, "b") is None
    assert await tried(booking, elsewhere, "c") is ReceiptAlreadyBooked
    assert await tried(booking, correct(), "d") is None
    assert await tried(booking, elsewhere, "e") is None
    too_much = book("expense-3", receipt_number="other", amount=WORKSHOP.amount * 2)
    assert await tried(booking, too_much, "f") is LineExceeded
    assert not [name for name in await executor.streams(CONFERENCE, "receipt") if not name.endswith(RECEIPT_ID)]
    assert await spent(executor) == {GRANTS[0]: 0, GRANTS[1]: WHOLE}


class Counted(Journal):
    """How many questions are asked of it, and how many commits it gives."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["journal"])
        self.questions = self.given = 0

    async def in_parts(self, stream: str, after: int = 0) -> AsyncGenerator[list[Commit], None]:
        self.questions += 1
        async for commits in super().in_parts(stream, after):
            self.given += len(commits)
            yield commits

    async def read_all(self, after: Mapping[str, int]) -> list[Commit]:
        found = await super().read_all(after)
        self.questions, self.given = self.questions + 1, self.given + len(found)
        return found


@pytest.mark.infra
async def test_a_claim_reads_of_other_grants_only_what_is_new_however_many_there_are(database: Database) -> None:
    await two_grants(database)
    journal = Counted(database)
    executor = Executor(journal, SERVICE.decided_by, lambda: None)
    for number in range(20):
        await executor.execute(about(f"grant-{number}", apply()), Request(f"grant-{number}"))
    booking = Booking(executor)
    assert await tried(booking, book("expense-1", receipt_number="1", amount=1), "first") is None
    another = Executor(Journal(database["journal"]), SERVICE.decided_by, lambda: None)
    taken = about(GRANTS[1], book("expense-2", receipt_number="2", amount=1))
    assert await tried(Booking(another), taken, "elsewhere") is None
    journal.questions = journal.given = 0
    assert await tried(booking, book("expense-3", receipt_number="2", amount=1), "second") is ReceiptAlreadyBooked
    assert journal.given == 2, "what another process has booked, and its claim"
    assert journal.questions < 20
    assert await another.states(GRANT, []) == []


class Overtaken(Executor):
    """Another expense takes the line's money between the claim and the booking."""

    async def execute(self, command: Command, request: Request) -> Any:
        if isinstance(command, BookExpense) and command.expense == "late":
            await super().execute(book("quick", amount=WORKSHOP.amount), Request("quick"))
        return await super().execute(command, request)


@pytest.mark.infra
async def test_a_booking_that_is_refused_after_its_claim_releases_the_receipt(database: Database) -> None:
    booking = Booking(await two_grants(database, Overtaken))
    late = book("late", amount=200_000, receipt_number=NUMBER)
    assert await tried(booking, late, "late") is LineExceeded
    assert await tried(booking, about(GRANTS[1], book("other", amount=200_000, receipt_number=NUMBER)), "other") is None


def test_a_try_that_is_given_free_leaves_the_claims_of_other_expenses() -> None:
    less, other = part(amount=30_000, whole=WHOLE), part("expense-2", GRANTS[1], 60_000, WHOLE)
    history = (claimed(other), claimed(less), claimed(less, "again"), released(less, "again"))
    assert [*RECEIPT.fold(history).claims] == [name_of(other), name_of(less)]
