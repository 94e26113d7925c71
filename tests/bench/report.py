"""The table: on a terminal, and as the generated part of docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from tests.bench.measured import Place, RowResult, Spread, number
from tests.bench.result import Result
from tests.bench.verdicts import Line, Verdict, lines

BEGIN = "<!-- figures: written by `python -m tests.bench --write-docs` -->"
END = "<!-- end of figures -->"
STYLE: dict[Verdict, str] = {"held": "green", "missed": "red", "not measured": "yellow", "for comparison": "dim"}


class NoPlaceForFigures(Exception):
    """The document lacks the two lines between which the figures belong."""


def show(result: Result, console: Console) -> None:
    table = Table("row", "claim", "median", "least – most", "target", "", title="Ratios")
    for line in lines(result.rows):
        style = STYLE[line.verdict]
        table.add_row(line.row, line.claim.about, *_numbers(line), f"[{style}]{line.verdict}[/{style}]")
    console.print(table)
    for note in _notes(result.rows):
        console.print(note, markup=False, highlight=False)
    console.print(where(result), markup=False, highlight=False)


def where(result: Result) -> str:
    """On what machine, how many rounds of how many events, and when."""
    machine = ", ".join(f"{name}: {value}" for name, value in result.machine.items())
    size = result.size
    return f"{size.rounds} rounds, {size.events:,} events, {result.at:%Y-%m-%d %H:%M} UTC. {machine}."


def _numbers(line: Line) -> tuple[str, str, str]:
    spread, claim = line.spread, line.claim
    target = "–" if claim.target is None else f"{'≥' if claim.bound == 'at least' else '≤'} {number(claim.target)}"
    if spread is None:
        return "–", "–", target
    return number(spread.median), f"{number(spread.least)} – {number(spread.most)}", target


def _notes(rows: Sequence[RowResult]) -> Iterator[str]:
    return (f"{row.id}: {note}" for row in rows for note in row.notes)


def written_into(document: str, result: Result) -> str:
    """The document with the figures of this run in the place of the former ones."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NoPlaceForFigures
    return f"{before}{BEGIN}\n\n{_markdown(result)}\n{END}{after}"


def _markdown(result: Result) -> str:
    head = ["| row | claim | median | least – most | target | |", "|---|---|---|---|---|---|"]
    claims = [
        f"| {line.row} | {line.claim.about} | {' | '.join(_numbers(line))} | {line.verdict} |"
        for line in lines(result.rows)
    ]
    notes = [f"- {note}" for note in _notes(result.rows)]
    figures = [part for row in result.rows for part in _figures(row)]
    return "\n".join([where(result), "", *head, *claims, "", *notes, *figures])


def _figures(row: RowResult) -> Iterator[str]:
    yield from ("", f"**{row.id}. {row.title}.** {row.about}", "", "| side | figure | median | least – most |")
    yield "|---|---|---|---|"
    for place, spread in row.figures().items():
        yield f"| {_cells(place, spread)} |"


def _cells(place: Place, spread: Spread) -> str:
    return f"{place.side} | {place.figure} | {number(spread.median)} | {number(spread.least)} – {number(spread.most)}"
