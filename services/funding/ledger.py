"""What was paid, received, worked and taken back of a grant in one budget year, entry by entry, for the finance system.

Also while the grant runs: an entry that was exported once stays as it is for ever, but for its state. What is taken
back is an entry of its own, on the day that it was recorded. The layout is described in ``docs/finance.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from services.funding.domain.grant import GrantEvent
from services.funding.domain.notice import GrantNotApplied
from shared.contracts.funding import (
    BudgetYear,
    ExpenseApproved,
    ExpenseBooked,
    ExpenseReversed,
    InterestPaid,
    OwnContributionRecorded,
    OwnContributionReversed,
    PayoutRecorded,
    PayoutReversed,
    RepaymentRecorded,
)
from shared.documents.table import as_csv
from shared.kernel.identifiers import Slug, Uuid
from shared.kernel.money import euros
from shared.kernel.time import german_day, local_day

HEADINGS = (
    *("Nr.", "Art", "Tag", "Leistung am", "Beleg", "Empfänger", "Ansatz", "Betrag", "Ereignisse"),
    *("Auftrag", "Stand"),
)
"""The first nine are those of the list of a frozen proof of use."""


class InJournal(NamedTuple):
    """An event of a grant: its id, its number in the grant's stream, and the time of its recording."""

    id: Uuid
    sequence: int
    at: datetime
    event: GrantEvent


class _Entry(NamedTuple):
    """``day`` determines the year; amounts are above zero, and ``kind`` gives the direction of the money."""

    day: date
    sequence: int
    kind: str
    amount: int
    ids: Sequence[Uuid]
    service_on: date | None = None
    receipt: str = ""
    payee: str = ""
    line: str = ""
    commitment: str = ""
    state: str = ""


def as_list(grant: Slug, said: Sequence[InJournal], year: BudgetYear) -> bytes:
    """The entries with a day in the year, by day, as CSV. Raises ``GrantNotApplied``."""
    if not said:
        raise GrantNotApplied(grant=grant)
    entries = sorted(one for one in _entries(said) if one.day.year == year)
    return as_csv([HEADINGS, *(_row(one) for one in entries)])


def _entries(said: Sequence[InJournal]) -> Iterator[_Entry]:
    booked = {one.event.expense: one.event for one in said if isinstance(one.event, ExpenseBooked)}
    worked = {one.event.entry: one.event for one in said if isinstance(one.event, OwnContributionRecorded)}
    approvals = _by_expense(said, ExpenseApproved)
    reversals = _by_expense(said, ExpenseReversed)
    for one in said:
        match one.event:
            case ExpenseBooked(expense=name):
                ids = [one.id, *([approvals[name]] if name in approvals else [])]
                state = "storniert" if name in reversals else "freigegeben" if name in approvals else "gebucht"
                yield _spent(one.event.paid_on, one, one.event, "Ausgabe", ids)._replace(state=state)
            case ExpenseReversed(expense=name):
                yield _spent(local_day(one.at), one, booked[name], "Storno einer Ausgabe", [one.id])
            case OwnContributionRecorded():
                yield _worked(one.event.on, one, one.event, "Eigenleistung")
            case OwnContributionReversed(entry=name):
                yield _worked(local_day(one.at), one, worked[name], "Storno einer Eigenleistung")
            case PayoutRecorded(on=day, amount=amount, drawdown=name):
                yield _Entry(day, one.sequence, "Einnahme", amount, [one.id], receipt=name)
            case PayoutReversed(amount=amount, drawdown=name):
                yield _Entry(local_day(one.at), one.sequence, "Storno einer Einnahme", amount, [one.id], receipt=name)
            case RepaymentRecorded(on=day, amount=amount, repayment=name):
                yield _Entry(day, one.sequence, "Rückzahlung", amount, [one.id], receipt=name)
            case InterestPaid(on=day, amount=amount, claim=name):
                yield _Entry(day, one.sequence, "Zinsen", amount, [one.id], receipt=name)
            case _:
                pass  # moves no money


def _by_expense(said: Iterable[InJournal], kind: type[ExpenseApproved | ExpenseReversed]) -> Mapping[Slug, Uuid]:
    return {one.event.expense: one.id for one in said if isinstance(one.event, kind)}


def _spent(day: date, at: InJournal, booked: ExpenseBooked, kind: str, ids: Sequence[Uuid]) -> _Entry:
    return _Entry(
        day,
        at.sequence,
        kind,
        booked.amount,
        ids,
        service_on=booked.service_on,
        receipt=booked.receipt_number,
        payee=booked.payee,
        line=booked.line,
        commitment=booked.commitment or "",
    )


def _worked(day: date, at: InJournal, worked: OwnContributionRecorded, kind: str) -> _Entry:
    return _Entry(day, at.sequence, kind, worked.amount, [at.id], receipt=worked.activity, payee=worked.role)


def _row(one: _Entry) -> Sequence[str]:
    service_on = german_day(one.service_on) if one.service_on else ""
    about = str(one.sequence), one.kind, german_day(one.day), service_on, one.receipt, one.payee, one.line
    amount = euros(one.amount).removesuffix(" EUR")
    return *about, amount, " ".join(one.ids), one.commitment, one.state
