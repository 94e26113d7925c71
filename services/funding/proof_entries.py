"""What a proof of use is made of: a frozen revision's entries, each with its number and the events behind it.

B notices, V contracts of which the way of award is said, E income, A expenses, S hours, T sessions, R recommendations;
each kind in the order of its days. What was reversed is no entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.funding.domain.commitments import CommitmentEvent, paid_for
from services.funding.domain.grant import GRANT, Grant, GrantEvent
from shared.contracts.funding import (
    Activities,
    ExpenseApproved,
    ExpenseBooked,
    GrantAmended,
    GrantApplied,
    GrantAwarded,
    OwnContributionRecorded,
    PayoutRecorded,
    ProofOfUseFrozen,
)
from shared.documents.table import as_csv
from shared.kernel.identifiers import Slug
from shared.kernel.money import euros
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import german_day

Said = tuple[str, GrantEvent]
"""An event with its id."""
Notice = GrantApplied | GrantAwarded | GrantAmended


class NoProofOfUse(Rejected):
    """Zur Zuwendung „{grant}“ ist ein Verwendungsnachweis in dieser Fassung nicht abgeschlossen worden."""

    kind = Kind.NOT_FOUND


@dataclass(frozen=True)
class FrozenRevision:
    """``said`` are the grant's events up to the freezing; ``hash`` is that of the journal's chain there."""

    frozen: ProofOfUseFrozen
    number: int
    at: datetime
    hash: str
    said: Sequence[Said]


@dataclass(frozen=True)
class Entry:
    """The origin of a figure: its number in the document, and the events behind it."""

    number: str
    what: str
    event: Any
    ids: Sequence[str]


@dataclass(frozen=True)
class Entries:
    notices: Sequence[Entry]
    contracts: Sequence[Entry]
    payouts: Sequence[Entry]
    expenses: Sequence[Entry]
    hours: Sequence[Entry]
    sessions: Sequence[Entry]
    recommendations: Sequence[Entry]

    @property
    def all(self) -> Sequence[Entry]:
        done = (*self.sessions, *self.recommendations)
        return [*self.notices, *self.contracts, *self.payouts, *self.expenses, *self.hours, *done]


def entries_of(revision: FrozenRevision) -> Entries:
    said = revision.said
    grant = GRANT.fold(event for _, event in said)
    standing = {expense.expense for expense in grant.book.standing}
    worked = {entry.entry for entry in grant.own.standing}
    approvals = {event.expense: id_ for id_, event in said if isinstance(event, ExpenseApproved)}
    expenses = [
        (event.paid_on, event.expense, event, (id_, approvals[event.expense]))
        for id_, event in said
        if isinstance(event, ExpenseBooked) and event.expense in standing
    ]
    arrived = {event.drawdown: (id_, event) for id_, event in said if isinstance(event, PayoutRecorded)}
    payouts = [(event.on, name, event, (id_,)) for name, (id_, event) in arrived.items()]
    hours = [
        (event.on, event.entry, event, (id_,))
        for id_, event in said
        if isinstance(event, OwnContributionRecorded) and event.entry in worked
    ]
    notices = [(id_, event) for id_, event in said if isinstance(event, Notice)]
    return Entries(
        notices=[Entry(f"B{at}", _notice(event), event, (id_,)) for at, (id_, event) in enumerate(notices, start=1)],
        contracts=_numbered("V", "Auftrag", _contracts(said, grant)),
        payouts=_numbered("E", "Auszahlung", payouts),
        expenses=_numbered("A", "Ausgabe", expenses),
        hours=_numbered("S", "Stunden", hours),
        **_done(revision.frozen.activities or NOTHING_DONE),
    )


def _contracts(said: Sequence[Said], grant: Grant) -> list[Any]:
    """As corrected; a cancelled contract counts with what was paid, and not at all if that is nothing."""
    found = []
    for name, known in grant.commitments.known.items():
        paid = paid_for(grant.book.standing, name)
        if known.procurement is None or (known.cancelled and not paid):
            continue
        stands = {"amount": paid if known.cancelled else known.amount, "procurement": known.procurement}
        ids = [id_ for id_, event in said if isinstance(event, CommitmentEvent) and event.commitment == name]
        found.append((known.registered.on, name, known.registered.model_copy(update=stands), ids))
    return found


NOTHING_DONE = Activities(sessions=(), recommendations=())


def _done(activities: Activities) -> dict[str, Sequence[Entry]]:
    held = [(one.on, one.session, one, (one.event,)) for one in activities.sessions]
    made = [(one.on, one.recommendation, one, (one.event,)) for one in activities.recommendations]
    return {"sessions": _numbered("T", "Sitzung", held), "recommendations": _numbered("R", "Empfehlung", made)}


def _numbered(letter: str, word: str, found: list[Any]) -> list[Entry]:
    """By day, and within a day by name."""
    ordered = sorted(found, key=lambda one: one[:2])
    return [
        Entry(f"{letter}{at}", f"{word} {name}", event, ids)
        for at, (_, name, event, ids) in enumerate(ordered, start=1)
    ]


def _notice(event: Notice) -> str:
    match event:
        case GrantApplied():
            return "Antrag"
        case GrantAwarded():
            return f"Zuwendungsbescheid vom {german_day(event.notice_on)}"
        case GrantAmended():
            return f"Änderungsbescheid vom {german_day(event.notice_on)}"


def names_of(said: Sequence[Said]) -> Mapping[Slug, str]:
    """The names of the plan's lines, by the last notice."""
    notices = [event for _, event in said if isinstance(event, GrantAwarded | GrantAmended)]
    return {line.line: line.name for notice in notices for line in notice.lines}


def numbers_of(entries: Iterable[Entry]) -> list[str]:
    return [one.number for one in entries]


def sum_of(entries: Iterable[Entry]) -> int:
    return sum(one.event.amount for one in entries)


# The list of entries for the finance system

HEADINGS = ("Nr.", "Art", "Tag", "Leistung am", "Beleg", "Empfänger", "Ansatz", "Betrag", "Ereignisse")


def as_list(revision: FrozenRevision) -> bytes:
    """A row for each entry about money, as CSV: days as 20.03.2024, amounts as 1.234,56; ``Ereignisse`` are event ids.

    ``Art`` is Einnahme, Ausgabe or Eigenleistung; columns that a kind does not have are empty.
    """
    entries = entries_of(revision)
    return as_csv(
        [
            HEADINGS,
            *(_row(one, "Einnahme", "", one.event.drawdown, "", "") for one in entries.payouts),
            *(_spent(one) for one in entries.expenses),
            *(_row(one, "Eigenleistung", "", one.event.activity, one.event.role, "") for one in entries.hours),
        ]
    )


def _spent(one: Entry) -> Sequence[str]:
    event: ExpenseBooked = one.event
    return _row(one, "Ausgabe", german_day(event.service_on), event.receipt_number, event.payee, event.line)


def _row(one: Entry, kind: str, service_on: str, receipt: str, payee: str, line: str) -> Sequence[str]:
    day = one.event.paid_on if isinstance(one.event, ExpenseBooked) else one.event.on
    amount = euros(one.event.amount).removesuffix(" EUR")
    return one.number, kind, german_day(day), service_on, receipt, payee, line, amount, " ".join(one.ids)
