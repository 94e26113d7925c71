"""A picture of the conference: one HTML file that needs nothing else, drawn from what was read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from html import escape
from pathlib import Path

from deploy.demo.data import Data, Group
from deploy.demo.office import Document
from deploy.demo.outcome import Outcome
from services.office.desk.paper import sentence, word
from shared.kernel.money import euros
from shared.kernel.time import german_day, local_day

WIDTH = 960
KINDS = {"plenary": "Konferenz", "working_group": "Arbeitsgruppe", "workshop": "Workshop"}
COLOURS = {"plenary": "#1f5a8a", "working_group": "#3c8054", "workshop": "#a8611b"}

STYLE = """
body { font: 16px/1.45 system-ui, sans-serif; color: #1d2530; max-width: 960px;
  margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; margin-bottom: 0 } h2 { font-size: 1.15rem; margin-top: 2.4rem }
p.lead { color: #56616f; margin-top: .2rem } svg { width: 100%; height: auto; display: block }
svg text { font: 13px system-ui, sans-serif; fill: #1d2530 } .soft { color: #56616f; font-size: .92em }
.sessions { padding: 0; list-style: none; font-size: .84rem; overflow-wrap: anywhere }
.sessions li { display: grid; grid-template-columns: 3fr 2fr; gap: 1rem; padding: .2rem 0 }
.groups { columns: 2; column-gap: 2rem; padding: 0; list-style: none; font-size: .88rem }
.groups li { display: flex; gap: .5rem; break-inside: avoid; padding: .12rem 0 }
.groups .name { flex: 1 } .groups .number { color: #56616f; width: 1.6rem; text-align: right }
.seat { display: inline-block; width: .8rem; height: .8rem; border-radius: 50%; margin-left: .15rem;
  background: #1f5a8a; border: 2px solid #1f5a8a; box-sizing: border-box }
.seat.office { background: #7a5195; border-color: #7a5195 }
.seat.vacant { background: none; border-color: #b3261e }
@media (max-width: 640px) { .groups { columns: 1 } .sessions li { grid-template-columns: 1fr; gap: 0 } }
"""


def write_page(file: Path, data: Data, outcome: Outcome) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page(data, outcome), encoding="utf-8")


def page(data: Data, outcome: Outcome) -> str:
    vacant = {seat["seat"] for seat in outcome.vacant}
    titles = {session["session"]: f"„{session['title']}“" for session in outcome.sessions}
    return f"""<!doctype html>
<html lang="de"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{escape(data.conference.name)}</title><style>{STYLE}</style></head><body>
<h1>{escape(data.conference.name)}</h1>
<p class="lead">{escape(data.conference.reference)} · Personen, Termine und Beträge der Ansätze sind erfunden</p>
<h2>{len(outcome.seats)} Sitze in {len(data.groups)} Gruppen, {len(vacant)} unbesetzt</h2>
{legend()}
<ul class="groups">{"".join(group_line(group, vacant) for group in data.groups)}</ul>
<h2>{len(outcome.sessions)} Sitzungen</h2>
{time_line(outcome.sessions)}
<h2>Empfehlungen und Vorlagen</h2>
{listed([*map(recommendation_line, outcome.recommendations), *map(paper_line, outcome.papers)])}
<h2>Was noch zu tun ist</h2>
{listed(owed_line(one, titles) for one in outcome.owed)}
<h2>{escape(euros(outcome.budget["awarded"]))} Zuwendung,
{escape(euros(outcome.budget["own_contribution"]))} Eigenanteil</h2>
{money(outcome.budget)}
{earlier(outcome.earlier)}
</body></html>
"""


def listed(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else "<p>Nichts.</p>"


def recommendation_line(one: Document) -> str:
    reported = [f"berichtet am {german_day(date.fromisoformat(report['on']))}" for report in one["reports"]]
    return f"Empfehlung „{one['title']}“: {', '.join(reported) or word(one['state'])}"


def paper_line(one: Document) -> str:
    decided = [
        f"{said['committee']} am {german_day(date.fromisoformat(said['on']))}: {word(said['decision'])}"
        for said in one["decisions"]
    ]
    return f"{one['reference']} „{one['title']}“: {', '.join(decided) or word(one['state'])}"


def owed_line(one: Document, titles: Mapping[str, str]) -> str:
    """Sessions appear under their titles."""
    fields = {**one["told"], "due_on": one["due_on"]}
    if session := fields.get("session"):
        fields["session"] = titles.get(session, session)
    return sentence({"service": one["service"], "type": one["obligation"], "fields": fields})


def earlier(found: Sequence[Document]) -> str:
    return "".join(f"<h2>Vorher: {escape(one['name'])}</h2>{listed(one['working_groups'])}" for one in found)


def legend() -> str:
    return (
        '<p class="lead"><span class="seat"></span> delegiert &nbsp; <span class="seat office"></span> '
        'kraft Amtes &nbsp; <span class="seat vacant"></span> unbesetzt</p>'
    )


def group_line(group: Group, vacant: set[str]) -> str:
    kind = " office" if group.kind == "ex_officio" else ""
    dots = "".join(
        f'<span class="seat{" vacant" if seat in vacant else kind}" title="{escape(seat)}"></span>'
        for seat in group.seat_names
    )
    return (
        f'<li><span class="number">{group.number}</span>'
        f'<span class="name">{escape(group.name)}</span><span>{dots}</span></li>'
    )


def time_line(sessions: Sequence[Document]) -> str:
    """One row for each session, so that labels do not overlap; a long title continues in the next line."""
    starts = [datetime.fromisoformat(session["starts"]) for session in sessions]
    first, whole = min(starts), (max(starts) - min(starts)).total_seconds() or 1.0
    rows = (
        session_row(session, local_day(start), 10 + (start - first).total_seconds() / whole * 520)
        for session, start in zip(sessions, starts, strict=True)
    )
    return f'<ul class="sessions">{"".join(rows)}</ul>'


def session_row(session: Document, day: date, x: float) -> str:
    cancelled = session["state"] == "cancelled"
    colour = COLOURS[session["kind"]]
    fill = "none" if cancelled else colour
    told = "abgesagt" if cancelled else f"{session['present']} Sitze anwesend"
    return (
        '<li><svg viewBox="0 0 540 20" aria-hidden="true"><line x1="10" y1="10" x2="530" y2="10" stroke="#dfe4ea"/>'
        f'<circle cx="{x:.1f}" cy="10" r="8" fill="{fill}" stroke="{colour}" stroke-width="2"/></svg>'
        f"<span>{german_day(day)} · {escape(session['title'])}<br>"
        f'<span class="soft">{KINDS[session["kind"]]}, {told}</span></span></li>'
    )


def money(budget: Document) -> str:
    rows = [(line["name"], line["booked"] - line["reversed"], line["planned"], "#1f5a8a") for line in budget["lines"]]
    own = (
        "Eigenanteil in Arbeitszeit",
        budget["own_contribution"],
        budget["own_contribution_due"],
        "#7a5195",
    )
    rows.append(own)
    largest = max(planned for _, _, planned, _ in rows)
    bars = [bar(row, 6 + number * 52, largest) for number, row in enumerate(rows)]
    height = 6 + len(rows) * 52
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="Geld je Ansatz">{"".join(bars)}</svg>'


def bar(row: tuple[str, int, int, str], y: int, largest: int) -> str:
    name, spent, planned, colour = row
    wide, used = planned * WIDTH / largest, spent * WIDTH / largest
    return (
        f'<text x="0" y="{y + 12}">{escape(name)}: {escape(euros(spent))} von {escape(euros(planned))}</text>'
        f'<rect x="0" y="{y + 19}" width="{wide:.1f}" height="16" fill="#dfe4ea"/>'
        f'<rect x="0" y="{y + 19}" width="{used:.1f}" height="16" fill="{colour}"/>'
    )
