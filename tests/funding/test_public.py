"""What the city reads of a grant: every event of it that is told, word for word, and what is so after each."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.funding import states
from services.funding.domain.grant import GRANT
from services.funding.public import PUBLIC
from shared.contracts import funding
from shared.contracts.public import funding as public
from shared.contracts.public.event import PublicEvent
from shared.contracts.states.funding import Grant, ProofOfUse
from shared.kernel.decider import Event
from tests.funding.stuttgart import APPLIED, AWARDED, GRANT_NAME, GRANTED, amendment, paid, unpaid
from tests.funding.test_proof_of_use import FROZEN, SUBMITTED

[LAYER] = PUBLIC
OF: dict[str, Any] = {"grant": GRANT_NAME, "title": APPLIED.title}
BY: dict[str, Any] = {**OF, "grantor": APPLIED.grantor}
REOPENED = funding.ProofOfUseReopened(grant=GRANT_NAME, revision=1, reason="Belege nachgefordert")
AUDITED = funding.ProofOfUseAudited(
    grant=GRANT_NAME, on=date(2025, 9, 1), reduced_by=1, recognised=995_254, reason="Bewirtung", title=APPLIED.title
)
REPAID = funding.RepaymentRecorded(grant=GRANT_NAME, repayment="back-1", amount=4_746, on=date(2025, 10, 1), left=0)
CLOSED = funding.GrantClosed(grant=GRANT_NAME, paid=995_254, title=APPLIED.title)
OLD_REFUSAL = funding.GrantRefused(grant=GRANT_NAME, notice_on=AWARDED.notice_on)


def said(*history: Any) -> PublicEvent | None:
    """Of the last event."""
    told: PublicEvent | None = LAYER.says(GRANT.fold(history[:-1]), history[-1])
    return told


TERMS: dict[str, Any] = {
    "amount": 4_000_000,
    "notice_on": date(2023, 10, 20),
    "start": date(2023, 11, 1),
    "until": date(2024, 12, 31),
    "own_contribution_due": 1_000_000,
    "proof_due": date(2025, 6, 30),
}
LONGER: dict[str, Any] = {
    "notice_on": date(2024, 2, 1),
    "until": date(2025, 6, 30),
    "proof_due": date(2025, 12, 30),
    "amount": 3_900_000,
}
FIGURES: dict[str, Any] = {"awarded": 4_000_000, "spent": 1_234_656, "unspent": 2_765_344, "due": date(2025, 6, 30)}

TOLD: list[tuple[tuple[Event, ...], PublicEvent]] = [
    (
        (APPLIED.model_copy(update={"paper_key": "grdrs-905-2023"}),),
        public.GrantApplied(
            **BY,
            amount=4_000_000,
            start=date(2023, 11, 1),
            until=date(2024, 12, 31),
            reference="GRDrs 905/2023",
            paper="grdrs-905-2023",
        ),
    ),
    (GRANTED, public.GrantAwarded(**BY, **TERMS)),
    ((*GRANTED, amendment(amount=3_900_000)), public.GrantAmended(**BY, **{**TERMS, **LONGER})),
    ((APPLIED, OLD_REFUSAL), public.GrantRefused(**BY, amount=4_000_000, notice_on=date(2023, 10, 20))),
    (
        (APPLIED, OLD_REFUSAL.model_copy(update={"amount": 3_000_000})),
        public.GrantRefused(**BY, amount=3_000_000, notice_on=date(2023, 10, 20)),
    ),
    (
        (*GRANTED, paid()),
        public.PayoutRecorded(**OF, amount=1_000_000, on=date(2024, 3, 20), use_by=date(2024, 5, 20)),
    ),
    ((*GRANTED, paid(), unpaid(paid())), public.PayoutReversed(**OF, amount=1_000_000, on=date(2024, 3, 20))),
    ((*GRANTED, FROZEN), public.ProofOfUseFrozen(**OF, **FIGURES)),
    ((*GRANTED, FROZEN, SUBMITTED), public.ProofOfUseSubmitted(**OF, on=date(2025, 1, 2))),
    ((*GRANTED, FROZEN, SUBMITTED, REOPENED), public.ProofOfUseReopened(**OF)),
    ((*GRANTED, FROZEN, SUBMITTED, AUDITED), public.ProofOfUseAudited(**OF, on=date(2025, 9, 1), recognised=995_254)),
    ((*GRANTED, FROZEN, SUBMITTED, AUDITED, REPAID), public.RepaymentRecorded(**OF, amount=4_746, on=REPAID.on)),
    ((*GRANTED, FROZEN, SUBMITTED, AUDITED, REPAID, CLOSED), public.GrantClosed(**OF, paid=995_254)),
]


@pytest.mark.parametrize(("history", "told"), TOLD, ids=lambda one: type(one).__name__)
def test_each_step_of_a_grant_is_told_word_for_word(history: tuple[Event, ...], told: PublicEvent) -> None:
    assert said(*history) == told


def test_every_public_event_of_a_grant_is_in_the_table() -> None:
    assert {type(history[-1]) for history, _ in TOLD} == {*LAYER.events}


def test_of_a_grant_that_nobody_applied_for_here_nothing_is_told() -> None:
    for history, _ in TOLD[1:]:
        assert said(history[-1]) is None


STEPS: list[PublicEvent] = [told for _, told in TOLD]
APPLIED_FOR, GIVEN, CHANGED, _, REFUSED, PAID_OUT, NOT_PAID, PROVED, SENT, OPEN_AGAIN, CHECKED, PAID_BACK, ENDED = STEPS


def state_after(*told: PublicEvent) -> Grant | None:
    state: Grant | None = None
    for one in told:
        state = states.grant(state, one)  # type: ignore[arg-type]
    return state


BEGUN = Grant(
    **BY,
    reference="GRDrs 905/2023",
    paper="grdrs-905-2023",
    state="applied",
    amount=4_000_000,
    start=date(2023, 11, 1),
    until=date(2024, 12, 31),
    paid_out=0,
    paid_back=0,
)
STANDS = BEGUN.model_copy(update={**TERMS, "state": "awarded"})
SPENT: dict[str, Any] = {"spent": 1_234_656, "unspent": 2_765_344}


def test_what_is_so_after_each_step_of_a_grant() -> None:
    def awarded(**now: Any) -> Grant:
        return STANDS.model_copy(update=now)

    submitted = ProofOfUse(state="submitted", **SPENT, submitted_on=date(2025, 1, 2))
    audited = submitted.model_copy(update={"state": "audited", "audited_on": date(2025, 9, 1), "recognised": 995_254})
    paid_out = (APPLIED_FOR, GIVEN, PAID_OUT, PAID_OUT)
    assert state_after(APPLIED_FOR) == BEGUN
    assert state_after(APPLIED_FOR, GIVEN) == awarded()
    assert state_after(APPLIED_FOR, GIVEN, CHANGED) == awarded(**LONGER)
    assert state_after(APPLIED_FOR, REFUSED) == BEGUN.model_copy(
        update={"state": "refused", "notice_on": date(2023, 10, 20)}
    )
    assert state_after(*paid_out) == awarded(paid_out=2_000_000)
    assert state_after(*paid_out, NOT_PAID) == awarded(paid_out=1_000_000)
    frozen = ProofOfUse(state="frozen", **SPENT)
    assert state_after(*paid_out, PROVED) == awarded(paid_out=2_000_000, proof=frozen)
    assert state_after(*paid_out, PROVED, SENT) == awarded(paid_out=2_000_000, proof=submitted)
    assert state_after(*paid_out, PROVED, SENT, OPEN_AGAIN) == awarded(paid_out=2_000_000)
    checked = (*paid_out, PROVED, SENT, CHECKED, PAID_BACK)
    now = {"paid_out": 2_000_000, "paid_back": 4_746, "proof": audited}
    assert state_after(*checked) == awarded(**now)
    assert state_after(*checked, ENDED) == awarded(**now, state="closed", paid=995_254)


def test_of_what_was_told_before_the_application_nothing_is_known() -> None:
    for told in STEPS[1:]:
        assert state_after(told) is None
    for late in (SENT, CHECKED):
        without: Any = state_after(APPLIED_FOR, GIVEN, late)
        assert without == STANDS, "no proof of use is known that it could be about"
