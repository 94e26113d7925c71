"""The draft of a report to the council's committee, as a page and as a document, made of what meetings answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from shared.contracts.german import SESSION_KINDS, WORDS
from shared.documents.minutes import OUTCOMES
from shared.documents.typeset import paragraphs, rendered, typeset
from shared.kernel.time import german_day

Told = Mapping[str, Any]
"""As ``GET /committee-report/draft`` answers it."""


def as_page(draft: Told) -> str:
    return rendered("report.html.j2", {"report": parts_of(draft)})


def as_pdf(draft: Told) -> bytes:
    return typeset("report.typ", {"report": parts_of(draft)})


def parts_of(draft: Told) -> dict[str, Any]:
    """``sections`` have a heading and blocks, none where there is nothing; a block has paragraphs, points, a title."""
    return {
        "about": draft["name"],
        "facts": [
            ("Ausschuss", draft["committee"]),
            ("Zeitraum", f"{_day(draft['since'])} bis {_day(draft['until'])}"),
            ("Stand", "Entwurf"),
        ],
        "sections": [
            _section("1. Sitzungen", (_session(one) for one in draft["sessions"])),
            _section("2. Arbeitsgruppen", (_group(one) for one in draft["working_groups"])),
            _section("3. Empfehlungen", (_recommendation(one) for one in draft["recommendations"])),
            _listed("4. Stellungnahmen zu früheren Empfehlungen", [_answer(one) for one in draft["answers"]]),
            _listed("5. Überfällige Stellungnahmen", [_overdue(one) for one in draft["overdue"]]),
            _listed("6. Entschiedene Vorlagen", [_paper(one) for one in draft["papers"]]),
            *([_section("7. Frühere Konferenz", map(_earlier, draft["earlier"]))] if draft["earlier"] else []),
        ],
    }


def _section(heading: str, blocks: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"heading": heading, "blocks": list(blocks)}


def _listed(heading: str, points: Sequence[str]) -> dict[str, Any]:
    return _section(heading, [_block(None, points=points)] if points else [])


def _block(title: str | None, *texts: str, points: Sequence[str] = ()) -> dict[str, Any]:
    return {"title": title, "paragraphs": paragraphs(*texts), "points": list(points)}


def _session(one: Told) -> dict[str, Any]:
    of = f" „{one['working_group']}“" if one["working_group"] else ""
    quorum = [_quorum(one["quorum"])] if one["quorum"] else []
    return _block(
        f"{_day(one['on'])}: {one['title']} ({SESSION_KINDS[one['kind']]}{of})",
        _participants(one),
        *quorum,
        points=[_decision(decision) for decision in one["decisions"]],
    )


def _participants(one: Told) -> str:
    groups = ", ".join(f"{group['name']}\u00a0{group['seats']}" for group in one["groups"])
    return f"Vertretene Sitze: {one['seats']}{f' ({groups})' if groups else ''}. Personen ohne Sitz: {one['guests']}."


def _quorum(quorum: Told) -> str:
    is_there = "Beschlussfähig" if quorum["established"] else "Nicht beschlussfähig"
    present = f"{quorum['present']} von {quorum['voting_seats']} Sitzen anwesend"
    return f"{is_there}: {present}, nötig {quorum['needed']}."


def _decision(one: Told) -> str:
    votes = zip(("Ja", "Nein", "Enthaltungen"), one["votes"], strict=False)
    counted = ", ".join(f"{word}: {number}" for word, number in votes)
    title = f", {one['title']}" if one["title"] else ""
    closed = "" if one["public"] else " (nicht öffentlich)"
    return f"TOP {one['item']}{title}{closed}: {OUTCOMES[one['outcome']]}{f' ({counted})' if counted else ''}."


def _group(one: Told) -> dict[str, Any]:
    begun = f"Eingerichtet am {_day(one['established'])}." if one["established"] else ""
    topics = f"Themen: {'; '.join(one['topics'])}" if one["topics"] else ""
    ended = f"Beendet am {_day(one['closed_on'])}." if one["closed_on"] else ""
    results = f"Ergebnis: {one['results']}" if one["results"] else ""
    where = f"Dokument: {one['document']}" if one["document"] else ""
    return _block(one["name"], " ".join(part for part in (begun, ended, topics) if part), results, where)


def _recommendation(one: Told) -> dict[str, Any]:
    how = f"Beschlossen am {_day(one['on'])} {WORDS[one['by']]}, erarbeitet von „{one['working_group']}“."
    successor = f"Ersetzt durch „{one['successor']}“." if one["successor"] else ""
    return _block(one["title"], how, successor, points=[_asked(asked) for asked in one["addressees"]])


def _earlier(one: Told) -> dict[str, Any]:
    when = f"Vom {_day(one['since'])} bis zum {_day(one['until'])}."
    where = f"Ergebnisse: {one['document']}" if one.get("document") else ""
    groups = [f"Arbeitsgruppe: {name}" for name in one["working_groups"]]
    return _block(one["name"], when, where, one.get("results") or "", points=groups)


def _asked(one: Told) -> str:
    until = f"{one['name']}, Frist {_day(one['due_on'])}"
    if one["answer"]:
        return f"{until}: {_said(one)}"
    return f"{until}: {'überfällig' if one['overdue'] else 'steht aus'}."


def _said(one: Told) -> str:
    reasons = " ".join(one["reasons"].split())
    return f"{WORDS[one['answer']]} am {_day(one['on'])}. {reasons}"


def _answer(one: Told) -> str:
    return f"{one['title']} – {one['name']}: {_said(one)}"


def _overdue(one: Told) -> str:
    return f"{one['title']} – {one['name']}, Frist {_day(one['due_on'])}."


def _paper(one: Told) -> str:
    return f"{one['reference']}: {one['title']} – {one['committee']} am {_day(one['on'])}: {WORDS[one['decision']]}."


def _day(day: str) -> str:
    return german_day(date.fromisoformat(day))
