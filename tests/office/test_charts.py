"""Pictures of money show the amounts of the table beside them, and nothing else."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.office.desk.funding.charts import HEIGHT, WIDTH, Month, by_month, meter, over_time, stacked, totals
from services.office.desk.paper import ENVIRONMENT

CENTS = st.integers(0, 10**11)
PERIOD = {"start": "2023-11-01", "until": "2024-12-31"}


@st.composite
def lines(draw: st.DrawFn) -> dict[str, Any]:
    planned, approved, waiting, committed = (draw(CENTS) for _ in range(4))
    paid = approved + waiting
    free = planned - committed - paid
    return {"planned": planned, "approved": approved, "paid": paid, "committed": committed, "free": free}


@given(lines())
def test_the_parts_of_a_bar_lie_side_by_side_within_it_and_are_as_wide_as_their_amounts(line: dict[str, Any]) -> None:
    parts = stacked(line)
    whole = max(1, line["planned"], line["paid"] + line["committed"])
    amounts = (line["approved"], line["paid"] - line["approved"], line["committed"])
    assert [part.start for part in parts] == [0, *(part.start + part.width for part in parts[:-1])]
    assert parts[-1].start + parts[-1].width <= WIDTH
    for part, amount in zip(parts, amounts, strict=True):
        assert abs(part.width - WIDTH * amount / whole) <= 1


@given(CENTS, CENTS)
def test_the_meter_is_full_exactly_when_the_own_share_is_rendered(rendered: int, due: int) -> None:
    [part] = meter(rendered, due)
    assert (part.width == WIDTH) == (rendered >= due and rendered > 0)


@given(st.lists(lines(), max_size=5))
def test_all_lines_together_add_up(every: list[dict[str, Any]]) -> None:
    found = totals(every)
    assert found["planned"] == found["free"] + found["committed"] + found["paid"]


def paid(on: str, amount: int, state: str = "approved") -> dict[str, Any]:
    return {"paid_on": on, "amount": amount, "state": state}


SPENT = [paid("2024-03-28", 300), paid("2023-11-01", 100), paid("2024-03-01", 200), paid("2024-05-01", 9, "reversed")]


def test_spending_is_told_by_month_without_what_is_reversed() -> None:
    assert by_month(SPENT) == [Month("2023-11", 100, 100), Month("2024-03", 500, 600)]
    assert by_month([]) == []


def test_spending_over_time_goes_up_on_each_day_of_payment() -> None:
    points = [tuple(map(int, point.split(","))) for point in over_time(SPENT, PERIOD, 1000).split()]
    assert (points[0], points[-1]) == ((0, HEIGHT), (WIDTH, HEIGHT - HEIGHT * 600 // 1000))
    assert points == sorted(points, key=lambda one: one[0]) and len(points) == 2 + 2 * 3
    assert [y for _, y in points] == sorted((y for _, y in points), reverse=True)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)


def test_each_picture_says_in_words_what_it_shows() -> None:
    source = ENVIRONMENT.loader.get_source(ENVIRONMENT, "grant.html.j2")[0]  # type: ignore[union-attr]  # it has one
    pictures = source.count('role="img"')
    assert pictures == source.count("<title id=") == source.count("<desc id=") == source.count("aria-labelledby=") == 2
