"""Whoever asks too often waits, and nobody else does."""

from __future__ import annotations

import pytest

from shared.runtime.http import limits
from shared.runtime.http.limits import Limit


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr("shared.runtime.http.limits.time.monotonic", lambda: now[0])
    return now


def test_a_burst_and_then_as_often_as_it_fills(clock: list[float]) -> None:
    limit = Limit(per_second=0.5, burst=3)
    assert [limit.take("a") for _ in range(4)] == [0, 0, 0, 2]
    assert limit.take("b") == 0
    clock[0] = 1.0
    assert limit.take("a") == 1
    clock[0] = 2.0
    assert [limit.take("a"), limit.take("a")] == [0, 2]
    clock[0] = 1_000_000.0
    assert [limit.take("a") for _ in range(4)] == [0, 0, 0, 2], "never more than a burst"


def test_it_remembers_a_bounded_number(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_KNOWN", 3)
    limit = Limit(per_second=1, burst=1)
    for who in "abcabcd":
        limit.take(who)
    assert limit.take("c") > 0
    assert limit.take("a") == 0, "who has not asked for longest begins anew"
