"""A whole grant to its last cent: every number is derived a second time, from what was told and by other arithmetic."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest

from services.funding.booking import Booking
from services.funding.domain.availability import GrantExceeded, LineExceeded
from services.funding.domain.commitments import CommitmentBeforeStart
from services.funding.domain.expenses import (
    BookerMayNotApprove,
    ExpenseOutsidePeriod,
    PurposeNotOfLine,
)
from services.funding.domain.grant import GRANT
from services.funding.domain.interim import InterimProofNotAsked, SubmitInterimProof
from services.funding.domain.proof import ProofOfUseIsAudited
from services.funding.domain.receipts import ReceiptAlreadyBooked, ReceiptExceeded
from services.funding.domain.settlement import MoneyStillOwed, ProofOfUseNotAudited, RepaymentExceedsDebt
from services.funding.domain.terms import DayLiesAhead
from services.funding.service import SERVICE
from shared.contracts.funding import (
    Conditions,
    DrawnMoneyDue,
    ExpenseBooked,
    GrantApplied,
    GrantAwarded,
    GrantClosed,
    InterimProofSubmitted,
    PayoutRecorded,
    ProofOfUseAudited,
    ProofOfUseFrozen,
)
from shared.kernel.decider import Command, Event
from shared.kernel.rejections import Busy, Rejected
from shared.runtime.commands.execute import Executor, Request
from shared.runtime.commands.journal import Journal
from shared.runtime.mongo.driver import Database
from tests.funding.stuttgart import (
    FACILITATION,
    MATERIAL,
    SPRING,
    STREAM,
    WORKSHOP,
    apply,
    approve,
    audit,
    award,
    book,
    close,
    commit,
    freeze,
    record_payout,
    reopen,
    repay,
    request,
    submit,
    told,
    work,
)
from tests.funding.test_obligations import NOTICE, Clockwork, at

ELSEWHERE = "other-grant"
CENT = Fraction(1, 100)


def euros(text: str) -> Fraction:
    return Fraction(text.replace(".", "").replace(",", "."))


def to_cents(amount: Fraction) -> int:
    """Half up."""
    return int((amount / CENT + Fraction(1, 2)).__floor__())


@dataclass
class Ledger:
    """The second calculation: in euros, as fractions, from what the office says and never from an event."""

    spent: dict[str, Fraction] = field(default_factory=dict)
    own: Fraction = Fraction(0)
    drawn: Fraction = Fraction(0)
    of_2023: dict[str, Fraction] = field(default_factory=lambda: dict.fromkeys(("spent", "own", "drawn"), Fraction(0)))

    def note(self, what: str, amount: Fraction, on: date) -> None:
        self.of_2023[what] += amount if on.year == 2023 else 0

    @property
    def total(self) -> Fraction:
        return sum(self.spent.values(), Fraction(0))

    def pays(self, reduced_by: Fraction = Fraction(0)) -> Fraction:
        """Four fifths of the whole cost, of what was spent and of the grant the least."""
        spent = self.total - reduced_by
        return min(spent, euros("40.000"), Fraction(to_cents((spent + self.own) * Fraction(4, 5)), 100))


@dataclass
class Play:
    booking: Booking
    ledger: Ledger = field(default_factory=Ledger)
    asked: int = 0
    said: list[Event] = field(default_factory=list)

    async def give(self, command: Command) -> Sequence[Event]:
        self.asked += 1
        answer = await self.booking.execute(command, Request(f"play-{self.asked}"))
        self.said += [recorded.event() for recorded in answer.events if answer.stream == STREAM]
        return [recorded.event() for recorded in answer.events]

    async def refused(self, command: Command, rule: type[Rejected]) -> None:
        with pytest.raises(rule):
            await self.give(command)

    async def spend(self, name: str, amount: str, **fields: Any) -> None:
        await self.give(book(name, amount=to_cents(euros(amount)), **fields))
        await self.give(approve(name))
        line = fields.get("line", WORKSHOP).line
        self.ledger.spent[line] = self.ledger.spent.get(line, Fraction(0)) + euros(amount)
        self.ledger.note("spent", euros(amount), fields.get("paid_on", SPRING))

    async def work(self, name: str, on: date, quarter_hours: int, rate: str) -> None:
        await self.give(work(name, on=on, quarter_hours=quarter_hours, rate=to_cents(euros(rate))))
        worth = Fraction(to_cents(Fraction(quarter_hours, 4) * euros(rate)), 100)
        self.ledger.own += worth
        self.ledger.note("own", worth, on)

    async def draw(self, name: str, amount: str, on: date) -> None:
        await self.give(request(name, to_cents(euros(amount))))
        await self.give(record_payout(name, to_cents(euros(amount)), on))
        self.ledger.drawn += euros(amount)
        self.ledger.note("drawn", euros(amount), on)


async def started(database: Database) -> Play:
    journal = Journal(database["journal"])
    await journal.prepare()
    play = Play(Booking(Executor(journal, SERVICE.decided_by, lambda: None)))
    for command in (apply(), award(conditions=Conditions(interim_months=4))):
        await play.give(command)
        await play.give(command.model_copy(update={"grant": ELSEWHERE}))
    return play


async def is_refused_once_for_each_rule(play: Play) -> None:
    """Each is told as the rule that says no; none of them leaves a cent behind."""
    later: dict[str, Any] = {"service_on": date(2025, 1, 15)}
    ahead: dict[str, Any] = {"paid_on": date(2024, 12, 30), "at": datetime(2024, 12, 29, 9, 0, tzinfo=UTC)}
    split: dict[str, Any] = {"receipt_number": "2024/17", "receipt_amount": 100_000}
    await play.refused(book("late", MATERIAL, **later), ExpenseOutsidePeriod)
    await play.refused(book("plenary", MATERIAL, purpose="plenary"), PurposeNotOfLine)
    await play.refused(commit("early", on=date(2023, 10, 19)), CommitmentBeforeStart)
    await play.refused(book("future", MATERIAL, **ahead), DayLiesAhead)
    await play.refused(book("tolerance", amount=840_001), LineExceeded)
    await play.spend("part-1", "600", line=WORKSHOP, **split)
    await play.refused(book("part-2", amount=40_001, **split), ReceiptExceeded)
    await play.spend("part-3", "400", line=WORKSHOP, **split)
    await play.refused(book("twice", amount=100_000, **split), ReceiptExceeded)
    elsewhere = book("again", amount=100_000, receipt_number="2024/17").model_copy(update={"grant": ELSEWHERE})
    await play.refused(elsewhere, ReceiptAlreadyBooked)
    await play.give(book("own", MATERIAL, amount=100))
    await play.refused(approve("own", by="office"), BookerMayNotApprove)
    await play.give(approve("own"))
    play.ledger.spent["material"] = Fraction(1)


async def proves_its_first_year(play: Play) -> None:
    """What was paid, worked and paid out in 2023, of which the notice asks for a proof within four months."""
    await play.spend("december", "250,50", line=MATERIAL, service_on=date(2023, 12, 4), paid_on=date(2023, 12, 29))
    await play.work("hours-0", date(2023, 12, 31), 20, "62,75")
    await play.draw("call-1", "20.000", date(2023, 12, 1))
    [proved] = await play.give(told(SubmitInterimProof, year=2023))
    assert isinstance(proved, InterimProofSubmitted)
    told_again = {"spent": proved.spent, "own": proved.own_contribution, "drawn": proved.drawn}
    assert told_again == {name: to_cents(amount) for name, amount in play.ledger.of_2023.items()}
    assert (proved.year, proved.due, proved.receipts) == (2023, date(2024, 4, 30), 1)
    await play.refused(told(SubmitInterimProof, year=2024), InterimProofNotAsked)


def money_that_is_not_used_in_time_is_owed(play: Play) -> None:
    """Of the first instalment two months later next to nothing is spent; by the spring all of it is."""
    notice = [event for event in play.said if isinstance(event, GrantApplied | GrantAwarded)]
    worker = Clockwork([(event, NOTICE) for event in notice])
    use_by = date(2024, 2, 1)
    moved = [event for event in play.said if isinstance(event, PayoutRecorded | ExpenseBooked)]
    days = {event: event.on if isinstance(event, PayoutRecorded) else event.paid_on for event in moved}
    for event in sorted(moved, key=lambda one: days[one]):
        if days[event] <= use_by:
            worker.tell(event, at(days[event]))
    said = [one for one in worker.run_to(at(use_by)) if isinstance(one, DrawnMoneyDue)]
    assert [(one.drawdown, one.due_on, one.stage) for one in said][-1] == ("call-1", use_by, 0)
    assert {one.drawn for one in said} == {to_cents(euros("20.000"))}
    for event in moved:
        if days[event] > use_by and isinstance(event, ExpenseBooked):
            worker.tell(event, at(days[event]))
    assert not [one for one in worker.run_to(at(date(2024, 5, 1))) if isinstance(one, DrawnMoneyDue)]


@pytest.mark.infra
async def test_a_grant_plays_from_its_notice_to_its_last_cent(database: Database) -> None:
    play = await started(database)
    await is_refused_once_for_each_rule(play)
    await proves_its_first_year(play)
    await play.give(commit("contract-1", amount=3_000_000, on=date(2023, 11, 6)))
    await play.spend("facilitation-1", "12.345,67", line=FACILITATION, commitment="contract-1")
    await play.spend("facilitation-2", "13.456,78", line=FACILITATION, commitment="contract-1")
    await play.spend("workshop-1", "6.999,99", line=WORKSHOP)
    await play.spend("material-1", "1.234,06", line=MATERIAL)
    await play.work("hours-1", date(2024, 3, 1), 40, "62,75")
    for number in range(2, 13):
        await play.work(f"hours-{number}", date(2024, 3, number), 39, "61,99")
    await play.draw("call-2", "15.000", SPRING)
    money_that_is_not_used_in_time_is_owed(play)
    ledger = play.ledger

    [frozen] = await play.give(freeze())
    assert isinstance(frozen, ProofOfUseFrozen)
    assert {line.line: line.spent for line in frozen.lines} == {
        name: to_cents(amount) for name, amount in ledger.spent.items()
    }
    assert (frozen.spent, frozen.own_contribution) == (to_cents(ledger.total), to_cents(ledger.own))
    assert (frozen.unspent, frozen.drawn) == (to_cents(euros("40.000") - ledger.total), to_cents(ledger.drawn))
    assert frozen.own_contribution < frozen.own_contribution_due == to_cents(euros("10.000"))
    assert frozen.payable == to_cents(ledger.pays()) < frozen.spent, "the own share that is missing cuts it"

    await play.give(submit())
    await play.give(reopen())
    await play.spend("material-2", "0,01", line=MATERIAL)
    [again] = await play.give(freeze())
    assert isinstance(again, ProofOfUseFrozen)
    assert (again.revision, again.spent) == (2, to_cents(ledger.total))
    await play.give(submit())
    await play.refused(close(), ProofOfUseNotAudited)

    reduced = euros("1.234,56")
    on = date(2025, 10, 1)
    [audited] = await play.give(audit(on, to_cents(reduced), "Ohne Beleg"))
    assert isinstance(audited, ProofOfUseAudited)
    assert audited.recognised == to_cents(ledger.pays(reduced))
    await play.refused(reopen("noch einmal"), ProofOfUseIsAudited)
    owed = to_cents(ledger.drawn - ledger.pays(reduced))
    assert owed > 0
    await play.refused(repay("back-0", owed + 1, on), RepaymentExceedsDebt)
    await play.give(repay("back-1", owed - 1, on))
    await play.refused(close(), MoneyStillOwed)
    await play.give(repay("back-2", 1, on))
    [closed] = await play.give(close())
    assert isinstance(closed, GrantClosed)
    assert closed.paid == to_cents(ledger.pays(reduced))


@pytest.mark.infra
@pytest.mark.long
async def test_of_two_hundred_bookings_at_once_exactly_those_are_booked_that_the_money_allows(
    database: Database,
) -> None:
    """37,000.00 EUR are spent; of the last 3,000.00 two hundred try to have 35.00 each, from several processes."""
    play = await started(database)
    await play.spend("facilitation", "30.000", line=FACILITATION)
    await play.spend("workshop", "7.000", line=WORKSHOP)
    amount, journal = 3_500, Journal(database["journal"])
    offices = [Booking(Executor(journal, SERVICE.decided_by, lambda: None)) for _ in range(4)]

    async def tried(number: int) -> type[Rejected] | None:
        """Whoever is told that it was busy asks again, as every caller does."""
        while True:
            try:
                wanted = book(f"last-{number}", MATERIAL, amount=amount)
                await offices[number % len(offices)].execute(wanted, Request(f"last-{number}"))
            except Busy:
                await asyncio.sleep(0.01)
            except Rejected as no:
                return type(no)
            else:
                return None

    answers = await asyncio.gather(*(tried(number) for number in range(200)))
    assert answers.count(None) == 300_000 // amount
    assert {*answers} == {None, GrantExceeded}
    spent = (await offices[0].executor.state(GRANT, STREAM)).book.spent
    assert spent == 3_700_000 + amount * (300_000 // amount)
