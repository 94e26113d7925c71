"""The last page of the account: one table of what came out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.demo.expected import SUBJECTS
from deploy.demo.outcome import Outcome, by_state, letters_of
from shared.kernel.money import euros


def show(
    console: Console,
    outcome: Outcome,
    topics: Mapping[str, int],
    verified: str,
    differences: list[str],
    mail_folder: Path,
    page: Path,
) -> None:
    """``topics`` gives the number of events on each topic."""
    table = Table(title="Kommunale Pflegekonferenz", show_header=False, title_justify="left")
    table.add_column("Was")
    table.add_column("Wie viel")
    for section in (seats(outcome), sessions(outcome), year(outcome), mails(outcome), money(outcome), events(topics)):
        for what, how_much in section:
            table.add_row(what, how_much)
        table.add_section()
    table.add_row("verify", verified)
    console.print(table)
    for difference in differences:
        console.print(f"! {difference}", style="red", markup=False, soft_wrap=True)
    console.print(f"E-Mails: {mail_folder}", soft_wrap=True, markup=False, highlight=False)
    console.print(f"Bild: {page}", soft_wrap=True, markup=False, highlight=False)


def seats(outcome: Outcome) -> list[tuple[str, str]]:
    vacant = len(outcome.vacant)
    return [("Sitze", f"{len(outcome.seats)}, davon besetzt {len(outcome.seats) - vacant}, frei {vacant}")]


def sessions(outcome: Outcome) -> list[tuple[str, str]]:
    held = sum(session["state"] == "closed" for session in outcome.sessions)
    cancelled = sum(session["state"] == "cancelled" for session in outcome.sessions)
    told = f"{len(outcome.sessions)}, davon abgehalten {held}, abgesagt {cancelled}"
    return [("Sitzungen", told)]


def year(outcome: Outcome) -> list[tuple[str, str]]:
    """The changes during the year; only rows with a change."""
    since = [seat["since"] for seat in outcome.seats if seat.get("since")]
    later = sum(day > min(since) for day in since)
    letters, superseded = (by_state(outcome.mails, state).total() for state in ("posted", "superseded"))
    told = {
        "Nach dem Beginn neu besetzt": (later, "Sitze"),
        "Stellvertretungen, als Liste eingelesen": (sum(bool(seat["deputy"]) for seat in outcome.seats), "Sitze"),
        "Für Verhinderte eingeladen": (sum(len(one["deputies"]) for one in outcome.sessions), "Stellvertretungen"),
        "Zweite Sitzung nach verfehltem Quorum": (sum(bool(one.get("second_of")) for one in outcome.sessions), "mal"),
        "Einwendungen gegen Niederschriften": (sum(len(one["objections"]) for one in outcome.minutes), "beantwortet"),
        "Briefe": (letters, "gedruckt und aufgegeben"),
        "Überholte Briefe": (superseded, "durch neuere ersetzt"),
    }
    return [(what, f"{number} {unit}") for what, (number, unit) in told.items() if number]


def mails(outcome: Outcome) -> list[tuple[str, str]]:
    sent, letters = by_state(outcome.mails, "sent"), letters_of(outcome)
    kinds = [kind for kind in SUBJECTS if sent[kind] or letters[kind]]
    rows = [(SUBJECTS[kind], f"E-Mails: {sent[kind]}, Briefe: {letters[kind]}") for kind in kinds]
    taken = f"versandt: {sent.total()}, zugestellt: {outcome.folder.total}; Briefe: {letters.total()}"
    return [*rows, ("Schreiben zusammen", taken)]


def money(outcome: Outcome) -> list[tuple[str, str]]:
    rows = [
        (line["name"], f"{euros(line['booked'] - line['reversed'])} von {euros(line['planned'])}")
        for line in outcome.budget["lines"]
    ]
    spent = sum(line["booked"] - line["reversed"] for line in outcome.budget["lines"])
    return [
        *rows,
        ("Zuwendung", f"{euros(spent)} von {euros(outcome.budget['awarded'])}"),
        ("Eigenanteil", f"{euros(outcome.budget['own_contribution'])} in Arbeitszeit"),
    ]


def events(topics: Mapping[str, int]) -> list[tuple[str, str]]:
    return [(topic, f"{count} Ereignisse") for topic, count in topics.items()]
