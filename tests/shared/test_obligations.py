"""Obligations of several streams, and those that lie where no day can be said any more."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from shared.contracts.funding import DrawnMoneyDue, ProofOfUseDue
from shared.declarations.obligations import done, is_done, name_of, owe, still_owed
from shared.kernel.time import LAST_DAY, days

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
