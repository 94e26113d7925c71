"""Amounts, as a German office writes them."""

from __future__ import annotations

import re

import pytest
from hypothesis import example
from hypothesis import given as examples
from hypothesis import strategies as st

from shared.kernel.money import euros, percent_of


@pytest.mark.parametrize(
    ("cents", "written"),
    [
        (0, "0,00 EUR"),
        (5, "0,05 EUR"),
        (99_999, "999,99 EUR"),
        (4_000_000, "40.000,00 EUR"),
        (-5, "-0,05 EUR"),
        (-123_456_789, "-1.234.567,89 EUR"),
    ],
)
def test_an_amount_is_written_with_points_a_comma_and_two_digits(cents: int, written: str) -> None:
    assert euros(cents) == written


@pytest.mark.parametrize(
    ("amount", "percent", "part"),
    [(4_856_200, 80, 3_884_960), (1, 49, 0), (1, 50, 1), (149, 1, 1), (150, 1, 2), (7, 100, 7), (7, 0, 0)],
)
def test_a_part_is_rounded_half_up_to_a_cent(amount: int, percent: int, part: int) -> None:
    assert percent_of(amount, percent) == part


@examples(st.integers(-(10**12), 10**12))
def test_no_cent_is_lost_in_writing(cents: int) -> None:
    assert int(re.sub(r"[., EUR]", "", euros(cents))) == cents


@example(1)
@examples(st.integers(1, 10**12))
def test_what_is_below_nothing_has_a_minus_before_it(cents: int) -> None:
    assert euros(-cents) == f"-{euros(cents)}"
