"""Plots as SVG text: nothing is loaded from anywhere, and they print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from tests.bench.measured import Spread, number, quantile

WIDTH, LABELS, RIGHT = 760, 210, 90
LANE = 34
DRAWN = WIDTH - LABELS - RIGHT
COLOURS = ("#14532d", "#b45309", "#1d4ed8", "#6b7280", "#7c3aed")
HEIGHT, BOTTOM = 240, 40


def bars(values: Mapping[str, Sequence[float]], unit: str) -> str:
    """A bar to the median of each side, a line from its least to its most, a dot for each round."""
    largest = max((value for rounds in values.values() for value in rounds), default=0) or 1
    lanes = [
        _lane(place, name, rounds, largest) for place, (name, rounds) in enumerate(values.items()) if len(rounds) > 0
    ]
    return _svg(WIDTH, LANE * len(lanes) + 6, f"{unit} by side", "".join(lanes))


def _lane(place: int, name: str, rounds: Sequence[float], largest: float) -> str:
    top, middle = place * LANE + 6, place * LANE + 6 + (LANE - 10) / 2
    spread = Spread.of(rounds)
    colour, width = COLOURS[place % len(COLOURS)], spread.median / largest * DRAWN
    ends = [LABELS + value / largest * DRAWN for value in (spread.least, spread.most)]
    dots = "".join(
        f'<circle cx="{LABELS + value / largest * DRAWN:.1f}" cy="{middle}" r="3" fill="#fff" stroke="#111"/>'
        for value in rounds
    )
    return (
        f'<text x="{LABELS - 10}" y="{middle + 4}" text-anchor="end">{escape(name)}</text>'
        f'<rect x="{LABELS}" y="{top}" width="{width:.1f}" height="{LANE - 10}" fill="{colour}"/>'
        f'<line x1="{ends[0]:.1f}" x2="{ends[1]:.1f}" y1="{middle}" y2="{middle}" stroke="#111"/>{dots}'
        f'<text x="{WIDTH - RIGHT + 14}" y="{middle + 4}">{number(spread.median)}</text>'
    )


def distribution(samples: Mapping[str, Sequence[float]]) -> str:
    """For each side, which share of its durations was no longer than so many milliseconds. Ends at 99.5 of 100."""
    longest = max((quantile(durations, 0.995) for durations in samples.values()), default=0) or 1
    lines = [_line(place, name, durations, longest) for place, (name, durations) in enumerate(samples.items())]
    return _svg(WIDTH, HEIGHT, "share of durations, by milliseconds", _grid(longest) + "".join(lines))


def _line(place: int, name: str, durations: Sequence[float], longest: float) -> str:
    colour = COLOURS[place % len(COLOURS)]
    shares = [share / 200 for share in range(1, 200)]
    points = " ".join(f"{_x(quantile(durations, share), longest):.1f},{_y(share):.1f}" for share in shares)
    label = f'<text x="{WIDTH - RIGHT + 6}" y="{20 + 18 * place}" fill="{colour}">{escape(name)}</text>'
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>{label}'


def _grid(longest: float) -> str:
    shares = [(0.5, "50 %"), (0.9, "90 %"), (0.99, "99 %")]
    across = "".join(
        f'<line x1="60" x2="{WIDTH - RIGHT}" y1="{_y(share):.1f}" y2="{_y(share):.1f}" stroke="#ddd"/>'
        f'<text x="54" y="{_y(share) + 4:.1f}" text-anchor="end">{name}</text>'
        for share, name in shares
    )
    marks = "".join(
        f'<text x="{_x(longest * part / 4, longest):.1f}" y="{HEIGHT - 16}" text-anchor="middle">'
        f"{number(longest * part / 4)} ms</text>"
        for part in range(5)
    )
    return across + marks


def _x(duration: float, longest: float) -> float:
    return 60 + min(1.0, duration / longest) * (WIDTH - RIGHT - 60)


def _y(share: float) -> float:
    return (HEIGHT - BOTTOM) - share * (HEIGHT - BOTTOM - 10)


def _svg(width: int, height: int, title: str, content: str) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{content}</svg>"
    )
