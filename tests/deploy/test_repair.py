"""What can be mended by a command is proposed; what needs judgement is not; a plan fits only what it was made for."""

from __future__ import annotations

import pytest

from deploy.kpk.histories.repair import Repair, beyond_repair, name_of, repairs_of


@pytest.mark.parametrize(
    ("service", "finding", "repair"),
    [
        ("funding", "an event is missing in the topic", Repair("republish", "funding")),
        ("funding", "the topic lost its beginning in partition", Repair("republish", "funding")),
        ("funding", "a public event is missing in the topic", Repair("republish in public", "funding")),
        (
            "funding",
            "a public event says something else than follows from the journal",
            Repair("republish in public", "funding"),
        ),
        ("people", "the topic differs about", Repair("republish", "members")),
        ("people", "notifications differs about", Repair("read again", "notifications")),
        ("members", "the position is missing", Repair("read again", "members")),
        ("members", "the position differs from the topic's", Repair("read again", "members")),
        ("members", "projection seats lacks a document", Repair("rebuild", "members", "seats")),
        ("members", "projection seats differs from its events at", Repair("rebuild", "members", "seats")),
        ("members", "projection seats has a document that no event made", Repair("rebuild", "members", "seats")),
    ],
)
def test_for_each_difference_the_command_that_mends_it(service: str, finding: str, repair: Repair) -> None:
    assert repairs_of(service, [finding]) == [repair]


@pytest.mark.parametrize(
    "finding",
    [
        "an event in the topic is not in the journal",
        "the journal's hash chain is broken at",
        "the journal has a gap before",
        "records are parked",
    ],
)
def test_what_needs_judgement_has_none(finding: str) -> None:
    assert repairs_of("members", [finding]) == []


def test_what_nothing_mends_is_said_with_its_reason() -> None:
    found = {
        "an event is missing in the topic": "members: an event is missing in the topic: a:1",
        "an event in the topic is not in the journal": "members: an event in the topic is not in the journal: a:2",
        "the position is ahead of the topic's": "members: the position is ahead of the topic's: a:2",
        "records are parked": "members: records are parked: 1",
    }
    forked, ahead, parked = beyond_repair("members", found)
    assert (
        forked.startswith(found["an event in the topic is not in the journal"]) and "no record can be taken" in forked
    )
    assert ahead.endswith("need somebody who knows them)")
    assert parked == found["records are parked"]


def test_a_plan_is_named_after_what_it_was_made_for() -> None:
    repairs = [Repair("rebuild", "members", "seats"), Repair("republish", "funding")]
    name = name_of(["one", "two"], repairs)
    assert name == name_of(["two", "one"], repairs[::-1])
    assert name not in (name_of(["one"], repairs), name_of(["one", "two"], repairs[:1]), name_of(["one", "2"], repairs))
