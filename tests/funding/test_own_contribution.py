"""Staff hours: worth exact cents, inside the period, and never cash."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from services.funding.domain.grant import GRANT
from services.funding.domain.own_contribution import StaffHoursOutsidePeriod, StaffHoursRecordedDifferently
from services.funding.projections import BUDGET, EXPENSES
from tests.funding.stuttgart import GRANTED, STREAM, given, rendered, shown, work


def test_hours_are_recorded_once() -> None:
    given(*GRANTED).when(work()).then(rendered())
    given(*GRANTED, rendered()).when(work()).then_nothing()
    given(*GRANTED, rendered()).when(work(quarter_hours=7)).rejected(StaffHoursRecordedDifferently, entry="hours-1")


@pytest.mark.parametrize(
    ("quarter_hours", "rate", "amount"),
    [(4, 6_275, 6_275), (1, 6_274, 1_569), (1, 6_275, 1_569), (3, 6_275, 4_706), (1, 1, 0), (2, 1, 1)],
)
def test_hours_are_worth_exact_cents_rounded_half_up(quarter_hours: int, rate: int, amount: int) -> None:
    worth: dict[str, Any] = {"quarter_hours": quarter_hours, "rate": rate}
    given(*GRANTED).when(work(**worth)).then(rendered(**worth, amount=amount))


@pytest.mark.parametrize("day", [date(2023, 10, 31), date(2025, 1, 1)])
def test_hours_lie_in_the_period(day: date) -> None:
    given(*GRANTED).when(work(on=day)).rejected(
        StaffHoursOutsidePeriod, day=f"{day:%d.%m.%Y}", start="01.11.2023", end="31.12.2024"
    )


def test_a_day_has_no_more_than_24_hours() -> None:
    with pytest.raises(ValidationError):
        work(quarter_hours=97)


def test_the_own_share_is_never_cash() -> None:
    history = (*GRANTED, rendered())
    assert GRANT.fold(history).book == GRANT.fold(GRANTED).book
    assert shown(EXPENSES, history) == {}
    before, after = (shown(BUDGET, events)[STREAM] for events in (GRANTED, history))
    assert after["lines"] == before["lines"]
    assert after["own_contribution"] == 9_413
