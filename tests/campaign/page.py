"""The report as one HTML page: its style and its pictures are in it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import groupby

from tests.campaign.outcome import Outcome
from tests.campaign.report import Report

STYLE = """
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; vertical-align: top; }
tr + tr { border-top: 1px solid #8884; } th { font-weight: 600; }
.good { color: #18794e; } .bad { color: #c62a2f; font-weight: 600; } .quiet { opacity: .7; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.invariants span { display: inline-block; padding: .1rem .5rem; margin: .1rem; }
.invariants span { border: 1px solid #8886; border-radius: .3rem; }
svg rect { fill: #4a7ab5; }
"""
LONGEST_BAR, PIXELS_A_SECOND = 160, 4


def page(report: Report) -> str:
    verdict = '<span class="good">all invariants held</span>' if report.good else '<span class="bad">violations</span>'
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Fault campaign</title><style>{STYLE}</style>
<h1>Fault campaign: {verdict}</h1>
<p class="quiet">{escape(report.date)} · commit {escape(report.commit)} · seed {report.seed}<br>
{escape(report.machine)} · {len(report.outcomes)} faults in {report.seconds / 60:.0f} minutes</p>
<p class="invariants">{"".join(_invariant(name, held) for name, held in report.held.items())}</p>
{_together(report)}{"".join(_group(name, some) for name, some in groupby(report.outcomes, key=lambda one: one.group))}
</html>
"""


def _invariant(name: str, held: bool) -> str:
    return f'<span class="{"good" if held else "bad"}">{name} {"held" if held else "broken"}</span>'


def _together(report: Report) -> str:
    rows = "".join(f"<li>{escape(f'{one.invariant}: {one.what}: {one.where}')}</li>" for one in report.found)
    return f"<ul class='bad'>{rows}</ul>" if rows else ""


def _group(name: str, outcomes: Iterable[Outcome]) -> str:
    head = "".join(
        f"<th>{title}</th>"
        for title in ("fault", "what happens", "result", "nothing accepted for", "at rest after", "duplicates")
    )
    return f"<h2>{escape(name)}</h2><table><tr>{head}</tr>{''.join(map(_row, outcomes))}</table>"


def _row(one: Outcome) -> str:
    away, drain = one.measures.unavailable, one.drain_seconds
    twice = ", ".join(f"{cause} {number}" for cause, number in one.measures.duplicates.items())
    return (
        f"<tr><td>{escape(one.name)}</td><td>{escape(one.sentence)}</td><td>{_result(one)}</td>"
        f'<td class="number">{away:.1f} s {_bar(away)}</td><td class="number">{drain:.1f} s {_bar(drain)}</td>'
        f"<td>{escape(twice) or '–'}</td></tr>"
    )


def _result(one: Outcome) -> str:
    told = [f"{each.invariant} {each.what}: {each.where}" for each in one.violations]
    told += [one.failure] if one.failure else []
    excused = "".join(f'<br><span class="quiet">{escape(each)}</span>' for each in one.excused)
    if not told:
        return f'<span class="good">held</span>{excused}'
    return f'<span class="bad">{"<br>".join(map(escape, told[:8]))}</span>{excused}'


def _bar(seconds: float) -> str:
    width = min(LONGEST_BAR, round(seconds * PIXELS_A_SECOND))
    return f'<svg width="{LONGEST_BAR}" height="8" aria-hidden="true"><rect width="{width}" height="8"/></svg>'
