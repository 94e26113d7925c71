"""A budget as of a day: each thing counts from its own day on, as it is known now or was known then; and a forecast."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from services.funding.answers import BudgetAsOf, Forecast
from services.funding.as_of import NothingAwarded, Recorded, as_of, budget, forecast
from services.funding.domain.grant import GrantEvent
from shared.contracts.funding import CommitmentCancelled, OwnContributionReversed, PlanLine, RepaymentRecorded
from shared.declarations.projection import Document
from tests.funding.stuttgart import (
    AFTER_PERIOD,
    FACILITATION,
    GRANT_NAME,
    GRANTED,
    MATERIAL,
    PERIOD,
    SPRING,
    WORKSHOP,
    amendment,
    approved,
    awarded,
    booked,
    committed,
    paid,
    rendered,
    reversed_,
)

EVE = SPRING - timedelta(days=1)
EXTRA = PlanLine(line="extra", purpose="material", name="Nachtrag", amount=100_000)


def said(*events: GrantEvent, at: datetime = AFTER_PERIOD) -> list[Recorded]:
    return [(at, event) for event in (*GRANTED, *events)]


def on(day: date, recorded: Sequence[Recorded], known_on: date | None = None) -> Document:
    return budget(as_of(GRANT_NAME, recorded, day, known_on))


def line(shown: Document, name: str) -> tuple[int, ...]:
    [found] = [one for one in shown["lines"] if one["line"] == name]
    return tuple(found[column] for column in ("planned", "committed", "paid", "approved", "free"))


def test_before_the_first_notice_nothing_is_awarded() -> None:
    assert on(date(2023, 10, 20), said())["awarded"] == 4_000_000
    with pytest.raises(NothingAwarded) as refused:
        on(date(2023, 10, 19), said())
    assert refused.value.detail == "Für die Zuwendung „state-grant“ war am 19.10.2023 nichts bewilligt."
    with pytest.raises(NothingAwarded):
        on(date(2023, 10, 20), [])


def test_each_thing_counts_from_its_own_day_on() -> None:
    expense = booked(line=FACILITATION, amount=200_000, commitment="contract-1", service_on=EVE)
    recorded = said(committed(on=EVE), expense, approved(expense), rendered(), paid())
    assert line(on(EVE - timedelta(days=1), recorded), "facilitation") == (3_000_000, 0, 0, 0, 3_000_000)
    assert line(on(EVE, recorded), "facilitation") == (3_000_000, 500_000, 0, 0, 2_500_000)
    assert line(on(SPRING, recorded), "facilitation") == (3_000_000, 300_000, 200_000, 200_000, 2_500_000)
    for day, expected in ((EVE, (0, 0)), (SPRING, (9_413, 1_000_000))):
        shown = on(day, recorded)
        assert (shown["own_contribution"], shown["drawn"]) == expected


def test_a_budget_is_told_whole_with_its_day() -> None:
    shown = on(SPRING, said(booked(), rendered(), paid()))
    assert {name: told for name, told in shown.items() if name != "lines"} == {
        "grant": GRANT_NAME,
        "on": SPRING.isoformat(),
        "awarded": 4_000_000,
        "own_contribution_due": 1_000_000,
        "own_contribution": 9_413,
        "drawn": 1_000_000,
        "repaid": 0,
        "payable": shown["payable"],
    }
    assert BudgetAsOf.model_validate(shown).model_dump(mode="json") == shown


def test_what_was_reversed_or_cancelled_counts_on_no_day() -> None:
    expense, unpaid = booked(), 500_000
    cancelled = CommitmentCancelled(
        grant=GRANT_NAME, commitment="contract-1", line="facilitation", unpaid=unpaid, reason="gekündigt"
    )
    undone = OwnContributionReversed(grant=GRANT_NAME, entry="hours-1", amount=9_413, reason="falscher Tag")
    shown = on(SPRING, said(expense, reversed_(expense), committed(), cancelled, rendered(), undone))
    assert shown == on(SPRING, said())


def test_what_was_known_at_the_end_of_a_day() -> None:
    """By the day in Berlin: 23:30 in UTC is the next one."""
    expense = booked()
    late = datetime(2024, 4, 30, 23, 30, tzinfo=UTC)
    recorded = [*said(expense, at=datetime(2024, 4, 2, tzinfo=UTC)), (late, reversed_(expense))]
    spent = {day: line(on(SPRING, recorded, day), "workshop")[2] for day in (date(2024, 4, 30), date(2024, 5, 1))}
    assert spent == {date(2024, 4, 30): 100_000, date(2024, 5, 1): 0}
    with pytest.raises(NothingAwarded):
        on(SPRING, recorded, date(2024, 4, 1))


def test_the_last_notice_until_the_day_says_the_plan_and_spending_on_a_line_of_a_later_one_is_not_lost() -> None:
    plan = (FACILITATION, WORKSHOP, MATERIAL.model_copy(update={"amount": 200_000}), EXTRA)
    changed = amendment(lines=plan, notice_on=SPRING)
    recorded = said(changed, booked(line=EXTRA, amount=5_000, paid_on=EVE, service_on=EVE))
    assert line(on(EVE, recorded), "material")[0] == 300_000
    assert line(on(EVE, recorded), "extra") == (0, 0, 5_000, 0, -5_000)
    assert line(on(SPRING, recorded), "material")[0] == 200_000
    assert line(on(SPRING, recorded), "extra") == (100_000, 0, 5_000, 0, 95_000)
    untouched = said(amendment(lines=plan, notice_on=SPRING))
    assert [one["line"] for one in on(EVE, untouched)["lines"]] == ["facilitation", "workshop", "material"]


def test_what_is_payable_and_paid_back_then() -> None:
    back = RepaymentRecorded(grant=GRANT_NAME, repayment="rest", amount=700, on=SPRING, left=0)
    recorded = said(booked(amount=400_000), rendered(amount=50_000), back)
    shown = on(SPRING, recorded)
    assert (shown["payable"], shown["repaid"]) == (360_000, 700), "80 percent of 450,000 cents"
    assert on(EVE, recorded)["payable"] == on(EVE, recorded)["repaid"] == 0


# Forecast: the period has 427 days.


def foreseen(day: date, *events: GrantEvent) -> Document:
    return forecast(as_of(GRANT_NAME, said(*events), day))


def test_hours_and_spending_go_on_as_they_have() -> None:
    """142 of 427 days are gone on 21 March 2024."""
    shown = foreseen(date(2024, 3, 21), booked(amount=568_000), rendered(amount=142_000))
    assert shown["own_contribution_expected"] == 427_000
    assert shown["spent_expected"] == 1_708_000
    assert shown["payable_as_planned"] == 3_541_600, "80 percent of 4,427,000"
    assert shown["payable_as_spent"] == 1_708_000, "80 percent of 2,135,000"


def test_no_more_is_spent_than_was_awarded() -> None:
    shown = foreseen(PERIOD.start, booked(amount=100_000, paid_on=PERIOD.start, service_on=PERIOD.start))
    assert shown["spent_expected"] == 4_000_000


def test_where_the_hours_suffice_nothing_is_cut() -> None:
    assert foreseen(SPRING, rendered(amount=400_000))["payable_as_planned"] == 4_000_000


@pytest.mark.parametrize("day", [PERIOD.until, PERIOD.until + timedelta(days=300)])
def test_at_the_end_and_behind_it_what_is_there_is_what_is_expected(day: date) -> None:
    shown = foreseen(day, booked(), rendered())
    assert (shown["own_contribution_expected"], shown["spent_expected"]) == (9_413, 100_000)


def test_before_the_first_day_there_is_no_trend() -> None:
    shown = foreseen(PERIOD.start - timedelta(days=1))
    assert (shown["own_contribution_expected"], shown["spent_expected"]) == (0, 0)


def test_the_other_reading_of_the_share() -> None:
    """20 percent of the grant: hours of 8,000.00 EUR carry 40,000.00."""
    terms = awarded(own_share_base="grant").model_copy(update={"own_contribution_due": 800_000})
    recorded = [(AFTER_PERIOD, event) for event in (GRANTED[0], terms, rendered(amount=400_000))]
    assert forecast(as_of(GRANT_NAME, recorded, PERIOD.until))["payable_as_planned"] == 2_000_000


def test_a_forecast_is_told_whole_with_its_days() -> None:
    shown = foreseen(date(2024, 3, 21), booked(amount=568_000), rendered(amount=142_000))
    assert Forecast.model_validate(shown).model_dump(mode="json") == shown
    assert {name: shown[name] for name in ("grant", "on", "until", "own_contribution_due", "own_contribution")} == {
        "grant": GRANT_NAME,
        "on": "2024-03-21",
        "until": "2024-12-31",
        "own_contribution_due": 1_000_000,
        "own_contribution": 142_000,
    }
