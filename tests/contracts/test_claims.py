"""Who claims and stops blocks nobody for ever; who goes on later does it once, or is told that it was given up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from services.funding.booking import Booking
from services.funding.domain.expenses import BookExpense
from services.funding.domain.grant import GRANT
from services.funding.domain.receipts import RECEIPT, ReceiptAlreadyBooked, ReceiptIsClaimed
from services.funding.service import SERVICE as FUNDING
from services.meetings.domain.paper_writing import SupersedePaper
from services.meetings.domain.recommendation import SupersedeRecommendation
from services.meetings.domain.supersession import SuccessorIsSuperseded
from services.meetings.service import SERVICE as MEETINGS
from services.meetings.superseding import Superseding
from shared.kernel.decider import Command
from shared.kernel.identifiers import stream_name
from shared.kernel.rejections import Rejected
from shared.runtime.commands.claims import PATIENCE
from shared.runtime.commands.commit import Commit
from shared.runtime.commands.execute import Answer, Executor, Request, RequestGivenUp
from shared.runtime.commands.journal import Journal
from shared.runtime.mongo.driver import Database
from tests.contracts.test_supersession import (
    SOME,
    is_led_in_a_circle,
    knowing,
    papers,
    recommendations,
    successors_of_papers,
    successors_of_recommendations,
)
from tests.funding.stuttgart import AFTER_PERIOD, apply, award, book
from tests.funding.test_receipts_over_grants import GRANTS, NUMBER, RECEIPT_ID, WHOLE, about
from tests.kit.when import CONFERENCE, NOW
from tests.kit.world import ListedJournal
from tests.meetings.stuttgart import tell

LATER = AFTER_PERIOD + PATIENCE


class Kept(ListedJournal):
    """As a claim reads other grants."""

    async def streams(self, prefix: str) -> list[str]:
        return sorted({commit.stream for commit in self.listed if commit.stream.startswith(prefix)})

    async def read_all(self, after: Mapping[str, int]) -> list[Commit]:
        return [commit for commit in self.listed if commit.first > after.get(commit.stream, commit.last)]


class Stopped(Exception):
    """The process stands still here."""


class Stopping(Executor):
    """After its claim, before it does what it has claimed for."""

    async def execute(self, command: Command, request: Request) -> Answer:
        if isinstance(command, BookExpense | SupersedePaper):
            raise Stopped
        return await super().execute(command, request)


async def two_grants(journal: Journal) -> Executor:
    executor = Executor(journal, FUNDING.decided_by, lambda: None)
    for grant in GRANTS:
        for number, command in enumerate((apply(), award())):
            await executor.execute(about(grant, command), Request(f"{grant}-{number}"))
    return executor


def booking_of(name: str, at: datetime = AFTER_PERIOD) -> Command:
    command = book(f"expense-{name}", receipt_number=NUMBER, amount=WHOLE, at=at)
    return about(GRANTS[ord(name) % 2], command)


async def stopped(journal: Journal, command: Command, key: str) -> None:
    with pytest.raises(Stopped):
        await Booking(Stopping(journal, FUNDING.decided_by, lambda: None)).execute(command, Request(key))


async def booked(executor: Executor) -> list[str]:
    grants = [await executor.state(GRANT, stream_name(CONFERENCE, "grant", grant)) for grant in GRANTS]
    return [one.expense for grant in grants for one in grant.book.standing]


async def nobody_waits_for_a_booking_that_never_comes(journal: Journal) -> None:
    executor = await two_grants(journal)
    booking, again = Booking(executor), Booking(Executor(journal, FUNDING.decided_by, lambda: None))
    await stopped(journal, booking_of("a"), "a")
    with pytest.raises(ReceiptIsClaimed) as told:
        await booking.execute(booking_of("b"), Request("b"))
    assert told.value.detail.endswith("„expense-a“ der Zuwendung „other-grant“ vorgemerkt, seit 02.01.2025, 10:00 Uhr.")
    await booking.execute(booking_of("b", LATER), Request("b"))
    assert await booked(executor) == ["expense-b"]
    for late in (again.executor.execute, again.execute):
        with pytest.raises(RequestGivenUp if late == again.executor.execute else ReceiptAlreadyBooked):
            await late(booking_of("a"), Request("a"))
    assert await booked(executor) == ["expense-b"]
    receipt = await executor.state(RECEIPT, stream_name(CONFERENCE, "receipt", RECEIPT_ID))
    assert [name for _, name in receipt.claims] == ["expense-b"]


async def test_nobody_waits_for_a_booking_that_never_comes() -> None:
    await nobody_waits_for_a_booking_that_never_comes(Kept())


@pytest.mark.infra
async def test_the_journal_itself_lets_one_of_both_through(database: Database) -> None:
    journal = Journal(database["journal"])
    await journal.prepare()
    await nobody_waits_for_a_booking_that_never_comes(journal)


async def test_what_was_booked_before_it_was_given_up_stays_booked() -> None:
    """Its claim is old, and its booking comes between the look at it and its release."""
    journal = Kept()
    executor = await two_grants(journal)
    await stopped(journal, booking_of("a"), "a")

    class Slow(Executor):
        async def state(self, decider: Any, stream: str) -> Any:
            found = await super().state(decider, stream)
            if decider is RECEIPT:
                await executor.execute(booking_of("a"), Request("a", "what was asked"))
            return found

    slow = Slow(journal, FUNDING.decided_by, lambda: None)
    with pytest.raises(ReceiptAlreadyBooked):
        await Booking(slow).execute(booking_of("b", LATER), Request("b"))
    assert await booked(executor) == ["expense-a"]


async def test_a_request_that_was_given_up_is_told_so_also_where_the_journal_was_recovered() -> None:
    journal = Kept()
    executor = await two_grants(journal)
    await stopped(journal, booking_of("a"), "a")
    await Booking(executor).execute(booking_of("b", LATER), Request("b"))
    for commit in journal.listed:
        recovered = commit._replace(command=commit.command._replace(id="recovered", body=""))
        journal._by_first_event[commit.events[0].id] = recovered
    with pytest.raises(RequestGivenUp):
        await executor.first_answer(Request("a"))


ACTIONS = ("books", "stops", "goes on", "waits")
STEPS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 1), st.sampled_from(ACTIONS)), max_size=14)


async def play_bookings(steps: list[tuple[str, int, str]]) -> None:
    journal = Kept()
    executor = await two_grants(journal)
    at, under_way = AFTER_PERIOD, set[str]()
    for name, number, action in steps:
        key, command = f"{name}-{number}", booking_of(name, at)
        at += PATIENCE if action == "waits" else timedelta()
        if action == "goes on" and key in under_way:
            with suppress(Rejected):
                await executor.execute(command, Request(key))
        if action in ("books", "stops"):
            kind = Stopping if action == "stops" else Executor
            with suppress(Rejected):
                try:
                    await Booking(kind(journal, FUNDING.decided_by, lambda: None)).execute(command, Request(key))
                except Stopped:
                    under_way.add(key)
        assert len(await booked(executor)) <= 1
    with suppress(ReceiptAlreadyBooked):
        await Booking(executor).execute(booking_of("z", at + PATIENCE), Request("z"))
    for key in under_way:
        with suppress(Rejected):
            await executor.execute(booking_of(key[0], at), Request(key))
    assert len(await booked(executor)) == 1


@settings(max_examples=80)
@examples(STEPS)
def test_whoever_stops_and_goes_on_a_receipt_is_booked_once_and_never_blocked(
    steps: list[tuple[str, int, str]],
) -> None:
    asyncio.run(play_bookings(steps))


OF_PAPERS = st.lists(
    st.tuples(st.sampled_from(SOME), st.sampled_from(SOME), st.sampled_from(ACTIONS)), min_size=2, max_size=10
)


def superseding(one: str, other: str, at: datetime) -> Command:
    return tell(SupersedePaper, paper=one, successor=other, reason="Neufassung").model_copy(update={"at": at})


async def play_papers(steps: list[tuple[str, str, str]]) -> None:
    journal = Kept()
    executor = Executor(journal, MEETINGS.decided_by, lambda: None)
    for number, command in enumerate(one for name in SOME for one in papers(name)):
        await executor.execute(command, Request(f"paper-{number}"))
    at, under_way = NOW, dict[str, Command]()
    for one, other, action in steps:
        key = f"{one}-{other}"
        at += PATIENCE if action == "waits" else timedelta()
        if action == "goes on" and key in under_way:
            with suppress(Rejected):
                await executor.execute(under_way.pop(key), Request(key))
        if action not in ("books", "stops") or not await knowing(executor, [(one, other)]):
            continue
        command, kind = superseding(one, other, at), Stopping if action == "stops" else Executor
        with suppress(Rejected):
            try:
                await Superseding(kind(journal, MEETINGS.decided_by, lambda: None)).execute(command, Request(key))
            except Stopped:
                under_way[key] = command
    await nobody_is_blocked(executor, at + PATIENCE)
    for key, command in under_way.items():
        with suppress(Rejected):
            await executor.execute(command, Request(key))
    assert not is_led_in_a_circle(await successors_of_papers(executor))


async def nobody_is_blocked(executor: Executor, at: datetime) -> None:
    """Of two in force the one may take the other's place."""
    over = await successors_of_papers(executor)
    one, *others = [name for name in SOME if name not in over]
    for other in others[:1]:
        await Superseding(executor).execute(superseding(one, other, at), Request("last"))


@settings(max_examples=80)
@examples(OF_PAPERS)
def test_whoever_stops_and_goes_on_papers_lead_to_one_in_force_and_none_is_blocked(
    steps: list[tuple[str, str, str]],
) -> None:
    asyncio.run(play_papers(steps))


async def test_a_paper_is_told_by_what_it_is_about_to_be_replaced_and_free_when_that_never_comes() -> None:
    journal = Kept()
    executor = Executor(journal, MEETINGS.decided_by, lambda: None)
    for number, command in enumerate(one for name in SOME for one in papers(name)):
        await executor.execute(command, Request(f"paper-{number}"))
    stopping = Superseding(Stopping(journal, MEETINGS.decided_by, lambda: None))
    with pytest.raises(Stopped):
        await stopping.execute(superseding("a", "b", NOW), Request("stopped"))
    with pytest.raises(SuccessorIsSuperseded) as told:
        await Superseding(executor).execute(superseding("b", "a", NOW), Request("back"))
    assert "durch „b“ ersetzt, vorgemerkt seit 15.01.2024, 10:00 Uhr" in told.value.detail
    await Superseding(executor).execute(superseding("b", "a", NOW + PATIENCE), Request("back"))
    with pytest.raises(RequestGivenUp):
        await executor.execute(superseding("a", "b", NOW), Request("stopped"))
    assert await successors_of_papers(executor) == {"b": "a"}


async def test_of_two_recommendations_that_take_the_place_of_each_other_one_does() -> None:
    executor = Executor(Kept(), MEETINGS.decided_by, lambda: None)
    for number, command in enumerate(one for name in "ab" for one in recommendations(name)):
        await executor.execute(command, Request(f"recommendation-{number}"))

    async def supersede(one: str, other: str) -> None:
        command = tell(SupersedeRecommendation, recommendation=one, successor=other, reason="Neufassung")
        await Superseding(executor).execute(command, Request(f"{one}-{other}"))

    await supersede("a", "b")
    with pytest.raises(SuccessorIsSuperseded):
        await supersede("b", "a")
    assert await successors_of_recommendations(executor) == {"a": "b"}
