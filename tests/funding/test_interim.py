"""An interim proof for each budget year that ends within the period, where the notice asks for it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from services.funding.domain.interim import BudgetYearNotOver, InterimProofNotAsked, SubmitInterimProof
from services.funding.domain.obligations import AnnounceGrantObligations
from services.funding.domain.proof import ExpensesNotApproved, ReversalsNotApproved
from services.funding.obligations import OBLIGATIONS
from services.funding.projections import GRANTS
from shared.contracts.funding import Conditions, InterimProofDue, InterimProofSubmitted, PlanLine, ProofLine
from shared.declarations.obligations import still_owed
from shared.kernel.decider import Event
from tests.funding.stuttgart import (
    APPLIED,
    FACILITATION,
    GRANT_NAME,
    MATERIAL,
    WORKSHOP,
    amendment,
    approved,
    awarded,
    booked,
    given,
    paid,
    rendered,
    requested,
    reversal_requested,
    reversed_,
    shown,
    told,
)
from tests.funding.test_proof_of_use import SUBMITTED

DUE = date(2024, 4, 30)
APRIL = datetime(2024, 4, 11, 9, tzinfo=UTC)
ASKED = awarded(interim_months=4)
FIRST = booked("expense-1", FACILITATION, amount=250_000, service_on=date(2023, 12, 4), paid_on=date(2023, 12, 29))
SECOND = booked("expense-2", MATERIAL, amount=12_550, service_on=date(2023, 12, 20), paid_on=date(2024, 1, 2))
HISTORY = (
    *(APPLIED, ASKED, requested(), paid(on=date(2023, 12, 1), use_by=date(2024, 2, 1))),
    *(FIRST, approved(FIRST), SECOND, rendered("hours-1", on=date(2023, 12, 31), amount=80_000)),
    rendered("hours-2", on=date(2024, 1, 1), amount=50_000),
)
HALVES = tuple(
    FIRST.model_copy(update={"expense": name, "receipt_number": name, "amount": 125_000})
    for name in ("half-1", "half-2")
)


def submit(year: int = 2023, at: datetime = APRIL) -> SubmitInterimProof:
    return told(SubmitInterimProof, year=year, at=at)


def due_of(year: int, due_on: date) -> InterimProofDue:
    return InterimProofDue(grant=GRANT_NAME, due_on=due_on, stage=-30, year=year, title=APPLIED.title)


PROVED = InterimProofSubmitted(
    grant=GRANT_NAME,
    year=2023,
    on=date(2024, 4, 11),
    lines=(
        ProofLine(line="facilitation", planned=3_000_000, spent=250_000),
        ProofLine(line="workshop", planned=700_000, spent=0),
        ProofLine(line="material", planned=300_000, spent=0),
    ),
    spent=250_000,
    drawn=1_000_000,
    own_contribution=80_000,
    receipts=1,
    due=DUE,
    title=APPLIED.title,
)


def test_it_counts_what_was_paid_worked_and_paid_out_in_that_year() -> None:
    given(*HISTORY).when(submit()).then(PROVED)
    given(*HISTORY, PROVED).when(submit(at=datetime(2024, 6, 1, tzinfo=UTC))).then_nothing()


def test_what_was_submitted_and_has_changed_is_submitted_again() -> None:
    """An expense reversed in the year that was proved, or another one found: else the grantor keeps what is not so."""
    june = datetime(2024, 6, 1, tzinfo=UTC)
    none = tuple(line.model_copy(update={"spent": 0}) for line in PROVED.lines)
    again = PROVED.model_copy(update={"on": date(2024, 6, 1), "lines": none, "spent": 0, "receipts": 0})
    given(*HISTORY, PROVED, reversed_(FIRST, was_approved=True)).when(submit(at=june)).then(again)
    found = booked("expense-3", MATERIAL, amount=1, service_on=date(2023, 12, 20), paid_on=date(2023, 12, 31))
    given(*HISTORY, PROVED, found).when(submit(at=june)).rejected(ExpensesNotApproved, number=1)
    given(*HISTORY, PROVED, found, approved(found)).when(submit(at=june)).then_something()
    rebooked = found.model_copy(update={"expense": "expense-4", "amount": FIRST.amount})
    moved = (reversed_(FIRST, was_approved=True), rebooked, approved(rebooked))
    given(*HISTORY, PROVED, *moved).when(submit(at=june)).then_something()
    terms = amendment(conditions=Conditions(interim_months=5))
    given(*HISTORY, PROVED, SECOND, terms).when(submit(at=june)).then_nothing()
    [grant] = shown(GRANTS, (*HISTORY, PROVED, again)).values()
    assert [(one["year"], one["spent"]) for one in grant["interim"]] == [(2023, 250_000), (2023, 0)]


def test_it_is_asked_by_the_notice_and_for_years_that_end_within_the_period() -> None:
    given(APPLIED, awarded()).when(submit()).rejected(InterimProofNotAsked, year=2023)
    for year in (2022, 2024):
        given(*HISTORY).when(submit(year)).rejected(InterimProofNotAsked, year=year)


def test_the_year_is_over_and_its_expenses_are_approved() -> None:
    new_year_in_berlin = datetime(2023, 12, 31, 23, tzinfo=UTC)
    given(*HISTORY).when(submit(at=datetime(2023, 12, 31, 22, 59, tzinfo=UTC))).rejected(BudgetYearNotOver, year=2023)
    given(*HISTORY).when(submit(at=new_year_in_berlin)).then(PROVED.model_copy(update={"on": date(2024, 1, 1)}))
    waiting = booked("expense-3", MATERIAL, amount=1, service_on=date(2023, 12, 20), paid_on=date(2023, 12, 31))
    given(*HISTORY, waiting).when(submit()).rejected(ExpensesNotApproved, number=1)
    given(*HISTORY, reversal_requested()).when(submit()).rejected(ReversalsNotApproved, number=1)


def owed(*history: Event) -> list[tuple[str, str]]:
    return [(one["obligation"], one["due_on"]) for one in still_owed(shown(OBLIGATIONS, history).values())]


def test_the_office_owes_it_until_it_is_submitted_or_not_asked_any_more() -> None:
    proof = ("ProofOfUseDue", "2025-06-30")
    assert owed(APPLIED, ASKED) == [("InterimProofDue", "2024-04-30"), proof]
    assert owed(APPLIED, ASKED, PROVED) == [proof]
    assert owed(APPLIED, ASKED, PROVED, amendment(conditions=Conditions(interim_months=4)))[:1] == [
        ("InterimProofDue", "2025-04-30")
    ]
    assert "InterimProofDue" not in dict(owed(APPLIED, ASKED, amendment()))
    assert owed(APPLIED, ASKED, amendment(), amendment(2, conditions=Conditions(interim_months=3)))[:2] == [
        ("InterimProofDue", "2024-03-31"),
        ("InterimProofDue", "2025-03-31"),
    ]
    assert owed(APPLIED, ASKED, SUBMITTED) == []


def test_each_stage_is_said_once_and_none_when_it_is_submitted() -> None:
    stage = due_of(2023, DUE)
    say = told(AnnounceGrantObligations, says=(stage,))
    given(APPLIED, ASKED).when(say).then(stage)
    given(APPLIED, ASKED, PROVED).when(say).then_nothing()
    given(APPLIED, awarded()).when(say).then_nothing()


def test_the_grant_shows_it() -> None:
    [grant] = shown(GRANTS, (*HISTORY, PROVED)).values()
    assert [(one["year"], one["spent"], one["receipts"]) for one in grant["interim"]] == [(2023, 250_000, 1)]


def test_the_proof_of_each_year_is_known_on_its_own() -> None:
    longer = amendment(conditions=Conditions(interim_months=4))
    next_one = PROVED.model_copy(update={"year": 2024, "due": date(2025, 4, 30)})
    history = (*HISTORY, approved(SECOND), longer, PROVED, next_one)
    given(*history).when(submit(at=datetime(2025, 2, 1, tzinfo=UTC))).then_nothing()
    say = told(AnnounceGrantObligations, says=(due_of(2023, DUE), due_of(2024, next_one.due)))
    given(*history[:-2]).when(say).then(due_of(2023, DUE), due_of(2024, next_one.due))
    given(*history).when(say).then_nothing()


@pytest.mark.parametrize(
    ("later", "changes"),
    [
        ((requested("call-2"), paid("call-2", 7, on=date(2023, 12, 5), use_by=date(2024, 2, 5))), {"drawn": 1_000_007}),
        ((rendered("hours-3", on=date(2023, 12, 30), amount=9),), {"own_contribution": 80_009}),
        ((reversed_(FIRST, was_approved=True), *HALVES, *map(approved, HALVES)), {"receipts": 2}),
    ],
    ids=["money", "hours", "receipts"],
)
def test_whatever_changes_of_a_year_is_submitted_again(later: tuple[Event, ...], changes: dict[str, int]) -> None:
    again = PROVED.model_copy(update={"on": date(2024, 6, 1), **changes})
    given(*HISTORY, PROVED, *later).when(submit(at=datetime(2024, 6, 1, tzinfo=UTC))).then(again)


def test_a_line_that_a_further_notice_adds_and_nobody_used_changes_no_proof() -> None:
    extra = PlanLine(line="extra", purpose="material", name="Nachtrag", amount=1)
    lines = (FACILITATION.model_copy(update={"amount": 2_999_999}), WORKSHOP, MATERIAL, extra)
    terms = amendment(lines=lines, conditions=Conditions(interim_months=4))
    given(*HISTORY, PROVED, terms).when(submit(at=datetime(2024, 6, 1, tzinfo=UTC))).then_nothing()
