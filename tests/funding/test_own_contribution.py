"""Staff hours: worth exact cents, inside the period, and never cash."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from services.funding.domain.grant import GRANT
from services.funding.domain.own_contribution import (
    StaffHoursAreReversed,
    StaffHoursOutsidePeriod,
    StaffHoursRecordedDifferently,
    StaffHoursReversedDifferently,
    StaffHoursUnknown,
    TooManyStaffHours,
)
from services.funding.projections import BUDGET, EXPENSES, GRANTS
from shared.contracts.funding import OwnContributionReversed
from tests.funding.stuttgart import GRANT_NAME, GRANTED, STREAM, given, rendered, reverse_hours, shown, work


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


def test_a_role_works_ten_hours_a_day_at_most() -> None:
    given(*GRANTED).when(work(quarter_hours=40)).then(rendered(quarter_hours=40, amount=62_750))
    given(*GRANTED).when(work(quarter_hours=41)).rejected(TooManyStaffHours, hours="0,00")
    long = (*GRANTED, rendered(quarter_hours=34))
    given(*long).when(work("hours-2", quarter_hours=6)).then(rendered("hours-2"))
    given(*long).when(work("hours-2", quarter_hours=7)).rejected(TooManyStaffHours, day="20.03.2024", hours="8,50")
    whole: dict[str, Any] = {"quarter_hours": 40, "amount": 62_750}
    given(*long).when(work("hours-2", role="head", **whole)).then(rendered("hours-2", role="head", **whole))
    next_day = date(2024, 3, 21)
    given(*long).when(work("hours-2", on=next_day, **whole)).then(rendered("hours-2", on=next_day, **whole))


def test_hours_are_corrected_by_taking_them_back() -> None:
    back = OwnContributionReversed(grant=GRANT_NAME, entry="hours-1", amount=9_413, reason="falscher Tag")
    history = (*GRANTED, rendered(), back)
    given(*GRANTED).when(reverse_hours()).rejected(StaffHoursUnknown, entry="hours-1")
    given(*GRANTED, rendered()).when(reverse_hours()).then(back)
    given(*history).when(reverse_hours()).then_nothing()
    given(*history).when(reverse_hours(reason="doppelt")).rejected(StaffHoursReversedDifferently, entry="hours-1")
    given(*history).when(work()).rejected(StaffHoursAreReversed)
    given(*history).when(work("hours-2", quarter_hours=40)).then(rendered("hours-2", quarter_hours=40, amount=62_750))
    assert GRANT.fold(history).own.rendered == 0
    assert shown(BUDGET, history)[STREAM]["own_contribution"] == shown(GRANTS, history)[STREAM]["own_contribution"] == 0


def test_the_own_share_is_never_cash() -> None:
    history = (*GRANTED, rendered())
    assert GRANT.fold(history).book == GRANT.fold(GRANTED).book
    assert shown(EXPENSES, history) == {}
    before, after = (shown(BUDGET, events)[STREAM] for events in (GRANTED, history))
    assert after["lines"] == before["lines"]
    assert after["own_contribution"] == 9_413
