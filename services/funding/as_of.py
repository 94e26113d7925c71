"""A grant's budget as of a day, and what becomes of it until the end of its period. All amounts are cents.

A notice counts from its day on, a contract from its own, an expense from its payment, hours from the day of the work.
What was corrected, reversed or cancelled counts as it is known: today, or as it was at the end of an earlier day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from services.funding.domain.commitments import Commitment, paid_for
from services.funding.domain.grant import GRANT, Grant, GrantEvent
from services.funding.domain.terms import payable, rounded
from shared.contracts.funding import ExpenseBooked, GrantAmended, GrantAwarded, PlanLine
from shared.declarations.projection import Document
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import german_day, local_day

Recorded = tuple[datetime, GrantEvent]
"""An event, and when it was recorded."""
Notice = GrantAwarded | GrantAmended


class NothingAwarded(Rejected):
    """Für die Zuwendung „{grant}“ war am {day} nichts bewilligt."""

    kind = Kind.NOT_FOUND


class AsOf(NamedTuple):
    """The figures on a day, by the last notice until then."""

    on: date
    notice: Notice
    names: Sequence[PlanLine]
    """Its lines, and lines that only a later notice has."""
    grant: Grant
    paid: Sequence[ExpenseBooked]
    """Its expenses that count until then."""

    @property
    def spent(self) -> int:
        return sum(expense.amount for expense in self.paid)

    @property
    def own_contribution(self) -> int:
        return sum(entry.amount for entry in self.grant.own.standing if entry.on <= self.on)

    @property
    def repaid(self) -> int:
        return sum(one.amount for one in self.grant.settlement.repaid.values() if one.on <= self.on)

    @property
    def drawn(self) -> int:
        return sum(one.amount for one in self.grant.drawdowns.paid.values() if one.on <= self.on)


def as_of(grant: Slug, recorded: Iterable[Recorded], on: date, known_on: date | None = None) -> AsOf:
    """Raises ``NothingAwarded``."""
    known = [event for at, event in recorded if known_on is None or local_day(at) <= known_on]
    notices = [event for event in known if isinstance(event, Notice)]
    counting = [notice for notice in notices if notice.notice_on <= on]
    if not counting:
        raise NothingAwarded(grant=grant, day=german_day(on))
    lines = {line.line: line for notice in notices for line in notice.lines}
    planned = {line.line for line in counting[-1].lines}
    later = [line for line in lines.values() if line.line not in planned]
    folded = GRANT.fold(known)
    paid = [expense for expense in folded.book.standing if expense.paid_on <= on]
    return AsOf(on, counting[-1], [*counting[-1].lines, *later], folded, paid)


def budget(at: AsOf) -> Document:
    planned = {line.line for line in at.notice.lines}
    lines = [_line(at, line, line.amount if line.line in planned else 0) for line in at.names]
    return {
        "grant": at.notice.grant,
        "on": at.on.isoformat(),
        "awarded": at.notice.amount,
        "lines": [line for line in lines if line["line"] in planned or line["paid"] or line["committed"]],
        "own_contribution_due": at.notice.own_contribution_due,
        "own_contribution": at.own_contribution,
        "drawn": at.drawn,
        "repaid": at.repaid,
        "payable": payable(at.spent, at.own_contribution, at.notice.amount, at.notice.conditions),
    }


def _line(at: AsOf, line: PlanLine, planned: int) -> Document:
    on_line = [expense for expense in at.paid if expense.line == line.line]
    contracts = [one for one in at.grant.commitments.known.values() if _counts(one, line.line, at.on)]
    paid = sum(expense.amount for expense in on_line)
    approved = [one for one in on_line if at.grant.book.expenses[one.expense].state == "approved"]
    committed = sum(one.amount - paid_for(at.paid, one.registered.commitment) for one in contracts)
    return {
        **line.model_dump(mode="json", exclude={"amount"}),
        "planned": planned,
        "committed": committed,
        "paid": paid,
        "approved": sum(expense.amount for expense in approved),
        "free": planned - committed - paid,
    }


def _counts(one: Commitment, line: Slug, on: date) -> bool:
    return not one.cancelled and one.registered.line == line and one.registered.on <= on


def forecast(at: AsOf) -> Document:
    """Until the period's last day, if hours and payments go on as since its first day; rounded half up."""
    period, conditions = at.notice.period, at.notice.conditions
    days, gone = (period.until - period.start).days + 1, (min(at.on, period.until) - period.start).days + 1
    own = _going_on(at.own_contribution, gone, days)
    awarded = at.notice.amount
    spent = min(_going_on(at.spent, gone, days), awarded)
    return {
        "grant": at.notice.grant,
        "on": at.on.isoformat(),
        "until": period.until.isoformat(),
        "own_contribution_due": at.notice.own_contribution_due,
        "own_contribution": at.own_contribution,
        "own_contribution_expected": own,
        "spent_expected": spent,
        "payable_as_planned": payable(awarded, own, awarded, conditions),
        "payable_as_spent": payable(spent, own, awarded, conditions),
    }


def _going_on(so_far: int, gone: int, days: int) -> int:
    return rounded(so_far * days, gone) if gone > 0 else so_far
