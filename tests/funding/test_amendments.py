"""A further notice counts instead of the one before, and carries what was done under it."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.funding.domain.amendments import (
    AmendedLineBelowSpending,
    AmendedLineServesOther,
    AmendedPeriodLeavesOut,
    AmendedPlanLacksLine,
    AmendedStartLeavesOut,
    AmendmentBeforeNotice,
    AmendmentBelowSpending,
)
from services.funding.domain.availability import LineExceeded
from services.funding.domain.commitments import CommitmentIsCancelled
from services.funding.domain.drawdowns import PayoutRecordedDifferently
from services.funding.domain.expenses import ExpenseOutsidePeriod
from services.funding.domain.grant import GRANT
from services.funding.domain.notice import (
    AwardDiffersFromApplication,
    GrantNotAwarded,
    Noticed,
)
from services.funding.domain.plan import (
    PeriodEndsBeforeItBegins,
    PlanDoesNotAddUp,
    PurposeNotAppliedFor,
)
from services.funding.domain.proof import PeriodNotOver
from services.funding.projections import BUDGET, GRANTS
from shared.contracts.funding import Conditions, Period, ProofOfUseFrozen, ProofOfUseSubmitted
from shared.kernel.replacing import ChangedMeanwhile
from tests.funding.stuttgart import (
    APPLIED,
    AWARDED,
    FACILITATION,
    GRANTED,
    LONG_AFTER,
    MATERIAL,
    PERIOD,
    STREAM,
    WORKSHOP,
    amend,
    amendment,
    award,
    awarded,
    book,
    booked,
    cancel_commitment,
    commit,
    committed,
    freeze,
    given,
    paid,
    record_payout,
    rendered,
    requested,
    reversed_,
    shown,
    submit,
    warned,
)
from tests.funding.test_overruns import permit
from tests.funding.test_proof_of_use import FROZEN

FEWER = (FACILITATION.model_copy(update={"amount": 2_000_000}), WORKSHOP)
"""27,000.00 EUR in two lines."""


def test_a_second_notice_counts_from_then_on() -> None:
    given(APPLIED).when(amend()).rejected(GrantNotAwarded)
    given(*GRANTED).when(amend()).then(amendment())
    given(*GRANTED, amendment()).when(amend()).then_nothing()
    in_spring = date(2025, 3, 1)
    late: dict[str, Any] = {"service_on": in_spring, "paid_on": in_spring}
    given(*GRANTED, amendment()).when(book(**late, at=LONG_AFTER)).then(booked(**late))
    given(*GRANTED).when(book(**late, at=LONG_AFTER)).rejected(ExpenseOutsidePeriod, end="31.12.2024")
    third = amendment(2, conditions=Conditions(warn_percent=90), reason="Warnmarke", own_contribution_due=1_000_000)
    given(*GRANTED, amendment()).when(amend(conditions=Conditions(warn_percent=90), reason="Warnmarke")).then(third)


def test_a_notice_is_checked_like_the_first() -> None:
    given(*GRANTED).when(amend(amount=1)).rejected(PlanDoesNotAddUp)
    backwards = Period(start=date(2024, 1, 1), until=date(2023, 1, 1))
    given(*GRANTED).when(amend(period=backwards)).rejected(PeriodEndsBeforeItBegins)
    plenary = WORKSHOP.model_copy(update={"line": "plenary", "purpose": "plenary", "amount": 4_000_000})
    given(*GRANTED).when(amend(lines=(plenary,))).rejected(PurposeNotAppliedFor)
    given(*GRANTED).when(amend(notice_on=date(2023, 10, 19))).rejected(AmendmentBeforeNotice, notice_on="20.10.2023")
    given(*GRANTED, amendment()).when(amend(reason="noch einmal", notice_on=date(2024, 1, 31))).rejected(
        AmendmentBeforeNotice, notice_on="01.02.2024"
    )


def test_what_was_spent_under_the_first_has_to_fit() -> None:
    much = booked("expense-1", FACILITATION, amount=2_400_000)
    given(*GRANTED, much).when(amend(amount=2_700_000, lines=FEWER)).then(
        amendment(amount=2_700_000, lines=FEWER, own_contribution_due=675_000)
    )
    more = booked("expense-1", FACILITATION, amount=2_400_001)
    given(*GRANTED, more).when(amend(amount=2_700_000, lines=FEWER)).rejected(
        AmendedLineBelowSpending, line="facilitation", spent="24.000,01 EUR"
    )
    both = (much, booked("expense-2", WORKSHOP, amount=700_000))
    given(*GRANTED, *both).when(amend(amount=2_700_000, lines=FEWER)).rejected(
        AmendmentBelowSpending, spent="31.000,00 EUR"
    )


def test_a_line_that_was_used_stays() -> None:
    fewer = amend(amount=2_700_000, lines=FEWER)
    given(*GRANTED, booked("expense-1", MATERIAL)).when(fewer).rejected(AmendedPlanLacksLine, line="material")
    contract = committed(line="material", amount=100)
    given(*GRANTED, contract).when(fewer).rejected(AmendedPlanLacksLine, line="material")
    cancelled = GRANT.decide(GRANT.fold((*GRANTED, contract)), cancel_commitment())
    given(*GRANTED, contract, *cancelled).when(fewer).then(
        amendment(amount=2_700_000, lines=FEWER, own_contribution_due=675_000)
    )


def test_a_line_keeps_the_purpose_that_was_booked_on_it() -> None:
    other = (FACILITATION, WORKSHOP, MATERIAL.model_copy(update={"purpose": "workshop"}))
    given(*GRANTED, booked("expense-1", MATERIAL)).when(amend(lines=other)).rejected(
        AmendedLineServesOther, line="material", purpose="material"
    )
    reversed_one = (booked("expense-1", MATERIAL), reversed_(booked("expense-1", MATERIAL)))
    given(*GRANTED, *reversed_one).when(amend(lines=other)).then(amendment(lines=other))


def test_a_contract_that_was_early_by_leave_needs_that_leave_still() -> None:
    early, signed = date(2023, 10, 1), date(2023, 10, 5)
    history = (APPLIED, awarded(early_start=early), committed(on=signed))
    given(*history).when(amend()).rejected(
        AmendedStartLeavesOut, commitment="contract-1", day="05.10.2023", earliest="20.10.2023"
    )
    kept = Conditions(early_start=early)
    given(*history).when(amend(conditions=kept)).then_something()
    cancelled = GRANT.decide(GRANT.fold(history), cancel_commitment())
    given(*history, *cancelled).when(amend()).then_something()
    paid_before = (*history, booked(commitment="contract-1"))
    ended = GRANT.decide(GRANT.fold(paid_before), cancel_commitment())
    given(*paid_before, *ended).when(amend()).rejected(AmendedStartLeavesOut)


def test_no_day_that_counts_falls_out_of_the_period() -> None:
    from_march = Period(start=date(2024, 3, 21), until=date(2024, 12, 31))
    given(*GRANTED, booked()).when(amend(period=from_march)).rejected(AmendedPeriodLeavesOut, day="20.03.2024")
    given(*GRANTED, rendered()).when(amend(period=from_march)).rejected(AmendedPeriodLeavesOut, day="20.03.2024")
    given(*GRANTED).when(amend(period=from_march)).then(amendment(period=from_march, proof_due=date(2025, 6, 30)))


def test_the_freeze_waits_for_the_new_end() -> None:
    given(*GRANTED, amendment()).when(freeze()).rejected(PeriodNotOver, end="30.06.2025")
    [frozen] = GRANT.decide(GRANT.fold((*GRANTED, amendment())), freeze(at=LONG_AFTER))
    assert isinstance(frozen, ProofOfUseFrozen)
    assert (frozen.due, frozen.awarded) == (date(2025, 12, 30), AWARDED.amount)


def test_the_office_sees_the_plan_as_it_stands_now_and_what_was_spent_on_it() -> None:
    spent = booked("expense-1", WORKSHOP, amount=600_000)
    less = (FACILITATION, WORKSHOP.model_copy(update={"amount": 500_000}), MATERIAL)
    history = (*GRANTED, spent, warned(WORKSHOP, 600_000), amendment(amount=3_800_000, lines=less))
    [facilitation, workshop, _] = shown(BUDGET, history)[STREAM]["lines"]
    assert (workshop["planned"], workshop["booked"], workshop["free"]) == (500_000, 600_000, -100_000)
    assert workshop["warned"], "what was said stays said"
    assert (facilitation["planned"], facilitation["booked"]) == (3_000_000, 0)
    grant = shown(GRANTS, history)[STREAM]
    assert (grant["awarded"], grant["amendment"], grant["proof_due"]) == (3_800_000, 1, "2025-12-30")


def test_a_line_that_a_notice_raises_warns_again_when_it_reaches_the_new_mark() -> None:
    spent = booked("expense-1", WORKSHOP, amount=600_000)
    doubled = WORKSHOP.model_copy(update={"amount": 1_400_000})
    raised = amendment(amount=4_700_000, lines=(FACILITATION, doubled, MATERIAL))
    history = (*GRANTED, spent, warned(WORKSHOP, 600_000), raised)
    assert not shown(BUDGET, history)[STREAM]["lines"][1]["warned"]
    second = booked("expense-2", amount=520_000)
    given(*history).when(book("expense-2", amount=520_000)).then(second, warned(doubled, 1_120_000))
    given(*history).when(book("expense-2", amount=519_999)).then(booked("expense-2", amount=519_999))
    only_longer = (*GRANTED, spent, warned(WORKSHOP, 600_000), amendment())
    given(*only_longer).when(book("expense-2", amount=1)).then(booked("expense-2", amount=1))


def test_what_was_spent_by_permission_stands_under_a_notice_that_gives_the_line_no_less() -> None:
    permitted = GRANT.decide(GRANT.fold(GRANTED), permit(900_000, line="workshop"))
    history = (*GRANTED, *permitted, booked(amount=900_000))
    given(*history).when(amend()).then(amendment())
    second = {"reason": "Noch einmal", "notice_on": date(2024, 3, 1)}
    given(*history, amendment()).when(amend(**second)).then(amendment(2, **second))
    given(*history, amendment()).when(book("expense-2", amount=1)).rejected(LineExceeded)
    less = (FACILITATION, WORKSHOP.model_copy(update={"amount": 699_999}), MATERIAL)
    given(*history).when(amend(amount=3_999_999, lines=less)).rejected(AmendedLineBelowSpending, line="workshop")
    stricter = Conditions(line_tolerance_percent=19)
    given(*history).when(amend(conditions=stricter)).rejected(AmendedLineBelowSpending, line="workshop")


def test_what_was_recorded_under_the_notice_before_may_be_repeated_under_the_next() -> None:
    """Its own terms held then; a repeated command says nothing new."""
    sooner = amendment(conditions=Conditions(drawdown_months=1))
    called = (*GRANTED, requested(), paid())
    given(*called, sooner).when(record_payout()).then_nothing()
    given(*called, sooner).when(record_payout(amount=999_999)).rejected(PayoutRecordedDifferently)
    early = date(2023, 9, 1)
    allowed = (APPLIED, awarded(early_start=early), committed(on=early))
    cancelled = GRANT.decide(GRANT.fold(allowed), cancel_commitment())
    given(*allowed, amendment(conditions=Conditions(early_start=early))).when(commit(on=early)).then_nothing()
    given(*allowed, *cancelled, amendment()).when(commit(on=early)).rejected(CommitmentIsCancelled)


def test_a_notice_that_grants_more_or_by_another_share_is_asked_back_once() -> None:
    plan = (FACILITATION.model_copy(update={"amount": 3_000_001}), WORKSHOP, MATERIAL)
    more: dict[str, Any] = {"amount": 4_000_001, "lines": plan}
    given(APPLIED).when(award(**more)).rejected(AwardDiffersFromApplication, applied="40.000,00 EUR", share=20)
    given(APPLIED).when(award(**more, as_noticed=True)).then(AWARDED.model_copy(update=more))
    other = Conditions(own_share_percent=10)
    given(APPLIED).when(award(conditions=other)).rejected(AwardDiffersFromApplication)
    given(APPLIED).when(award(conditions=other, as_noticed=True)).then(
        awarded(own_share_percent=10).model_copy(update={"own_contribution_due": 444_444})
    )
    less: dict[str, Any] = {"amount": 2_700_000, "lines": FEWER}
    given(APPLIED).when(award(**less)).then(AWARDED.model_copy(update={**less, "own_contribution_due": 675_000}))


def test_a_notice_may_grant_exactly_what_was_spent_under_the_first() -> None:
    spent = (booked("expense-1", FACILITATION, amount=2_000_000), booked("expense-2", WORKSHOP, amount=700_000))
    granted = amendment(amount=2_700_000, lines=FEWER, own_contribution_due=675_000)
    given(*GRANTED, *spent).when(amend(amount=2_700_000, lines=FEWER)).then(granted)
    cent = booked("expense-3", WORKSHOP, amount=1)
    given(*GRANTED, *spent, cent).when(amend(amount=2_700_000, lines=FEWER)).rejected(AmendmentBelowSpending)


def test_of_several_lines_that_are_left_out_the_first_by_name_is_told() -> None:
    alone = (WORKSHOP.model_copy(update={"amount": 1_000_000}),)
    used = (booked("expense-1", MATERIAL), booked("expense-2", FACILITATION))
    given(*GRANTED, *used).when(amend(amount=1_000_000, lines=alone)).rejected(
        AmendedPlanLacksLine, line="facilitation"
    )


def test_service_and_payment_both_stay_in_the_period() -> None:
    from_march = Period(start=date(2024, 3, 20), until=date(2024, 12, 31))
    until_march = Period(start=PERIOD.start, until=date(2024, 3, 20))
    early, late = date(2024, 3, 19), date(2024, 3, 21)
    given(*GRANTED, booked()).when(amend(period=from_march)).then_something()
    given(*GRANTED, booked()).when(amend(period=until_march)).then_something()
    given(*GRANTED, booked(service_on=early)).when(amend(period=from_march)).rejected(AmendedPeriodLeavesOut)
    given(*GRANTED, booked(paid_on=late)).when(amend(period=until_march)).rejected(AmendedPeriodLeavesOut)


def test_a_contract_of_the_first_day_that_is_allowed_stays_allowed() -> None:
    given(*GRANTED, committed(on=AWARDED.notice_on)).when(amend()).then(amendment())


def test_whoever_has_seen_the_first_notice_replaces_it_alone() -> None:
    given(*GRANTED).when(amend(replaces=Noticed(amendment=0))).then(amendment())
    given(*GRANTED).when(amend(replaces=Noticed(amendment=1))).rejected(ChangedMeanwhile, now="0")


def test_of_several_further_notices_the_last_counts() -> None:
    longest = amendment(2, period=Period(start=PERIOD.start, until=date(2025, 9, 30)), notice_on=date(2024, 3, 1))
    history = (*GRANTED, amendment(), longest)
    given(*history).when(freeze()).rejected(PeriodNotOver, end="30.09.2025")
    given(*history).when(amend(reason="Noch einmal")).rejected(AmendmentBeforeNotice, notice_on="01.03.2024")
    third = amendment(3, reason="Noch einmal", notice_on=date(2024, 3, 1))
    given(*history).when(amend(reason="Noch einmal", notice_on=date(2024, 3, 1))).then(third)


def test_what_a_further_notice_of_before_does_not_say_stays_as_it_was() -> None:
    [submitted] = GRANT.decide(
        GRANT.fold((*GRANTED, amendment(title=None, grantor=None), FROZEN)),
        submit(at=LONG_AFTER),
    )
    assert isinstance(submitted, ProofOfUseSubmitted)
    assert (submitted.title, submitted.due) == (AWARDED.title, date(2025, 12, 30))
