"""A proof of use as the grantor reads it: report, figures by plan line, receipts in time order, own contribution.

Made of the grant's own events up to the freezing of its revision, so the same revision is the same document for ever.
Every figure says by numbers from which entries it follows, and the annex says from which events these are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from services.funding.domain.grant import GRANT, Grant, GrantEvent
from services.funding.domain.proof import payable_of
from shared.contracts.funding import (
    ExpenseApproved,
    ExpenseBooked,
    GrantAmended,
    GrantApplied,
    GrantAwarded,
    OwnContributionRecorded,
    PayoutRecorded,
    ProofOfUseFrozen,
)
from shared.documents.typeset import typeset
from shared.kernel.identifiers import Slug
from shared.kernel.money import euros
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import german_day, local_day

Said = tuple[str, GrantEvent]
"""An event with its id."""
Notice = GrantApplied | GrantAwarded | GrantAmended
Shown = dict[str, Any]


class NoProofOfUse(Rejected):
    """Zur Zuwendung „{grant}“ ist ein Verwendungsnachweis in dieser Fassung nicht abgeschlossen worden."""

    kind = Kind.NOT_FOUND


@dataclass(frozen=True)
class FrozenRevision:
    """``said`` is everything of the grant up to the freezing; ``hash`` is that of the journal's chain there."""

    frozen: ProofOfUseFrozen
    number: int
    at: datetime
    hash: str
    said: Sequence[Said]


@dataclass(frozen=True)
class Entry:
    """What a figure follows from: its number in the document, and the events behind it."""

    number: str
    what: str
    event: Any
    ids: Sequence[str]


@dataclass(frozen=True)
class Entries:
    notices: Sequence[Entry]
    payouts: Sequence[Entry]
    expenses: Sequence[Entry]
    hours: Sequence[Entry]

    @property
    def all(self) -> Sequence[Entry]:
        return [*self.notices, *self.payouts, *self.expenses, *self.hours]


def as_pdf(revision: FrozenRevision) -> bytes:
    return typeset("proof_of_use.typ", {"proof": parts_of(revision)})


def parts_of(revision: FrozenRevision) -> Shown:
    """``sections`` have a heading, paragraphs and tables; a list in a cell are numbers of ``origins``."""
    grant = GRANT.fold(event for _, event in revision.said)
    entries, names = _entries(revision.said, grant), _names(revision.said)
    applied = grant.notice.applied
    assert applied, "nothing is frozen that was not applied for"
    return {
        "about": applied.title,
        "header": f"{applied.grant}, Fassung {revision.number}",
        "facts": _facts(revision, applied, entries),
        "sections": [
            {"heading": "1. Sachbericht", "paragraphs": _report(applied, entries, names), "tables": []},
            _section("2. Zahlenmäßiger Nachweis", _by_line(revision.frozen, entries, names), _sums(revision, entries)),
            _section("3. Belegliste", _income(entries), _spending(entries, names)),
            _section("4. Eigenanteil", _hours(entries)),
        ],
        "origins": [(one.number, one.what, list(one.ids)) for one in entries.all],
    }


def _section(heading: str, *tables: Shown) -> Shown:
    return {"heading": heading, "paragraphs": [], "tables": list(tables)}


def _table(
    title: str | None,
    columns: Mapping[str, int],
    rows: Iterable[Sequence[str | list[str]]],
    total: Sequence[str] | None = None,
) -> Shown:
    """``columns`` are headings with their widths; what begins with ``#`` is a column of amounts."""
    return {
        "title": title,
        "headings": [heading.removeprefix("#") for heading in columns],
        "widths": list(columns.values()),
        "sums": [at for at, heading in enumerate(columns) if heading.startswith("#")],
        "rows": [list(row) for row in rows],
        "total": list(total) if total else None,
    }


# Entries


def _entries(said: Sequence[Said], grant: Grant) -> Entries:
    standing = {expense.expense for expense in grant.book.standing}
    worked = {entry.entry for entry in grant.own.standing}
    approvals = {event.expense: id_ for id_, event in said if isinstance(event, ExpenseApproved)}
    expenses = [
        (event.paid_on, event.expense, event, (id_, approvals[event.expense]))
        for id_, event in said
        if isinstance(event, ExpenseBooked) and event.expense in standing
    ]
    payouts = [(event.on, event.drawdown, event, (id_,)) for id_, event in said if isinstance(event, PayoutRecorded)]
    hours = [
        (event.on, event.entry, event, (id_,))
        for id_, event in said
        if isinstance(event, OwnContributionRecorded) and event.entry in worked
    ]
    notices = [(id_, event) for id_, event in said if isinstance(event, Notice)]
    return Entries(
        notices=[Entry(f"B{at}", _notice(event), event, (id_,)) for at, (id_, event) in enumerate(notices, start=1)],
        payouts=_numbered("E", "Auszahlung", payouts),
        expenses=_numbered("A", "Ausgabe", expenses),
        hours=_numbered("S", "Stunden", hours),
    )


def _numbered(letter: str, word: str, found: list[Any]) -> list[Entry]:
    """In the order of their days; of one day, in that of their names."""
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


def _names(said: Sequence[Said]) -> Mapping[Slug, str]:
    """What the plan's lines are called, as the last notice says it."""
    notices = [event for _, event in said if isinstance(event, GrantAwarded | GrantAmended)]
    return {line.line: line.name for notice in notices for line in notice.lines}


def _numbers(entries: Iterable[Entry]) -> list[str]:
    return [one.number for one in entries]


def _sum(entries: Iterable[Entry]) -> int:
    return sum(one.event.amount for one in entries)


# Sections


def _facts(revision: FrozenRevision, applied: GrantApplied, entries: Entries) -> list[tuple[str, str]]:
    notice = entries.notices[-1].event
    return [
        ("Zuwendungsgeber", notice.grantor or applied.grantor),
        ("Bescheide", ", ".join(one.what for one in entries.notices[1:])),
        ("Bewilligungszeitraum", f"{german_day(notice.period.start)} bis {german_day(notice.period.until)}"),
        ("Vorzulegen bis", german_day(revision.frozen.due)),
        ("Fassung", f"{revision.number}, abgeschlossen am {german_day(local_day(revision.at))}"),
        ("Prüfsumme", revision.hash),
    ]


def _report(applied: GrantApplied, entries: Entries, names: Mapping[Slug, str]) -> list[str]:
    return [
        f"Beantragt wurden {euros(applied.amount)} nach {applied.paper}.",
        *(_granted(one.event) for one in entries.notices[1:]),
        *(_used(name, [one for one in entries.expenses if one.event.line == line]) for line, name in names.items()),
        *(
            _worked(role, [*of_role])
            for role, of_role in groupby(
                sorted(entries.hours, key=lambda one: one.event.role), key=lambda one: one.event.role
            )
        ),
    ]


def _granted(event: GrantAwarded | GrantAmended) -> str:
    why = f" (Grund: {event.reason})" if isinstance(event, GrantAmended) else ""
    return f"Mit Bescheid vom {german_day(event.notice_on)} sind {euros(event.amount)} bewilligt{why}."


def _used(name: str, expenses: Sequence[Entry]) -> str:
    if not expenses:
        return f"{name}: Hierfür wurde nichts ausgegeben."
    sessions = sorted({one.event.session for one in expenses if one.event.session})
    of = f", darunter für: {', '.join(sessions)}" if sessions else ""
    return f"{name}: Belege: {len(expenses)}, zusammen {euros(_sum(expenses))}{of}."


def _worked(role: Slug, hours: Sequence[Entry]) -> str:
    quarters = sum(one.event.quarter_hours for one in hours)
    activities = "; ".join(dict.fromkeys(one.event.activity for one in hours))
    return f"Eigene Arbeit ({role}): {_in_hours(quarters)} Stunden. Tätigkeiten: {activities}."


def _in_hours(quarters: int) -> str:
    return f"{quarters // 4},{quarters % 4 * 25:02d}"


def _by_line(frozen: ProofOfUseFrozen, entries: Entries, names: Mapping[Slug, str]) -> Shown:
    columns = {"Ansatz": 5, "#Geplant": 3, "#Ausgegeben": 3, "#Rest": 3, "Nachweis": 5}
    rows = [
        (
            names[line.line],
            euros(line.planned),
            euros(line.spent),
            euros(line.planned - line.spent),
            _numbers(one for one in entries.expenses if one.event.line == line.line),
        )
        for line in frozen.lines
    ]
    planned = sum(line.planned for line in frozen.lines)
    total = ("Zusammen", euros(planned), euros(frozen.spent), euros(planned - frozen.spent), "")
    return _table("Ausgaben nach Ansätzen", columns, rows, total)


def _sums(revision: FrozenRevision, entries: Entries) -> Shown:
    frozen, noticed = revision.frozen, _numbers(entries.notices[-1:])
    return _table(
        "Finanzierung",
        {"Größe": 6, "#Betrag": 3, "Nachweis": 8},
        [
            ("Bewilligt", euros(frozen.awarded), noticed),
            ("Ausgezahlt", euros(frozen.drawn), _numbers(entries.payouts)),
            ("Ausgegeben", euros(frozen.spent), _numbers(entries.expenses)),
            ("Von der Bewilligung nicht ausgegeben", euros(frozen.unspent), [*noticed, *_numbers(entries.expenses)]),
            ("Eigenanteil, zu erbringen", euros(frozen.own_contribution_due), noticed),
            ("Eigenanteil, erbracht", euros(frozen.own_contribution), _numbers(entries.hours)),
            (
                "Von der Zuwendung zu tragen",
                euros(payable_of(frozen)),
                [*noticed, *_numbers(entries.expenses), *_numbers(entries.hours)],
            ),
        ],
    )


def _income(entries: Entries) -> Shown:
    rows = [
        ([one.number], german_day(one.event.on), one.event.drawdown, euros(one.event.amount)) for one in entries.payouts
    ]
    columns = {"Nr.": 1, "Eingang am": 2, "Abruf": 8, "#Betrag": 3}
    return _table("Einnahmen", columns, rows, ("", "", "Zusammen", euros(_sum(entries.payouts))))


def _spending(entries: Entries, names: Mapping[Slug, str]) -> Shown:
    columns = {"Nr.": 2, "Bezahlt am": 3, "Leistung am": 3, "Beleg": 5, "Empfänger": 4, "Ansatz": 5, "#Betrag": 4}
    rows = [_expense(one, names) for one in entries.expenses]
    return _table("Ausgaben", columns, rows, ("", "", "", "", "", "Zusammen", euros(_sum(entries.expenses))))


def _expense(one: Entry, names: Mapping[Slug, str]) -> Sequence[str | list[str]]:
    event: ExpenseBooked = one.event
    days = german_day(event.paid_on), german_day(event.service_on)
    return [one.number], *days, event.receipt_number, event.payee, names[event.line], euros(event.amount)


def _hours(entries: Entries) -> Shown:
    columns = {
        "Nr.": 2,
        "Am": 3,
        "Rolle": 4,
        "Tätigkeit": 7,
        "#Stunden": 2,
        "#Satz": 3,
        "Quelle des Satzes": 5,
        "#Wert": 3,
    }
    rows = [_work(one) for one in entries.hours]
    return _table(None, columns, rows, ("", "", "", "Zusammen", "", "", "", euros(_sum(entries.hours))))


def _work(one: Entry) -> Sequence[str | list[str]]:
    event: OwnContributionRecorded = one.event
    worth = _in_hours(event.quarter_hours), euros(event.rate), event.rate_source, euros(event.amount)
    return [one.number], german_day(event.on), event.role, event.activity, *worth
