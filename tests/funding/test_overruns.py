"""Beyond the notice's tolerance a line is exceeded only with a second person's permission, and never the grant."""

from __future__ import annotations

from typing import Any

from services.funding.domain.availability import GrantExceeded, LineExceeded, PermitterMayNotSpend
from services.funding.domain.notice import PlanLineUnknown
from services.funding.domain.overruns import OverrunExceedsGrant, OverrunNeedsNoPermission, PermitOverrun
from services.funding.projections import BUDGET
from shared.contracts.funding import OverrunPermitted
from tests.funding.stuttgart import (
    AWARDED,
    FACILITATION,
    GRANT_NAME,
    GRANTED,
    MATERIAL,
    PLAN,
    WORKSHOP,
    amendment,
    book,
    booked,
    commit,
    committed,
    given,
    shown,
    told,
)

TOLERATED, LIMIT = 360_000, 420_000
PERMITTED = OverrunPermitted(
    grant=GRANT_NAME, line="material", planned=300_000, limit=LIMIT, reason="Mehr Gäste", permitted_by="approver"
)
WITH_IT = (*GRANTED, PERMITTED)


def permit(limit: int = LIMIT, **said: Any) -> PermitOverrun:
    return told(PermitOverrun, **{"line": "material", "limit": limit, "reason": "Mehr Gäste", "by": "approver", **said})


def test_it_is_permitted_beyond_the_tolerance_and_within_the_grant() -> None:
    given(*GRANTED).when(permit()).then(PERMITTED)
    given(*GRANTED).when(permit(TOLERATED)).rejected(OverrunNeedsNoPermission, limit="3.600,00 EUR")
    least = PERMITTED.model_copy(update={"limit": TOLERATED + 1})
    given(*GRANTED).when(permit(TOLERATED + 1)).then(least)
    given(*GRANTED).when(permit(4_000_001)).rejected(OverrunExceedsGrant, awarded="40.000,00 EUR")
    given(*GRANTED).when(permit(line="travel")).rejected(PlanLineUnknown, line="travel")


def test_with_it_the_line_reaches_what_was_permitted() -> None:
    given(*GRANTED).when(book("expense-1", MATERIAL, amount=LIMIT)).rejected(LineExceeded, left="3.600,00 EUR")
    given(*WITH_IT).when(book("expense-1", MATERIAL, amount=LIMIT)).then_something()
    given(*WITH_IT).when(book("expense-1", MATERIAL, amount=LIMIT + 1)).rejected(LineExceeded, limit="4.200,00 EUR")
    given(*WITH_IT).when(commit(line="material", amount=LIMIT)).then(committed(line="material", amount=LIMIT))
    given(*WITH_IT, committed(line="material", amount=LIMIT)).when(book("expense-1", MATERIAL, amount=1)).rejected(
        LineExceeded, left="0,00 EUR"
    )


def test_it_makes_the_grant_no_larger() -> None:
    spent = booked("expense-1", FACILITATION, amount=3_600_000)
    given(*WITH_IT, spent).when(book("expense-2", MATERIAL, amount=400_001)).rejected(GrantExceeded)
    given(*WITH_IT, spent).when(book("expense-2", MATERIAL, amount=400_000)).then_something()


def test_whoever_permits_it_does_not_use_it() -> None:
    alone: dict[str, Any] = {"amount": TOLERATED + 1, "by": "approver"}
    given(*WITH_IT).when(book("expense-1", MATERIAL, **alone)).rejected(PermitterMayNotSpend, line="material")
    given(*WITH_IT).when(book("expense-1", MATERIAL, **{**alone, "amount": TOLERATED})).then_something()
    given(*WITH_IT).when(commit(line="material", **alone)).rejected(PermitterMayNotSpend)


def test_another_notice_ends_it() -> None:
    given(*WITH_IT, amendment()).when(book("expense-1", MATERIAL, amount=LIMIT)).rejected(LineExceeded)
    given(*WITH_IT, amendment()).when(permit()).then(PERMITTED)


def test_the_budget_shows_it_as_long_as_it_stands() -> None:
    def shown_of(*history: Any) -> list[int | None]:
        [budget] = shown(BUDGET, history).values()
        return [line["permitted"] for line in budget["lines"]]

    assert shown_of(*WITH_IT) == [None, None, LIMIT]
    assert shown_of(*WITH_IT, amendment()) == [None, None, None]


def test_a_line_may_be_permitted_the_whole_grant() -> None:
    given(*GRANTED).when(permit(AWARDED.amount)).then(PERMITTED.model_copy(update={"limit": AWARDED.amount}))


def test_another_limit_or_another_reason_is_another_permission() -> None:
    given(*WITH_IT).when(permit()).then_nothing()
    given(*WITH_IT).when(permit(LIMIT + 1)).then(PERMITTED.model_copy(update={"limit": LIMIT + 1}))
    given(*WITH_IT).when(permit(reason="Mehr Räume")).then(PERMITTED.model_copy(update={"reason": "Mehr Räume"}))


def test_a_permission_for_one_line_leaves_that_of_another() -> None:
    other = PERMITTED.model_copy(update={"line": "workshop", "planned": 700_000, "limit": 900_000})
    given(*WITH_IT, other).when(permit()).then_nothing()
    given(*WITH_IT, other).when(book("expense-1", MATERIAL, amount=LIMIT)).then_something()


def test_where_a_further_notice_grants_less_than_is_contracted_nothing_is_left() -> None:
    """Neither below zero nor a cent more: contracts bind the money although the notice does not carry them."""
    less = tuple(line.model_copy(update={"amount": line.amount // 10}) for line in PLAN)
    lowered = amendment(amount=400_000, lines=less)
    contracts = (committed(amount=3_000_000), committed("contract-2", line="workshop", amount=700_000))
    given(*GRANTED, *contracts, lowered).when(book("expense-1", MATERIAL, amount=1)).rejected(
        GrantExceeded, left="0,00 EUR"
    )
    one_line = amendment(lines=(FACILITATION.model_copy(update={"amount": 3_930_000}), *less[1:]))
    given(*GRANTED, contracts[1], one_line).when(book("expense-1", WORKSHOP, amount=1)).rejected(
        LineExceeded, limit="840,00 EUR", left="0,00 EUR"
    )
