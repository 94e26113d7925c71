"""Application and notice: what was applied for is not what was granted, and the plan adds up to the cent."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.funding.domain.notice import (
    GrantAnsweredDifferently,
    GrantAppliedDifferently,
    GrantIsRefused,
    GrantNotApplied,
    GrantNotAwarded,
    RecordRefusal,
)
from services.funding.domain.plan import (
    PeriodEndsBeforeItBegins,
    PlanDoesNotAddUp,
    PlanLineRepeated,
    PurposeNotAppliedFor,
)
from services.funding.domain.terms import own_contribution_due
from shared.contracts.funding import Conditions, GrantRefused, Period
from shared.contracts.registry import decode, type_name
from shared.kernel.time import months_after
from tests.funding.stuttgart import (
    APPLIED,
    AWARDED,
    FACILITATION,
    GRANT_NAME,
    GRANTED,
    MATERIAL,
    PLAN,
    WORKSHOP,
    apply,
    award,
    book,
    commit,
    freeze,
    given,
    request,
    told,
    work,
)

BACKWARDS = Period(start=date(2024, 12, 31), until=date(2023, 11, 1))
NOTICE_ON = date(2023, 10, 20)
REFUSED = GrantRefused(
    grant=GRANT_NAME, notice_on=NOTICE_ON, title=APPLIED.title, grantor=APPLIED.grantor, amount=APPLIED.amount
)
REFUSE = told(RecordRefusal, notice_on=NOTICE_ON)


def test_a_grant_is_applied_for_once() -> None:
    given().when(apply()).then(APPLIED)
    given(APPLIED).when(apply()).then_nothing()
    given(APPLIED).when(apply(amount=3_000_000)).rejected(GrantAppliedDifferently, grant=GRANT_NAME)
    given(*GRANTED).when(apply()).then_nothing()
    given(APPLIED, REFUSED).when(apply()).rejected(GrantIsRefused, grant=GRANT_NAME, notice_on="20.10.2023")


def test_a_notice_grants_what_its_plan_adds_up_to() -> None:
    given(APPLIED).when(award()).then(AWARDED)
    given(*GRANTED).when(award()).then_nothing()
    given().when(award()).rejected(GrantNotApplied, grant=GRANT_NAME)


def test_less_may_be_granted_than_was_applied_for() -> None:
    lines = (FACILITATION, WORKSHOP)
    less = {"amount": 3_700_000, "lines": lines}
    answer = AWARDED.model_copy(update={**less, "own_contribution_due": 925_000})
    given(APPLIED).when(award(**less)).then(answer)


@pytest.mark.parametrize("amount", [3_999_999, 4_000_001])
def test_a_plan_that_is_a_cent_off_is_refused(amount: int) -> None:
    given(APPLIED).when(award(amount=amount)).rejected(PlanDoesNotAddUp, planned="40.000,00 EUR")


def test_every_plan_line_stands_once() -> None:
    given(APPLIED).when(award(amount=4_300_000, lines=(*PLAN, MATERIAL))).rejected(PlanLineRepeated, line="material")


def test_a_plan_serves_only_purposes_that_were_applied_for() -> None:
    plenary = MATERIAL.model_copy(update={"purpose": "plenary"})
    given(APPLIED).when(award(lines=(FACILITATION, WORKSHOP, plenary))).rejected(
        PurposeNotAppliedFor, purpose="plenary"
    )


def test_a_period_runs_forward() -> None:
    given().when(apply(period=BACKWARDS)).rejected(PeriodEndsBeforeItBegins, start="31.12.2024")
    given(APPLIED).when(award(period=BACKWARDS)).rejected(PeriodEndsBeforeItBegins)
    one_day = Period(start=date(2024, 4, 23), until=date(2024, 4, 23))
    given().when(apply(period=one_day)).then(APPLIED.model_copy(update={"period": one_day}))


def test_a_grant_is_answered_once() -> None:
    given(APPLIED).when(REFUSE).then(REFUSED)
    given(APPLIED, REFUSED).when(REFUSE).then_nothing()
    given().when(REFUSE).rejected(GrantNotApplied)
    given(*GRANTED).when(REFUSE).rejected(GrantAnsweredDifferently, notice_on="20.10.2023")
    given(APPLIED, REFUSED).when(award()).rejected(GrantAnsweredDifferently)
    given(*GRANTED).when(award(notice_on=date(2023, 10, 21))).rejected(GrantAnsweredDifferently)


def test_what_a_notice_of_before_lacks_makes_it_no_other() -> None:
    """A journal may have an answer that does not say what was applied for: asked for again, it is nothing new."""
    for answer, command in ((AWARDED, award()), (REFUSED, REFUSE)):
        added = {"title", "grantor"} | ({"amount"} if answer is REFUSED else set())
        of_before = decode(type_name(answer), answer.model_dump_json(exclude=added))
        given(APPLIED, of_before).when(command).then_nothing()
    of_before = decode(type_name(AWARDED), AWARDED.model_dump_json(exclude={"title", "grantor"}))
    given(APPLIED, of_before).when(award(notice_on=date(2023, 10, 21))).rejected(GrantAnsweredDifferently)
    given(APPLIED, of_before).when(REFUSE).rejected(GrantAnsweredDifferently)


def test_an_application_may_name_the_paper_that_meetings_knows() -> None:
    applied = APPLIED.model_copy(update={"paper_key": "grdrs-905-2023"})
    given().when(apply(paper_key="grdrs-905-2023")).then(applied)
    given(applied).when(apply(paper_key=None)).rejected(GrantAppliedDifferently)


@pytest.mark.parametrize("command", [commit(), book(), work(), request(), freeze()])
def test_applied_is_not_granted(command: Any) -> None:
    given().when(command).rejected(GrantNotApplied)
    given(APPLIED).when(command).rejected(GrantNotAwarded, grant=GRANT_NAME)
    given(APPLIED, REFUSED).when(command).rejected(GrantNotAwarded)


@pytest.mark.parametrize(
    ("grant", "conditions", "own"),
    [
        (4_000_000, Conditions(), 1_000_000),
        (4_000_000, Conditions(own_share_base="grant"), 800_000),
        (3_884_960, Conditions(), 971_240),
        (3_884_960, Conditions(own_share_percent=0), 0),
        (1, Conditions(), 0),
        (2, Conditions(), 1),
        (100, Conditions(own_share_percent=30), 43),
    ],
)
def test_the_own_share_is_exact_to_the_cent(grant: int, conditions: Conditions, own: int) -> None:
    assert own_contribution_due(grant, conditions) == own


def test_a_grant_and_its_own_share_are_the_total_cost() -> None:
    """38,849.60 EUR went to another district: 80 percent of 48,562.00 EUR."""
    assert 3_884_960 + own_contribution_due(3_884_960, Conditions()) == 4_856_200
    assert 4_000_000 + own_contribution_due(4_000_000, Conditions()) == 5_000_000


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2024, 12, 31), 6, date(2025, 6, 30)),
        (date(2024, 12, 31), 3, date(2025, 3, 31)),
        (date(2024, 12, 31), 12, date(2025, 12, 31)),
        (date(2023, 12, 31), 2, date(2024, 2, 29)),
        (date(2024, 10, 15), 2, date(2024, 12, 15)),
        (date(2024, 11, 15), 2, date(2025, 1, 15)),
    ],
)
def test_months_end_on_the_same_day_or_the_last(day: date, months: int, later: date) -> None:
    assert months_after(day, months) == later


@pytest.mark.parametrize("months", [3, 6, 12])
def test_the_notice_decides_when_the_proof_is_due(months: int) -> None:
    conditions = Conditions(proof_months=months)
    due = months_after(date(2024, 12, 31), months)
    answer = AWARDED.model_copy(update={"conditions": conditions, "proof_due": due})
    given(APPLIED).when(award(conditions=conditions)).then(answer)
