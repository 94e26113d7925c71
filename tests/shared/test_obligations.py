"""Obligations of several streams, and those that lie where no day can be said any more."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from shared.contracts.funding import DrawnMoneyDue, ProofOfUseDue
from shared.declarations.obligations import (
    USUAL_STAGES,
    all_done,
    done,
    due_in,
    is_done,
    name_of,
    owe,
    said,
    still_owed,
    with_due,
)
from shared.kernel.time import LAST_DAY, days, iso, start_of

NOW = datetime(2024, 1, 15, 9, 0, tzinfo=UTC)
DAY = date(2024, 6, 30)


def owed(*dues: tuple[type[ProofOfUseDue | DrawnMoneyDue], date]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for event, day in dues:
        found = {**owe(found, event, day, NOW, to="office")}
    return found


def test_behind_the_last_day_that_can_be_said_nothing_is_owed() -> None:
    assert [*owed((ProofOfUseDue, LAST_DAY))] == [name_of(ProofOfUseDue)]
    assert owed((ProofOfUseDue, LAST_DAY + days(1))) == {}


def test_the_same_day_said_again_opens_no_stage_anew() -> None:
    once, name = owed((ProofOfUseDue, DAY)), name_of(ProofOfUseDue)
    assert owe(once, ProofOfUseDue, DAY, NOW + days(400), to="office") == once
    assert owe(once, ProofOfUseDue, DAY + days(1), NOW, to="office") != once
    finished = done(once, name)
    assert not is_done(owe(finished, ProofOfUseDue, DAY, NOW, to="office"), name)


def test_what_is_owed_is_listed_by_day_then_by_stream_then_by_name() -> None:
    both = ((ProofOfUseDue, DAY), (DrawnMoneyDue, DAY))
    streams = {"b": owed(*both), "a": owed(*both), "c": owed((ProofOfUseDue, DAY - days(1)))}
    listed = still_owed({"stream": stream, "owed": found} for stream, found in streams.items())
    assert [(one["about"], one["obligation"]) for one in listed] == [
        ("c", "ProofOfUseDue"),
        ("a", "DrawnMoneyDue"),
        ("a", "ProofOfUseDue"),
        ("b", "DrawnMoneyDue"),
        ("b", "ProofOfUseDue"),
    ]
    finished = done(streams["c"], name_of(ProofOfUseDue))
    assert still_owed([{"stream": "c", "owed": finished}]) == []


PROOF = name_of(ProofOfUseDue)


def ahead(at: datetime, before: dict[str, Any] | None = None, due_on: date = DAY) -> list[Any]:
    found: list[Any] = owe(before or {}, ProofOfUseDue, due_on, at, to="office")[PROOF]["ahead"]
    return found


def moment(stage: int, due_on: date = DAY) -> datetime:
    return start_of(due_on + days(stage))


def test_of_what_is_known_late_the_last_stage_that_has_passed_is_said_at_once() -> None:
    """At the very moment of a stage it has passed."""
    every = [[iso(moment(stage)), stage] for stage in USUAL_STAGES]
    second = moment(-30) - days(1)
    assert ahead(second) == every
    for at, passed in ((moment(-30), 1), (moment(-14) - days(1), 1), (moment(-14), 2), (moment(7) + days(99), 5)):
        assert ahead(at) == [[iso(at), USUAL_STAGES[passed - 1]], *every[passed:]]


def test_another_day_opens_only_stages_that_are_to_come() -> None:
    before, later = owed((ProofOfUseDue, DAY)), DAY + days(1)
    for at, to_come in ((moment(-14, later), (-3, 0, 7)), (moment(-14, later) - days(1), (-14, -3, 0, 7))):
        assert ahead(at, before, later) == [[iso(moment(stage, later)), stage] for stage in to_come]


def test_what_was_said_of_a_day_is_not_said_again_and_of_another_day_says_nothing() -> None:
    item = owed((ProofOfUseDue, DAY))
    told: dict[str, Any] = {"grant": "a", "title": "Zuwendung", "due_on": DAY, "stage": -14}
    after = said(item, ProofOfUseDue.model_validate(told))[PROOF]
    assert ([stage for _, stage in after["ahead"]], after["said"]) == ([-3, 0, 7], -14)
    for other in ({**told, "due_on": DAY + days(1)}, {**told, "due_on": DAY - days(1)}):
        assert said(item, ProofOfUseDue.model_validate(other)) == item
    assert said({}, ProofOfUseDue.model_validate(told)) == {}


def test_a_document_is_due_when_the_next_of_its_stages_is_and_tells_all_of_that_moment() -> None:
    both = owe({}, ProofOfUseDue, DAY, NOW, to="office", grant="a", title="Zuwendung")
    both = owe(both, DrawnMoneyDue, DAY, NOW, to="office", grant="a", drawdown="one", drawn=1)
    both = owe(both, ProofOfUseDue, DAY + days(9), NOW, to="office", subject="later", grant="b", title="Andere")
    document = with_due({"kept": 1}, both)
    assert (document["kept"], document["due"]) == (1, iso(moment(-30)))
    first, second = due_in(document, (ProofOfUseDue, DrawnMoneyDue))
    assert [(type(one), one.due_on, one.stage) for one in (first, second)] == [
        (ProofOfUseDue, DAY, -30),
        (DrawnMoneyDue, DAY, -30),
    ]
    finished = with_due({}, all_done(both))
    assert finished["due"] is None and all(one["done"] and not one["ahead"] for one in finished["owed"].values())
    assert due_in(finished, (ProofOfUseDue, DrawnMoneyDue)) == ()


def test_what_nobody_owes_is_not_done() -> None:
    assert done({}, PROOF) == {} and not is_done({}, PROOF)
    finished = done(owed((ProofOfUseDue, DAY)), PROOF)
    [kept] = finished.values()
    assert kept == {**owed((ProofOfUseDue, DAY))[PROOF], "ahead": [], "left": [*USUAL_STAGES], "done": True}
    assert is_done(finished, PROOF)
    assert done(finished, PROOF) == finished == all_done(finished), "what was not said by then is kept"


def test_what_is_owed_again_by_another_day_opens_only_stages_that_are_to_come() -> None:
    finished = dict(done(owed((ProofOfUseDue, DAY)), PROOF))
    later = DAY + days(1)
    assert ahead(moment(7), finished) == [[iso(moment(7)), 7]]
    assert ahead(moment(7), finished, later) == [[iso(moment(7, later)), 7]]
