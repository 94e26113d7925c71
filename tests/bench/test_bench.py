"""What the bench makes of its measurements: spreads, ratios, verdicts, table, and the comparison with known ratios."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from rich.console import Console

from services.members.projections.seats import SEATS
from tests.bench import data, plots
from tests.bench.__main__ import measured
from tests.bench.against import NotMeasured, figures, rows_of_both, table
from tests.bench.connect_jars import NotToBeHad
from tests.bench.measured import Claim, Figures, Place, RowResult, Spread, latencies, number, quantile
from tests.bench.page import page
from tests.bench.report import BEGIN, END, NoPlaceForFigures, written_into
from tests.bench.result import Result
from tests.bench.row import PRODUCT, Row, Side, Size, measure
from tests.bench.verdicts import fallen, lines, ratios
from tests.kit.delivered import folded

RATE, P99 = "events/s", "p99 ms"
FASTER = Claim("beside the bare loop", Place(PRODUCT, RATE), Place("bare", RATE), "at least", 0.5)
QUICKER = Claim("p99 beside the bare loop", Place(PRODUCT, P99), Place("bare", P99), "at most", 3.0)


def row(*rounds: Mapping[str, Figures], claims: tuple[Claim, ...] = (FASTER,)) -> RowResult:
    return RowResult("P1", "Catching up", "A worker reads.", claims, list(rounds))


def rates(product: float, bare: float) -> Mapping[str, Figures]:
    return {PRODUCT: {RATE: product}, "bare": {RATE: bare}}


def result(*rows: RowResult) -> Result:
    return Result(datetime(2024, 4, 23, 12, tzinfo=UTC), {"cores": "2"}, Size(), list(rows))


def test_what_the_members_service_is_fed_can_be_folded_by_it() -> None:
    """A hundredfold history is its own: what it parked would be neither folded nor measured."""
    told = [commit.events[0].event() for commit in data.commits(10, 1, told=data.opened_and_registered)]
    [group] = folded(SEATS, told, data.stream_of(0)).values()
    assert list(group["organisations"]) == [data.organisation(number) for number in range(2, 11)]


def test_a_spread_has_median_least_and_most() -> None:
    assert Spread.of([30.0, 10.0, 20.0, 1000.0]) == Spread(25.0, 10.0, 1000.0)


@pytest.mark.parametrize(
    ("share", "told"),
    [(0.5, 50.0), (0.99, 99.0), (0.995, 100.0), (1.0, 100.0), (0.001, 1.0)],
)
def test_a_quantile_is_a_value_that_was_measured(share: float, told: float) -> None:
    assert quantile([float(value) for value in range(100, 0, -1)], share) == told


def test_one_slow_answer_of_a_hundred_is_not_in_the_99th() -> None:
    assert latencies([0.001] * 99 + [5.0]) == {"p50 ms": 1.0, "p99 ms": 1.0}
    assert latencies([0.001] * 98 + [5.0] * 2)["p99 ms"] == 5000.0


def test_a_ratio_is_formed_within_its_round() -> None:
    measured = row(rates(50, 100), rates(300, 400), rates(10, 40))
    assert FASTER.values(measured.rounds) == [0.5, 0.75, 0.25]


def test_a_side_that_was_not_measured_gives_no_ratio() -> None:
    assert FASTER.values([{PRODUCT: {RATE: 5.0}}]) == []
    assert [line.verdict for line in lines([row({PRODUCT: {RATE: 5.0}})])] == ["not measured"]


def test_a_figure_may_be_claimed_by_itself() -> None:
    alone = Claim("within", Place(PRODUCT, P99), None, "at most", 150.0)
    assert alone.values([{PRODUCT: {P99: 100.0}}, {PRODUCT: {P99: 120.0}}]) == [100.0, 120.0]


@pytest.mark.parametrize(("product", "verdict"), [(50, "held"), (49, "missed")])
def test_the_median_decides(product: float, verdict: str) -> None:
    measured = row(rates(1, 100), rates(product, 100), rates(99, 100))
    assert [line.verdict for line in lines([measured])] == [verdict]


def test_what_has_no_target_is_shown_for_comparison() -> None:
    shown = Claim("beside", Place(PRODUCT, RATE), Place("bare", RATE), "at least", None)
    assert [line.verdict for line in lines([row(rates(1, 100), claims=(shown,))])] == ["for comparison"]


@pytest.mark.parametrize(("product", "worse"), [(41, 0), (39, 1)])
def test_a_rate_may_fall_to_half_of_the_known_ratio(product: float, worse: int) -> None:
    assert len(fallen([row(rates(product, 100))], {"P1 beside the bare loop": 0.8})) == worse


@pytest.mark.parametrize(("product", "worse"), [(390, 0), (410, 1)])
def test_a_duration_may_rise_to_twice_the_known_ratio(product: float, worse: int) -> None:
    measured = row({PRODUCT: {P99: product}, "bare": {P99: 100}}, claims=(QUICKER,))
    assert len(fallen([measured], {"P1 p99 beside the bare loop": 2.0})) == worse


def test_a_known_ratio_that_is_not_measured_any_more_counts_as_fallen() -> None:
    assert fallen([row()], {"P1 beside the bare loop": 0.8})
    assert fallen([row(rates(1, 1))], {"P1 beside something else": 0.8})


def test_without_a_known_ratio_the_comparison_does_not_pass() -> None:
    assert fallen([row(rates(80, 100))], {})


def test_rows_that_were_left_out_are_not_compared() -> None:
    assert fallen([row(rates(80, 100))], {"P9 seconds": 3.0, "P1 beside the bare loop": 0.8}) == []


def test_only_ratios_are_kept_to_compare_with() -> None:
    alone = Claim("per second", Place(PRODUCT, RATE), None, "at least", 1.0)
    assert ratios([row(rates(80, 100), rates(60, 100), claims=(FASTER, alone))]) == {"P1 beside the bare loop": 0.7}


def test_figures_stand_in_the_order_in_which_they_were_measured() -> None:
    assert list(row(rates(1, 2), rates(3, 4)).figures().items()) == [
        (Place(PRODUCT, RATE), Spread(2.0, 1.0, 3.0)),
        (Place("bare", RATE), Spread(3.0, 2.0, 4.0)),
    ]


class Counting(Row):
    """Each side tells the how manieth measurement it is."""

    id, title, about, claims = "P0", "Counting", "Counts.", ()

    @asynccontextmanager
    async def prepared(self) -> AsyncIterator[Mapping[str, Side]]:
        self.names: list[str] = []
        yield {PRODUCT: partial(self._count), "bare loop": partial(self._count)}

    async def _count(self, name: str) -> Figures:
        self.names.append(name)
        return {"place": len(self.names)}


async def test_sides_are_measured_in_turn_and_none_is_always_first(tmp_path: Path) -> None:
    counting = Counting(Size(rounds=2), tmp_path, lambda _: None)
    measured = await measure(counting)
    assert counting.names == ["p0-1-product", "p0-1-bare-loop", "p0-2-bare-loop", "p0-2-product"]
    assert measured.rounds == [
        {PRODUCT: {"place": 1}, "bare loop": {"place": 2}},
        {"bare loop": {"place": 3}, PRODUCT: {"place": 4}},
    ]


def test_the_product_of_another_commit_is_compared_by_what_both_have_measured(tmp_path: Path) -> None:
    told = result(row(rates(50, 100)), RowResult("P9", "Start", "Starts.", (), [{"kpk up": {"seconds": 3.0}}]))
    told.write(tmp_path / "result.json")
    assert figures(json.loads((tmp_path / "result.json").read_bytes())) == {("P1", RATE): 50.0}
    console = Console(record=True, width=100)
    console.print(table({("P1", RATE): [0.5, 2.0, 1.25]}, "3c46cae"))
    shown = console.export_text()
    assert "Today beside 3c46cae" in shown and "1.25" in shown and "0.50 – 2.00" in shown


def test_another_commit_is_asked_for_its_own_rows_only(tmp_path: Path) -> None:
    rows = tmp_path / "tests" / "bench" / "rows"
    rows.mkdir(parents=True)
    (rows / "p1_catch_up.py").write_text('class CatchUp(Row):\n    id = "P1"\n')
    assert rows_of_both(["P1", "P9-idle"], tmp_path) == ["P1"]
    with pytest.raises(NotMeasured):
        rows_of_both(["P9-idle"], tmp_path)


async def test_what_was_measured_is_kept_whenever_a_row_has_ended(tmp_path: Path) -> None:
    kept: list[list[str]] = []
    await measured([Counting, Counting], Size(rounds=1), tmp_path, lambda rows: kept.append([row.id for row in rows]))
    assert kept == [["P0"], ["P0", "P0"]]


async def test_a_row_that_takes_long_has_fewer_rounds(tmp_path: Path) -> None:
    class Long(Counting):
        most_rounds = 2

    assert len((await measure(Long(Size(rounds=5), tmp_path, lambda _: None))).rounds) == 2


def _no_jars() -> None:
    raise NotToBeHad("no network")


def test_a_side_whose_jars_are_absent_is_told_of() -> None:
    counting = Counting(Size(), Path(), lambda _: None)
    with counting.absent("Debezium"):
        _no_jars()
    assert counting.result.notes == ["Debezium was not measured: no network"]


def test_a_result_read_back_is_the_same(tmp_path: Path) -> None:
    told = result(row(rates(50, 100), rates(60, 100)))
    told.rows[0].samples["one"] = [1.0, 2.5]
    told.write(tmp_path / "deep" / "result.json")
    assert Result.read(tmp_path / "deep" / "result.json") == told


def test_figures_take_the_place_of_the_former_ones() -> None:
    document = f"before\n{BEGIN}\nold figures\n{END}\nafter\n"
    written = written_into(document, result(row(rates(50, 100), rates(60, 100))))
    assert written.startswith(f"before\n{BEGIN}\n")
    assert written.endswith(f"{END}\nafter\n")
    assert "old figures" not in written
    assert "| P1 | beside the bare loop | 0.55 | 0.50 – 0.60 | ≥ 0.50 | held |" in written
    assert "| product | events/s | 55.0 | 50.0 – 60.0 |" in written
    assert written_into(written, result(row(rates(50, 100), rates(60, 100)))) == written


@pytest.mark.parametrize("document", ["nothing", f"{BEGIN} without an end", f"{END} first, {BEGIN} second"])
def test_a_document_without_a_place_for_figures_is_left_alone(document: str) -> None:
    with pytest.raises(NoPlaceForFigures):
        written_into(document, result(row(rates(50, 100))))


@pytest.mark.parametrize(("value", "told"), [(0.456, "0.46"), (9.994, "9.99"), (15.04, "15.0"), (154_321.5, "154,322")])
def test_numbers_have_three_digits_that_count(value: float, told: str) -> None:
    assert number(value) == told


def test_the_page_loads_nothing_and_escapes_what_it_is_told() -> None:
    told = row(rates(50, 100))
    told.notes.append("a <note> & more")
    told.samples["accepted"] = [1.0, 2.0, 3.0]
    text = page(result(told))
    assert "a &lt;note&gt; &amp; more" in text
    assert text.count("<svg") == 2
    assert "http" not in text
    assert "src=" not in text


def test_a_bar_ends_at_the_median() -> None:
    drawn = plots.bars({"product": [1.0, 1.0, 3.0, 4.0]}, RATE)
    assert f'width="{plots.DRAWN / 2:.1f}"' in drawn
    assert ">2.00</text>" in drawn
