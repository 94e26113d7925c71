"""The book of a grant: expenses by plan line. Nothing is overwritten, and nobody approves what he booked himself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal, assert_never

from services.funding.domain.availability import Means, must_be_left
from services.funding.domain.commitments import Commitments, must_cover, used_by
from services.funding.domain.notice import AboutGrant, line_of
from services.funding.domain.receipts import must_be_left_of_receipt
from services.funding.domain.terms import must_not_lie_ahead, warning_mark_of
from shared.contracts.funding import (
    Amount,
    BudgetLineWarned,
    ExpenseApproved,
    ExpenseBooked,
    ExpenseReversalRequested,
    ExpenseReversed,
    GrantAmended,
    GrantAwarded,
    PlanLine,
)
from shared.kernel.decider import GivenBy
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line
from shared.kernel.time import Day, german_day

# Events

BookEvent = ExpenseBooked | ExpenseApproved | ExpenseReversalRequested | ExpenseReversed | BudgetLineWarned

# State


@dataclass(frozen=True, slots=True)
class Expense:
    booked: ExpenseBooked
    state: Literal["booked", "approved", "reversed"] = "booked"
    reversal: ExpenseReversalRequested | None = None
    """Requested by one person, and not yet approved by another."""


@dataclass(frozen=True, slots=True)
class Book:
    expenses: Mapping[Slug, Expense] = field(default_factory=dict)
    warned: frozenset[Slug] = frozenset()

    @property
    def standing(self) -> Sequence[ExpenseBooked]:
        """All expenses that are booked and not reversed."""
        return [expense.booked for expense in self.expenses.values() if expense.state != "reversed"]

    @property
    def spent(self) -> int:
        return sum(booked.amount for booked in self.standing)

    def spent_on(self, line: Slug) -> int:
        return sum(booked.amount for booked in self.standing if booked.line == line)

    def waiting(self, year: int | None = None) -> tuple[int, int]:
        """How many expenses (of one year) wait for approval, and for the approval of their reversal."""
        of = [one for one in self.expenses.values() if year in (None, one.booked.paid_on.year)]
        reversals = sum(one.state == "approved" and one.reversal is not None for one in of)
        return sum(one.state == "booked" for one in of), reversals


def evolve(book: Book, event: BookEvent) -> Book:
    match event:
        case ExpenseBooked():
            return _with(book, event.expense, Expense(event))
        case ExpenseApproved():
            return _with(book, event.expense, replace(book.expenses[event.expense], state="approved"))
        case ExpenseReversalRequested():
            return _with(book, event.expense, replace(book.expenses[event.expense], reversal=event))
        case ExpenseReversed():
            return _with(book, event.expense, replace(book.expenses[event.expense], state="reversed"))
        case BudgetLineWarned():
            return replace(book, warned=book.warned | {event.line})
        case _:
            assert_never(event)


def planned_anew(book: Book, notice: GrantAmended) -> Book:
    """A warning is about the plan that it was said of: where a later notice lifts the mark, it can be said again."""
    marks = {line.line: warning_mark_of(line, notice.conditions) for line in notice.lines}
    still = frozenset(line for line in book.warned if line in marks and book.spent_on(line) >= marks[line])
    return replace(book, warned=still)


def _with(book: Book, name: Slug, expense: Expense) -> Book:
    return replace(book, expenses={**book.expenses, name: expense})


# Commands


class BookExpense(AboutGrant):
    """Book a paid receipt, or with ``receipt_amount`` a part of it, on a plan line."""

    expense: Slug
    line: Slug
    purpose: Slug
    amount: Amount
    service_on: Day
    paid_on: Day
    payee: Slug
    receipt_number: Line
    commitment: Slug | None = None
    receipt_amount: Amount | None = None
    session: Slug | None = None


class ApproveExpense(AboutGrant):
    """Approve an expense that somebody else has booked."""

    given_by: ClassVar[GivenBy] = "approver"

    expense: Slug


BookCommand = BookExpense | ApproveExpense

# Rejections


class ExpenseUnknown(Rejected):
    """Die Ausgabe „{expense}“ ist nicht gebucht."""

    kind = Kind.NOT_FOUND


class ExpenseBookedDifferently(Rejected):
    """Die Ausgabe „{expense}“ ist bereits mit anderen Angaben gebucht."""


class ExpenseOutsidePeriod(Rejected):
    """Die Ausgabe vom {day} liegt außerhalb des Bewilligungszeitraums vom {start} bis {end}."""


class PurposeNotOfLine(Rejected):
    """Der Ansatz „{line}“ ist für „{planned}“ bestimmt, nicht für „{purpose}“."""


class ExpenseIsReversed(Rejected):
    """Die Ausgabe „{expense}“ ist storniert."""


class ExpenseAlreadyApproved(Rejected):
    """Die Ausgabe „{expense}“ ist bereits freigegeben."""


class BookerMayNotApprove(Rejected):
    """Wer die Ausgabe „{expense}“ gebucht hat, darf sie nicht freigeben."""

    kind = Kind.FORBIDDEN


# decide


def decide(book: Book, commitments: Commitments, means: Means, command: BookCommand) -> Sequence[BookEvent]:
    match command:
        case BookExpense():
            return _book(book, commitments, means, command)
        case ApproveExpense():
            return _approve(book, command)
        case _:
            assert_never(command)


def _book(book: Book, commitments: Commitments, means: Means, book_: BookExpense) -> Sequence[BookEvent]:
    booked = _booked(book_)
    if known := book.expenses.get(book_.expense):
        return _booked_before(known, booked)
    line = line_of(means.awarded, booked.line)
    _must_serve_purpose(line, booked)
    _must_lie_in_period(means.awarded, booked)
    for day in (booked.service_on, booked.paid_on):
        must_not_lie_ahead(day, book_.at)
    must_be_left_of_receipt(book.standing, booked)
    must_cover(commitments, book.standing, booked)
    used = used_by(commitments, book.standing, line.line, but=booked.commitment)
    must_be_left(means, line, used, booked.amount, book_.by)
    return [booked, *_warning(book, means.awarded, line, booked)]


def _booked(book: BookExpense) -> ExpenseBooked:
    return ExpenseBooked(
        grant=book.grant,
        expense=book.expense,
        line=book.line,
        purpose=book.purpose,
        amount=book.amount,
        service_on=book.service_on,
        paid_on=book.paid_on,
        payee=book.payee,
        receipt_number=book.receipt_number,
        booked_by=book.by,
        commitment=book.commitment,
        receipt_amount=book.receipt_amount,
        session=book.session,
    )


def _booked_before(known: Expense, booked: ExpenseBooked) -> Sequence[BookEvent]:
    if known.state == "reversed":
        raise ExpenseIsReversed(expense=booked.expense)
    if booked.model_copy(update={"booked_by": known.booked.booked_by}) != known.booked:
        raise ExpenseBookedDifferently(expense=booked.expense)
    return []


def _warning(book: Book, awarded: GrantAwarded, line: PlanLine, booked: ExpenseBooked) -> Sequence[BudgetLineWarned]:
    spent = book.spent_on(line.line) + booked.amount
    if line.line in book.warned or spent < warning_mark_of(line, awarded.conditions):
        return []
    return [
        BudgetLineWarned(
            grant=booked.grant,
            line=line.line,
            planned=line.amount,
            spent=spent,
            name=line.name,
            warn_percent=awarded.conditions.warn_percent,
        )
    ]


def _approve(book: Book, approve: ApproveExpense) -> Sequence[BookEvent]:
    expense = standing(book, approve.expense)
    if expense.state == "approved":
        raise ExpenseAlreadyApproved(expense=approve.expense)
    if approve.by == expense.booked.booked_by:
        raise BookerMayNotApprove(expense=approve.expense)
    return [
        ExpenseApproved(
            grant=approve.grant,
            expense=approve.expense,
            line=expense.booked.line,
            amount=expense.booked.amount,
            approved_by=approve.by,
            payee=expense.booked.payee,
            receipt_number=expense.booked.receipt_number,
            paid_on=expense.booked.paid_on,
        )
    ]


def standing(book: Book, name: Slug) -> Expense:
    if name not in book.expenses:
        raise ExpenseUnknown(expense=name)
    if book.expenses[name].state == "reversed":
        raise ExpenseIsReversed(expense=name)
    return book.expenses[name]


def _must_serve_purpose(line: PlanLine, booked: ExpenseBooked) -> None:
    if booked.purpose != line.purpose:
        raise PurposeNotOfLine(line=line.line, planned=line.purpose, purpose=booked.purpose)


def _must_lie_in_period(awarded: GrantAwarded, booked: ExpenseBooked) -> None:
    period = awarded.period
    for day in (booked.service_on, booked.paid_on):
        if day not in period:
            raise ExpenseOutsidePeriod(
                day=german_day(day), start=german_day(period.start), end=german_day(period.until)
            )
