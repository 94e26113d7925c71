"""What a fault excuses is told and not held against the installation; what it must break has to be seen."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from tests.campaign.campaign import FAULTS_A_STACK, plans
from tests.campaign.evidence import Violation
from tests.campaign.fault import Allows, Fault, Site
from tests.campaign.faults.catalogue import FAULTS, SHORT
from tests.campaign.measures import Measures, window
from tests.campaign.outcome import Outcome, outcome
from tests.campaign.page import page
from tests.campaign.report import Report
from tests.campaign.summary import SENTENCES, invariants
from tests.storms.switches import SWITCHES

LOST = Violation("I1", "an acknowledged command is lost", "office:1")
NOTHING = Measures({}, 0, 0.0)


async def inject(site: Site) -> None: ...


def judged(allows: Allows, *found: Violation, failure: str = "") -> Outcome:
    return outcome(Fault("X0", "something happens", "some", inject, allows), found, failure, 1.0, 2.0, NOTHING)


def test_a_violation_is_bad() -> None:
    assert judged(Allows()).good
    assert not judged(Allows(), LOST).good
    assert not judged(Allows(), failure="it did not end").good


def test_what_is_excused_is_told() -> None:
    told = judged(Allows(excused={"I1": "the disk is gone"}), LOST)
    assert told.good
    assert told.excused == ["I1: the disk is gone"]


def test_a_negative_control_must_be_seen() -> None:
    control = Allows(caught=frozenset({"I1"}))
    assert judged(control, LOST).good
    assert [one.invariant for one in judged(control).violations] == ["I1"]


def test_a_window_ends_with_the_next_fault_or_with_the_rest() -> None:
    def line(t: int, kind: str, **more: object) -> dict[str, object]:
        return {"t": t, "wall": 10 * t, "type": kind, **more}

    history = [
        line(1, "fault", id="A", state="on"),
        line(2, "fault", id="A", state="off"),
        line(3, "fault", id="B", state="on"),
        line(4, "drained"),
        line(5, "ok"),
    ]
    assert window(history, "A").t == (1, 3)
    assert window(history, "B").wall == (30, 40)


def test_faults_share_a_stack_with_their_like() -> None:
    for plan in plans(FAULTS):
        assert len({(fault.group, fault.world) for fault in plan.faults}) == 1
        assert len(plan.faults) == 1 or not any(fault.alone for fault in plan.faults)
        assert len(plan.faults) <= FAULTS_A_STACK
    assert [fault for plan in plans(FAULTS) for fault in plan.faults] == list(FAULTS)


def test_every_fault_has_a_name_of_its_own() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert all(fault.world is None and not fault.alone for fault in SHORT)


def test_the_report_tells_what_was_broken(tmp_path: Path) -> None:
    report = Report(seed=1, outcomes=[judged(Allows(), LOST)])
    report.write_json(tmp_path, "campaign")
    told = json.loads((tmp_path / "campaign.json").read_text())
    assert told["good"] is False
    assert told["held"]["I1"] is False and told["held"]["I2"] is True
    assert "an acknowledged command is lost" in page(report)


def test_the_summary_counts_what_each_level_broke() -> None:
    told = Report(seed=1, outcomes=[judged(Allows(), LOST, LOST)]).as_json()
    rows = [line.split(" | ") for line in invariants(told, Counter({"I4": 3}))]
    counted = {row[0].removeprefix("| "): row[2:4] for row in rows if len(row) > 1}
    assert counted["I1"] == ["0", "2"]
    assert counted["I4"] == ["3", "0"]
    assert counted["I9"] == ["not modelled", "0"]
    assert set(counted) >= set(SENTENCES)


def test_the_summary_has_a_sentence_for_whatever_a_missing_rule_breaks_in_a_storm() -> None:
    assert set(SENTENCES) >= frozenset[str]().union(*(broken for _, broken in SWITCHES.values()))
