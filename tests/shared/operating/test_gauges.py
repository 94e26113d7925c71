"""Alarms: one line when a number passes its limit, one when it is over, and a gauge all the while."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from shared.runtime.observing.alarms import Alarms
from shared.runtime.observing.metrics import GAUGES, Counters
from shared.runtime.operating.gauges import Gauges, Judge
from shared.runtime.operating.limits import LIMITS, RISING

OPERATIONS = (Path(__file__).parents[3] / "docs" / "operations.md").read_text()
CALM: Gauges = dict.fromkeys(GAUGES, 0.0)


def judged(*all_gauges: Gauges) -> tuple[list[tuple[str, str]], str]:
    counters = Counters("test")
    judge = Judge(Alarms(counters))
    with capture_logs() as lines:
        for gauges in all_gauges:
            judge.judge({**CALM, **gauges})
    return [(line["event"], line["alarm"]) for line in lines], counters.text().decode()


def test_every_number_with_a_limit_is_a_gauge() -> None:
    assert set(LIMITS) | RISING <= set(GAUGES)


@pytest.mark.parametrize("name", GAUGES)
def test_every_gauge_is_explained_with_its_limit(name: str) -> None:
    [row] = [line for line in OPERATIONS.splitlines() if line.startswith(f"| `kpk_{name}` |")]
    limit = row.split("|")[3].strip()
    assert limit == (f"{LIMITS[name].above:,.0f}" if name in LIMITS else "each rise" if name in RISING else "")


@pytest.mark.parametrize("name", LIMITS)
def test_an_alarm_is_one_line_when_raised_and_one_when_over(name: str) -> None:
    above = {name: LIMITS[name].above + 1}
    lines, _ = judged({}, above, above, above, {})
    assert lines == [("alarm raised", name), ("alarm over", name)]


@pytest.mark.parametrize("name", LIMITS)
def test_at_its_limit_a_number_is_no_alarm_yet(name: str) -> None:
    assert judged({name: LIMITS[name].above})[0] == []


def test_the_gauge_stands_while_the_alarm_does() -> None:
    assert 'kpk_alarm{alarm="fork_records",service="test"} 1.0' in judged({"fork_records": 1.0})[1]
    assert 'kpk_alarm{alarm="fork_records",service="test"} 0.0' in judged({"fork_records": 1.0}, {})[1]


def test_what_never_falls_is_an_alarm_at_each_rise() -> None:
    one, two = {"ambiguous_mails": 1.0}, {"ambiguous_mails": 2.0}
    assert judged(one, one, two, two)[0] == [("alarm", "ambiguous_mails")] * 2
