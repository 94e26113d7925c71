"""A proof of use as the grantor reads it: report, figures by plan line, receipts in time order, own contribution.

Made of the grant's own events up to the freezing of its revision, so the same revision is the same document for ever.
Every figure says by numbers from which entries it follows, and the annex says from which events these are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from services.funding.domain.proof import payable_of
from services.funding.proof_entries import Entries, Entry, FrozenRevision, entries_of, names_of, numbers_of, sum_of
from shared.contracts.funding import (
    ExpenseBooked,
    GrantAmended,
    GrantApplied,
    GrantAwarded,
    OwnContributionRecorded,
    ProofOfUseFrozen,
    SessionHeld,
)
from shared.contracts.german import SESSION_KINDS, WAYS_OF_AWARD
from shared.documents.typeset import rendered, typeset
from shared.kernel.identifiers import Slug
from shared.kernel.money import euros
from shared.kernel.time import german_day, german_hours, local_day

Shown = dict[str, Any]

LONG_WORD = re.compile(r"[^\s\-]{30,}")
"""What has none stays to the byte as it was set before such words were broken."""


def as_page(revision: FrozenRevision) -> str:
    parts = parts_of(revision)
    typed = [parts["about"], *map(str, parts["sections"])]
    return rendered("proof_of_use.html.j2", {"proof": parts, "has_long_words": any(map(LONG_WORD.search, typed))})


def as_pdf(revision: FrozenRevision) -> bytes:
    return typeset("proof_of_use.typ", {"proof": parts_of(revision)})


def parts_of(revision: FrozenRevision) -> Shown:
    """``sections`` have a heading, paragraphs and tables. A list in a cell holds numbers of ``origins``."""
    entries, names = entries_of(revision), names_of(revision.said)
    applied: GrantApplied = entries.notices[0].event
    return {
        "about": applied.title,
        "header": f"{applied.grant}, Fassung {revision.number}",
        "facts": _facts(revision, applied, entries),
        "sections": [
            {
                "heading": "1. Sachbericht",
                "paragraphs": _report(applied, entries, names),
                "tables": [_held(entries), _made(entries)] if revision.frozen.activities else [],
            },
            _section("2. Zahlenmäßiger Nachweis", _by_line(revision.frozen, entries, names), _sums(revision, entries)),
            _section("3. Belegliste", _income(entries), _spending(entries, names), *_contracts(entries, names)),
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
    """``columns`` are headings with widths; a heading that begins with ``#`` is for a column of amounts."""
    return {
        "title": title,
        "headings": [heading.removeprefix("#") for heading in columns],
        "widths": list(columns.values()),
        "sums": [at for at, heading in enumerate(columns) if heading.startswith("#")],
        "rows": [list(row) for row in rows],
        "total": list(total) if total else None,
    }


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
    return f"{name}: Belege: {len(expenses)}, zusammen {euros(sum_of(expenses))}{of}."


def _worked(role: Slug, hours: Sequence[Entry]) -> str:
    quarters = sum(one.event.quarter_hours for one in hours)
    activities = "; ".join(dict.fromkeys(one.event.activity for one in hours))
    return f"Eigene Arbeit ({role}): {german_hours(quarters)} Stunden. Tätigkeiten: {activities}."


def _held(entries: Entries) -> Shown:
    columns = {"Nr.": 1, "Am": 2, "Art": 2, "Sitzung": 4, "#Sitze": 1, "Davon nach Gruppen": 8, "#Ohne Sitz": 2}
    return _table("Sitzungen und Workshops", columns, [_session(one) for one in entries.sessions])


def _session(one: Entry) -> Sequence[str | list[str]]:
    held: SessionHeld = one.event
    groups = ", ".join(f"{group.name}\u00a0{group.seats}" for group in held.groups)
    seats = sum(group.seats for group in held.groups)
    about = german_day(held.on), SESSION_KINDS[held.kind], held.title
    return [one.number], *about, str(seats), groups, str(held.guests)


def _made(entries: Entries) -> Shown:
    titles = {one.event.session: one.event.title for one in entries.sessions}
    rows = [
        ([one.number], german_day(one.event.on), one.event.title, titles.get(one.event.session, one.event.session))
        for one in entries.recommendations
    ]
    return _table("Beschlossene Empfehlungen", {"Nr.": 1, "Am": 2, "Empfehlung": 9, "Sitzung": 5}, rows)


def _by_line(frozen: ProofOfUseFrozen, entries: Entries, names: Mapping[Slug, str]) -> Shown:
    columns = {"Ansatz": 5, "#Geplant": 3, "#Ausgegeben": 3, "#Rest": 3, "Nachweis": 5}
    rows = [
        (
            names[line.line],
            euros(line.planned),
            euros(line.spent),
            euros(line.planned - line.spent),
            numbers_of(one for one in entries.expenses if one.event.line == line.line),
        )
        for line in frozen.lines
    ]
    planned = sum(line.planned for line in frozen.lines)
    total = ("Zusammen", euros(planned), euros(frozen.spent), euros(planned - frozen.spent), "")
    return _table("Ausgaben nach Ansätzen", columns, rows, total)


def _sums(revision: FrozenRevision, entries: Entries) -> Shown:
    frozen, noticed = revision.frozen, numbers_of(entries.notices[-1:])
    return _table(
        "Finanzierung",
        {"Größe": 6, "#Betrag": 3, "Nachweis": 8},
        [
            ("Bewilligt", euros(frozen.awarded), noticed),
            ("Ausgezahlt", euros(frozen.drawn), numbers_of(entries.payouts)),
            ("Ausgegeben", euros(frozen.spent), numbers_of(entries.expenses)),
            ("Von der Bewilligung nicht ausgegeben", euros(frozen.unspent), [*noticed, *numbers_of(entries.expenses)]),
            ("Eigenanteil, zu erbringen", euros(frozen.own_contribution_due), noticed),
            ("Eigenanteil, erbracht", euros(frozen.own_contribution), numbers_of(entries.hours)),
            (
                "Von der Zuwendung zu tragen",
                euros(payable_of(frozen)),
                [*noticed, *numbers_of(entries.expenses), *numbers_of(entries.hours)],
            ),
        ],
    )


def _income(entries: Entries) -> Shown:
    rows = [
        ([one.number], german_day(one.event.on), one.event.drawdown, euros(one.event.amount)) for one in entries.payouts
    ]
    columns = {"Nr.": 1, "Eingang am": 2, "Abruf": 8, "#Betrag": 3}
    return _table("Einnahmen", columns, rows, ("", "", "Zusammen", euros(sum_of(entries.payouts))))


def _spending(entries: Entries, names: Mapping[Slug, str]) -> Shown:
    columns = {"Nr.": 2, "Bezahlt am": 3, "Leistung am": 3, "Beleg": 5, "Empfänger": 4, "Ansatz": 5, "#Betrag": 4}
    rows = [_expense(one, names) for one in entries.expenses]
    return _table("Ausgaben", columns, rows, ("", "", "", "", "", "Zusammen", euros(sum_of(entries.expenses))))


def _expense(one: Entry, names: Mapping[Slug, str]) -> Sequence[str | list[str]]:
    event: ExpenseBooked = one.event
    days = german_day(event.paid_on), german_day(event.service_on)
    return [one.number], *days, event.receipt_number, event.payee, names[event.line], euros(event.amount)


def _contracts(entries: Entries, names: Mapping[Slug, str]) -> list[Shown]:
    """None if no procurement is recorded, as in old grants."""
    if not entries.contracts:
        return []
    columns = {
        "Nr.": 1,
        "Vom": 2,
        "Auftrag": 4,
        "Ansatz": 3,
        "#Betrag": 3,
        "Vergabeart": 5,
        "Angebote": 5,
        "Begründung": 6,
    }
    return [_table("Aufträge und ihre Vergabe", columns, [_contract(one, names) for one in entries.contracts])]


def _contract(one: Entry, names: Mapping[Slug, str]) -> Sequence[str | list[str]]:
    event, how = one.event, one.event.procurement
    offers = ", ".join(f"{offer.bidder}\u00a0{euros(offer.amount)}" for offer in how.offers or ())
    called = ", ".join(filter(None, (how.contract or event.commitment, how.contractor)))
    about = german_day(event.on), called, names[event.line], euros(event.amount)
    return [one.number], *about, WAYS_OF_AWARD[how.way], offers, how.reason or ""


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
    return _table(None, columns, rows, ("", "", "", "Zusammen", "", "", "", euros(sum_of(entries.hours))))


def _work(one: Entry) -> Sequence[str | list[str]]:
    event: OwnContributionRecorded = one.event
    worth = german_hours(event.quarter_hours), euros(event.rate), event.rate_source, euros(event.amount)
    return [one.number], german_day(event.on), event.role, event.activity, *worth
