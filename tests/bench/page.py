"""One HTML page of a run: self-contained, for a browser without a network."""

from __future__ import annotations

from html import escape

from tests.bench import plots
from tests.bench.measured import RowResult, number
from tests.bench.report import where
from tests.bench.result import Result
from tests.bench.verdicts import Line, lines

HEAD = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Measured</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; color: #111; max-width: 880px; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ddd }
td.n { text-align: right; font-variant-numeric: tabular-nums }
svg { display: block; max-width: 100%; height: auto; font-size: 13px; margin: .5rem 0 1rem }
h2 { margin-top: 2.5rem } h3 { margin: 1rem 0 0; font-size: 1rem }
.held { color: #14532d } .missed { color: #b91c1c; font-weight: 600 } .note, .where { color: #555 }
</style>
"""


def page(result: Result) -> str:
    table = "".join(_line(line) for line in lines(result.rows))
    rows = "".join(_row(row) for row in result.rows)
    return (
        f'{HEAD}<h1>Measured</h1><p class="where">{escape(where(result))}</p>'
        "<p>Each ratio is formed within one round, between sides that were measured one after the other on the same "
        "servers. Bars end at the median; dots are rounds.</p>"
        "<table><tr><th>row<th>claim<th>median<th>least – most<th>target<th></tr>"
        f"{table}</table>{rows}</html>\n"
    )


def _line(line: Line) -> str:
    claim, spread = line.claim, line.spread
    median = number(spread.median) if spread else "–"
    ends = f"{number(spread.least)} – {number(spread.most)}" if spread else "–"
    target = "–" if claim.target is None else f"{claim.bound} {number(claim.target)}"
    return (
        f'<tr><td>{line.row}<td>{escape(claim.about)}<td class="n">{median}<td class="n">{ends}'
        f'<td class="n">{target}<td class="{line.verdict.split()[0]}">{line.verdict}</tr>'
    )


def _row(row: RowResult) -> str:
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in row.notes)
    drawn = "".join(f"<h3>{escape(figure)}</h3>{_bars(row, figure)}" for figure in _figures(row))
    shares = "<h3>share of durations</h3>" + plots.distribution(row.samples) if row.samples else ""
    return f"<h2>{row.id}. {escape(row.title)}</h2><p>{escape(row.about)}</p>{notes}{drawn}{shares}"


def _figures(row: RowResult) -> list[str]:
    return list(dict.fromkeys(place.figure for place in row.figures()))


def _bars(row: RowResult, figure: str) -> str:
    sides = {place.side: place.of(row.rounds) for place in row.figures() if place.figure == figure}
    return plots.bars(sides, figure)
