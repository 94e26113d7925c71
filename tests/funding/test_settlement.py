"""After the freeze: the grantor asks, reduces and is paid back, and the grant is closed to the cent."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from services.funding.domain.drawdowns import DrawdownExceedsGrant, DrawdownNotNeeded
from services.funding.domain.grant import GRANT, GrantIsClosed
from services.funding.domain.proof import (
    AuditBeforeSubmission,
    ProofOfUseIsAudited,
    ProofOfUseNotFrozen,
    ProofOfUseNotSubmitted,
    RecordAudit,
    ReductionExceedsSpending,
    ReductionWithoutReason,
    ReopenProofOfUse,
)
from services.funding.domain.settlement import (
    CloseGrant,
    MoneyStillOwed,
    ProofOfUseNotAudited,
    RepaymentExceedsDebt,
    RepaymentRecordedDifferently,
)
from services.funding.domain.terms import DayLiesAhead, MoneyBeforeNotice, own_contribution_due, payable
from services.funding.projections import BUDGET, GRANTS
from shared.contracts.funding import (
    Conditions,
    GrantClosed,
    ProofOfUseAudited,
    ProofOfUseFrozen,
    ProofOfUseReopened,
    RepaymentRecorded,
)
from tests.funding.stuttgart import (
    APPLIED,
    AWARDED,
    FACILITATION,
    GRANT_NAME,
    GRANTED,
    LONG_AFTER,
    MATERIAL,
    STREAM,
    WORKSHOP,
    approved,
    audit,
    awarded,
    booked,
    close,
    freeze,
    given,
    paid,
    record_payout,
    rendered,
    reopen,
    repay,
    request,
    requested,
    shown,
    submit,
    told,
)
from tests.funding.test_proof_of_use import BOOKED, FROZEN, SUBMITTED

ANSWER, LATER = date(2025, 9, 1), date(2025, 10, 1)
SPENT = (
    booked("expense-1", FACILITATION, amount=3_000_000),
    booked("expense-2", WORKSHOP, amount=700_000),
    booked("expense-3", MATERIAL, amount=300_000),
)
USED_UP = (
    *GRANTED,
    *(event for one in SPENT for event in (one, approved(one))),
    rendered(amount=1_000_000),
    *(requested(amount=4_000_000), paid(amount=4_000_000)),
)
PROVED = (*USED_UP, GRANT.decide(GRANT.fold(USED_UP), freeze())[0], SUBMITTED)


def audited(reduced_by: int = 0, recognised: int = 4_000_000, reason: str | None = None) -> ProofOfUseAudited:
    return ProofOfUseAudited(
        grant=GRANT_NAME,
        on=ANSWER,
        reduced_by=reduced_by,
        recognised=recognised,
        reason=reason,
        title=AWARDED.title,
    )


REDUCED = audited(123_456, 3_876_544, "Bewirtung")


def repaid(amount: int, left: int, name: str = "back-1") -> RepaymentRecorded:
    return RepaymentRecorded(grant=GRANT_NAME, repayment=name, amount=amount, on=LATER, left=left)


def test_figures_are_opened_when_the_grantor_asks_and_frozen_anew() -> None:
    reopened = ProofOfUseReopened(grant=GRANT_NAME, revision=1, reason="Belege nachgefordert")
    given(*BOOKED).when(reopen()).rejected(ProofOfUseNotFrozen, grant=GRANT_NAME)
    given(*BOOKED, FROZEN, SUBMITTED).when(reopen()).then(reopened)
    late = booked("expense-9", amount=4_000)
    again = (*BOOKED, FROZEN, SUBMITTED, reopened, late, approved(late))
    second = FROZEN.model_copy(
        update={
            "lines": (*FROZEN.lines[:1], FROZEN.lines[1].model_copy(update={"spent": 4_089}), *FROZEN.lines[2:]),
            "spent": 1_238_656,
            "unspent": 2_761_344,
            "receipts": 3,
            "payable": 998_455,
            "revision": 2,
        }
    )
    given(*again).when(freeze()).then(second)
    given(*again, second).when(submit()).then(SUBMITTED)
    assert ReopenProofOfUse.given_by == "approver"
    grant = shown(GRANTS, again)[STREAM]
    assert (grant["state"], grant["submitted_on"], grant["reopened"]) == ("awarded", None, "Belege nachgefordert")


def test_an_answer_follows_a_submission() -> None:
    given(*BOOKED).when(audit(ANSWER)).rejected(ProofOfUseNotFrozen)
    given(*BOOKED, FROZEN).when(audit(ANSWER)).rejected(ProofOfUseNotSubmitted, grant=GRANT_NAME)
    given(*PROVED).when(audit(date(2025, 1, 1))).rejected(
        AuditBeforeSubmission, submitted="02.01.2025", on="01.01.2025"
    )
    given(*PROVED).when(audit(date(2026, 3, 3))).rejected(DayLiesAhead, day="03.03.2026")
    on_the_day = audited().model_copy(update={"on": SUBMITTED.on})
    given(*PROVED).when(audit(SUBMITTED.on)).then(on_the_day)
    given(*PROVED).when(audit(ANSWER)).then(audited())


def test_an_answer_is_recorded_once_and_ends_the_asking() -> None:
    history = (*PROVED, audited())
    given(*history).when(audit(ANSWER, 1, "Bewirtung")).rejected(ProofOfUseIsAudited, on="01.09.2025")
    given(*history).when(reopen()).rejected(ProofOfUseIsAudited)


def test_a_reduction_says_why_and_is_not_above_what_was_proved() -> None:
    given(*PROVED).when(audit(ANSWER, 123_456)).rejected(ReductionWithoutReason)
    given(*PROVED).when(audit(ANSWER, 4_000_001, "alles")).rejected(ReductionExceedsSpending, spent="40.000,00 EUR")
    given(*PROVED).when(audit(ANSWER, 123_456, "Bewirtung")).then(REDUCED)


def test_what_is_not_recognised_is_paid_back_before_the_grant_is_closed() -> None:
    given(*PROVED).when(close()).rejected(ProofOfUseNotAudited, grant=GRANT_NAME)
    given(*PROVED, REDUCED).when(close()).rejected(MoneyStillOwed, left="1.234,56 EUR")
    given(*PROVED, REDUCED).when(repay("back-1", 123_457, LATER)).rejected(RepaymentExceedsDebt, left="1.234,56 EUR")
    given(*PROVED, REDUCED).when(repay("back-1", 1, date(2023, 10, 19))).rejected(MoneyBeforeNotice)
    given(*PROVED, REDUCED).when(repay("back-1", 23_456, LATER)).then(repaid(23_456, 100_000))
    part = (*PROVED, REDUCED, repaid(23_456, 100_000))
    given(*part).when(repay("back-1", 23_455, LATER)).rejected(RepaymentRecordedDifferently, repayment="back-1")
    given(*part).when(repay("back-2", 1, date(2026, 3, 3))).rejected(DayLiesAhead)
    whole = (*part, repaid(100_000, 0, "back-2"))
    closed = GrantClosed(grant=GRANT_NAME, paid=3_876_544, title=AWARDED.title)
    given(*whole).when(close()).then(closed)
    given(*whole, closed).when(repay("back-3", 1, LATER)).rejected(GrantIsClosed, grant=GRANT_NAME)
    given(*whole, closed).when(close()).then_nothing()
    assert CloseGrant.given_by == "approver"
    grant, budget = shown(GRANTS, (*whole, closed))[STREAM], shown(BUDGET, (*whole, closed))[STREAM]
    assert (grant["state"], grant["paid"], grant["repaid"]) == ("closed", 3_876_544, 123_456)
    assert grant["audit"]["reduced_by"] == 123_456
    assert (budget["drawn"], budget["repaid"]) == (4_000_000, 123_456)


def test_unused_money_goes_back_before_the_answer_too() -> None:
    given(*BOOKED).when(repay("back-1", 1, LATER)).rejected(ProofOfUseNotFrozen)
    given(*BOOKED, FROZEN).when(repay("back-1", 4_745, LATER)).then(repaid(4_745, 0))
    given(*BOOKED, FROZEN).when(repay("back-1", 4_746, LATER)).rejected(RepaymentExceedsDebt, left="47,45 EUR")


def test_the_last_instalment_may_come_after_the_freeze() -> None:
    half = (*USED_UP[:-2], requested(amount=2_000_000), paid(amount=2_000_000))
    frozen = GRANT.decide(GRANT.fold(half), freeze())[0]
    given(*half, frozen).when(request("call-2", 2_000_001)).rejected(DrawdownExceedsGrant, left="20.000,00 EUR")
    given(*half, frozen).when(request("call-2", 2_000_000)).then(requested("call-2", 2_000_000))
    called = (*half, frozen, requested("call-2", 2_000_000))
    last = paid("call-2", 2_000_000, on=date(2025, 3, 1), use_by=date(2025, 5, 1))
    given(*called).when(record_payout("call-2", 2_000_000, on=date(2025, 3, 1), at=LONG_AFTER)).then(last)
    given(*called, SUBMITTED, REDUCED).when(request("call-3", 1)).rejected(DrawdownExceedsGrant, left="0,00 EUR")


def test_money_that_went_back_is_called_again_when_reopened_figures_need_it() -> None:
    """39,000.00 of 40,000.00 EUR were spent and the rest repaid; then a receipt of 1,000.00 EUR turned up."""
    returned = RepaymentRecorded(grant=GRANT_NAME, repayment="back-1", amount=100_000, on=LATER, left=0)
    less = booked("expense-3", MATERIAL, amount=200_000)
    short = (*USED_UP[:6], less, approved(less), *USED_UP[8:])
    first = (*short, GRANT.decide(GRANT.fold(short), freeze())[0], SUBMITTED)
    given(*first).when(request("call-2", 1)).rejected(DrawdownExceedsGrant, left="0,00 EUR")
    given(*first).when(repay("back-1", 100_000, LATER)).then(returned)
    reopened = (*first, returned, ProofOfUseReopened(grant=GRANT_NAME, revision=1, reason="Beleg nachgereicht"))
    given(*reopened).when(request("call-2", 1, payments_due=())).rejected(DrawdownNotNeeded, needed="0,00 EUR")
    found = booked("expense-4", MATERIAL, amount=100_000)
    spent = (*reopened, found, approved(found))
    again = requested("call-2", 100_000)
    given(*spent).when(request("call-2", 100_000)).then(again)
    given(*spent).when(request("call-2", 100_000, payments_due=())).then(requested("call-2", 100_000, None))
    given(*spent).when(request("call-2", 100_001)).rejected(DrawdownExceedsGrant, left="1.000,00 EUR")
    second = (*spent, GRANT.decide(GRANT.fold(spent), freeze())[0])
    given(*second).when(request("call-2", 100_000)).then(again)
    given(*second).when(request("call-2", 100_001)).rejected(DrawdownExceedsGrant, left="1.000,00 EUR")
    called = (*second, again, paid("call-2", 100_000), SUBMITTED, audited())
    given(*called).when(close()).then(GrantClosed(grant=GRANT_NAME, paid=4_000_000, title=AWARDED.title))


def test_figures_from_before_they_told_what_is_payable_count_in_full() -> None:
    said: dict[str, Any] = FROZEN.model_dump(exclude={"payable", "revision"})
    old = ProofOfUseFrozen(**said)
    given(*BOOKED, old).when(request("call-9", 234_651)).then(requested("call-9", 234_651))
    given(*BOOKED, old).when(request("call-9", 234_652)).rejected(DrawdownExceedsGrant, left="2.346,51 EUR")
    assert GRANT.fold((*BOOKED, old)).proof.revisions == 1


@pytest.mark.parametrize(
    ("spent", "own", "granted", "terms", "pays"),
    [
        (3_884_960, 971_240, 4_000_000, {}, 3_884_960),  # 80 percent of 48,562.00 EUR, awarded to another district
        (4_000_000, 1_000_000, 4_000_000, {}, 4_000_000),
        (4_000_000, 800_000, 4_000_000, {}, 3_840_000),  # hours of 2,000.00 EUR are missing: 1,600.00 less
        (4_000_000, 800_000, 4_000_000, {"own_share_base": "grant"}, 4_000_000),
        (4_000_000, 400_000, 4_000_000, {"own_share_base": "grant"}, 2_000_000),
        (7_000_000, 1_000_000, 6_000_000, {"own_share_percent": 10}, 6_000_000),  # 90 percent, capped
        (4_000_000, 0, 4_000_000, {"own_share_percent": 0}, 4_000_000),
        (4_000_000, 0, 4_000_000, {"own_share_percent": 0, "own_share_base": "grant"}, 4_000_000),
        (4_000_001, 800_000, 4_000_001, {"own_share_base": "grant"}, 4_000_001),  # due are 8,000.00 too
        (0, 1_000_000, 4_000_000, {}, 0),
    ],
)
def test_what_the_grant_pays(spent: int, own: int, granted: int, terms: dict[str, Any], pays: int) -> None:
    assert payable(spent, own, granted, Conditions(**terms)) == pays


@examples(
    granted=st.integers(1, 10**11),
    share=st.integers(0, 99),
    base=st.sampled_from(["total_cost", "grant"]),
)
def test_who_renders_what_is_due_is_paid_all_that_is_granted(granted: int, share: int, base: str) -> None:
    terms = Conditions.model_validate({"own_share_percent": share, "own_share_base": base})
    due = own_contribution_due(granted, terms)
    assert payable(granted, due, granted, terms) == granted
    assert payable(granted, max(0, due - 1), granted, terms) <= granted


def test_the_cut_is_seen_before_the_freeze() -> None:
    short = (APPLIED, awarded(), *USED_UP[2:-3], rendered(amount=800_000))
    assert shown(BUDGET, short)[STREAM]["payable"] == 3_840_000
    frozen = GRANT.decide(GRANT.fold(short), freeze())[0]
    assert isinstance(frozen, ProofOfUseFrozen)
    assert frozen.payable == 3_840_000


@examples(reduced_by=st.integers(0, 4_000_000), parts=st.lists(st.integers(1, 4_000_000), max_size=5))
def test_paid_out_is_what_the_grant_pays_and_what_went_back(reduced_by: int, parts: list[int]) -> None:
    state = GRANT.fold(PROVED)
    steps = [audit(ANSWER, reduced_by, "gekürzt" if reduced_by else None)]
    history = [*PROVED, *GRANT.decide(state, steps[0])]
    owed = reduced_by
    for number, part in enumerate([*(min(part, 10**6) for part in parts), 0]):
        amount = part or owed
        if 0 < amount <= owed:
            history += GRANT.decide(GRANT.fold(history), repay(f"back-{number}", amount, LATER))
            owed -= amount
    [closed] = GRANT.decide(GRANT.fold(history), close())
    assert closed == GrantClosed(grant=GRANT_NAME, paid=4_000_000 - reduced_by, title=AWARDED.title)


def test_the_day_is_that_of_berlin() -> None:
    shortly_after_midnight = datetime(2025, 8, 31, 22, 5, tzinfo=UTC)
    given(*PROVED).when(audit(ANSWER, at=shortly_after_midnight)).then(audited())
    assert shortly_after_midnight < LONG_AFTER


def test_the_same_reason_opens_figures_that_were_frozen_since() -> None:
    reopened = ProofOfUseReopened(grant=GRANT_NAME, revision=1, reason="Belege nachgefordert")
    history = (*BOOKED, FROZEN, SUBMITTED, reopened)
    given(*history).when(reopen()).then_nothing()
    given(*history).when(reopen("noch einmal")).rejected(ProofOfUseNotFrozen)
    again = (*history, FROZEN.model_copy(update={"revision": 2}))
    given(*again).when(reopen()).then(reopened.model_copy(update={"revision": 2}))


def test_an_answer_reduces_nothing_unless_it_says_so_and_at_most_everything() -> None:
    given(*PROVED).when(told(RecordAudit, on=ANSWER, at=LONG_AFTER)).then(audited())
    nothing = audited(4_000_000, 0, "Ohne Belege")
    given(*PROVED).when(audit(ANSWER, 4_000_000, "Ohne Belege")).then(nothing)
    given(*PROVED, nothing).when(repay("back-1", 4_000_000, LATER)).then(repaid(4_000_000, 0))


def test_a_repayment_of_another_day_is_another_one() -> None:
    history = (*PROVED, REDUCED, repaid(23_456, 100_000))
    given(*history).when(repay("back-1", 23_456, LATER)).then_nothing()
    given(*history).when(repay("back-1", 23_456, ANSWER)).rejected(RepaymentRecordedDifferently)


def test_a_grant_of_which_less_was_drawn_than_it_pays_owes_nothing() -> None:
    half = (*USED_UP[:-2], requested(amount=2_000_000), paid(amount=2_000_000))
    history = (*half, GRANT.decide(GRANT.fold(half), freeze())[0], SUBMITTED, audited())
    given(*history).when(repay("back-1", 1, LATER)).rejected(RepaymentExceedsDebt, left="0,00 EUR")
    given(*history).when(close()).then(GrantClosed(grant=GRANT_NAME, paid=2_000_000, title=AWARDED.title))
