"""Is the checker any good? Each protective rule taken out, and each evidence tampered with, has to be noticed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.contracts.topics import events_of
from tests.storms.checker import violations
from tests.storms.evidence import Evidence
from tests.storms.search import WITHIN, first_found
from tests.storms.storm import storm
from tests.storms.switches import SWITCHES
from tests.storms.world.topic import Stored

pytestmark = pytest.mark.storm

MEMBERS = events_of("members").name


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("rule", SWITCHES)
def test_a_missing_rule_is_noticed(rule: str) -> None:
    found = first_found(rule)
    assert found is not None, f"{WITHIN} storms did not notice that a rule is off: {rule}"
    print(f"{rule}: seed {found.seed}, {sorted(found.invariants)}")  # noqa: T201 - shown by pytest -rP


@pytest.fixture(scope="module")
def calm() -> Evidence:
    """A calm in which somebody was appointed, written to, and somebody erased."""
    evidence = storm(CALM, calm=True).run()
    assert violations(evidence) == []
    assert evidence.copies and evidence.erased_at
    return evidence


CALM = 2


def without_an_answer(calm: Evidence) -> Evidence:
    answer = next(line for line in calm.history if line.kind == "ok" and line.sequence)
    return replace(calm, history=[line for line in calm.history if line != answer])


def without_a_commit(calm: Evidence) -> Evidence:
    """The last one that somebody was answered."""
    journal = calm.services["members"].documents("journal")
    answered = [name for name, commit in journal.items() if commit["command"]["by"] == "office"]
    return changed(calm, "members", journal={name: one for name, one in journal.items() if name != answered[-1]})


def with_two_records_swapped(calm: Evidence) -> Evidence:
    """With all their copies."""
    first, *others = of_a_group(calm)
    second = next(one for one in others if one.value != first.value)
    rest = [one for one in calm.records if one.value != second.value]
    place = rest.index(first)
    moved = [one for one in calm.records if one.value == second.value]
    return replace(calm, records=[*rest[:place], *moved, *rest[place:]])


def without_a_record(calm: Evidence) -> Evidence:
    """And its copies."""
    first = of_a_group(calm)[0]
    return replace(calm, records=[one for one in calm.records if one.value != first.value])


def of_a_group(calm: Evidence) -> list[Stored]:
    return [one for one in calm.records if one.key and b"seat-group" in one.key and one.topic == MEMBERS]


def with_another_byte(calm: Evidence) -> Evidence:
    first = of_a_group(calm)[0]
    assert first.value
    other = replace(first, value=first.value.replace(b"a", b"b", 1))
    return replace(calm, records=[other if one is first else one for one in calm.records])


def with_a_mail_more(calm: Evidence) -> Evidence:
    return replace(calm, copies=[*calm.copies, calm.copies[0]])


def without_a_mail(calm: Evidence) -> Evidence:
    return replace(calm, copies=calm.copies[1:])


def with_an_address_again(calm: Evidence) -> Evidence:
    known = {"email": "somebody@example.org"}
    contacts = {
        key: row if row["details"] else {**row, "details": known}
        for key, row in calm.services["notifications"].documents("contacts").items()
    }
    return changed(calm, "notifications", contacts=contacts)


def with_an_event_applied_twice(calm: Evidence) -> Evidence:
    told = {
        key: {**row, "told": [*row["told"], row["told"][-1]]}
        for key, row in calm.services["notifications"].documents("view_told").items()
    }
    return changed(calm, "notifications", view_told=told)


def with_a_row_left(calm: Evidence) -> Evidence:
    return changed(calm, "notifications", parked={"somewhere:1": {"_id": "somewhere:1"}})


def changed(calm: Evidence, service: str, **collections: dict[Any, Any]) -> Evidence:
    state = calm.services[service]
    state = replace(state, collections={**state.collections, **collections})
    return replace(calm, services={**calm.services, service: state})


@pytest.mark.parametrize(
    ("tamper", "invariant"),
    [
        (without_an_answer, "I1"),
        (without_a_commit, "I1"),
        (without_a_record, "I4"),
        (with_another_byte, "I5"),
        (with_two_records_swapped, "I6"),
        (with_an_event_applied_twice, "I7"),
        (with_a_mail_more, "I10"),
        (without_a_mail, "I10"),
        (with_a_row_left, "I11"),
        (with_an_address_again, "I12"),
    ],
)
def test_tampered_evidence_is_noticed(calm: Evidence, tamper: Callable[[Evidence], Evidence], invariant: str) -> None:
    assert invariant in {sentence.partition(":")[0] for sentence in violations(tamper(calm))}
