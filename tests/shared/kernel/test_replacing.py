"""Whoever replaces what they saw is told what stands there now, in German, of whatever kind it is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.kernel.replacing import LONGEST, ChangedMeanwhile, must_stand
from shared.kernel.values import Value


class Titled(Value):
    title: str


class Untitled(Value):
    number: int


class Kept(Value):
    said: Any
    stays: int = 1


def told(now: object, seen: object = "anderes", said: str = "") -> str:
    with pytest.raises(ChangedMeanwhile) as no:
        must_stand(Kept(said=seen), Kept(said=now), said)
    return str(no.value.facts["now"])


@pytest.mark.parametrize(
    ("now", "german"),
    [
        (None, "nichts"),
        ((), "nichts"),
        ("Kliniken", "„Kliniken“"),
        ("x" * LONGEST, f"„{'x' * LONGEST}“"),
        ("x" * (LONGEST + 1), f"„{'x' * LONGEST} …“"),
        (3, "3"),
        (date(2024, 4, 23), "23.04.2024"),
        (datetime(2024, 4, 23, 12, tzinfo=UTC), "23.04.2024, 14:00 Uhr"),
        (("Wohnen", 2), "„Wohnen“; 2"),
        (Titled(title="Sitzung"), "„Sitzung“"),
        (Untitled(number=1), "eine andere Fassung"),
    ],
)
def test_what_stands_there_now_is_said(now: object, german: str) -> None:
    assert told(now) == german
    assert told(now, said="niemand") == "niemand"


def test_only_what_was_changed_is_said_and_nothing_where_nothing_was_seen_or_changed() -> None:
    seen, now = Kept(said="a", stays=1), Kept(said="b", stays=2)
    with pytest.raises(ChangedMeanwhile) as no:
        must_stand(seen, now)
    assert no.value.facts["now"] == "„b“; 2"
    must_stand(now, now)
    must_stand(None, now)


@pytest.mark.parametrize(
    ("now", "seen"), [(" a\u00a0", "a"), (("b ",), ("b",)), (Titled(title=" c"), Titled(title="c"))]
)
def test_blanks_around_a_text_that_stands_there_are_no_change(now: object, seen: object) -> None:
    """Somebody who sends what they saw sends it without them."""
    must_stand(Kept(said=seen), Kept(said=now))
    assert told(now, seen="a b")
