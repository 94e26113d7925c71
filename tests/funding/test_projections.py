"""What the office sees after each step."""

from __future__ import annotations

import json

import pytest

from services.funding.projections import BUDGET, CONFERENCES, EXPENSES, GRANTS, PROJECTIONS, SUMS
from services.funding.service import SERVICE
from shared.contracts.funding import GrantRefused, InterimProofSubmitted, ProofOfUseAudited
from shared.contracts.members import ConferenceEstablished, RulesOfProcedure
from shared.declarations.projection import Document, Projection
from shared.kernel.decider import Event
from tests.funding.stuttgart import (
    APPLIED,
    AWARDED,
    GRANT_NAME,
    GRANTED,
    STREAM,
    WORKSHOP,
    approved,
    awarded,
    booked,
    committed,
    paid,
    rendered,
    requested,
    reversal_requested,
    reversed_,
    shown,
    warned,
)
from tests.funding.test_proof_of_use import FROZEN, SUBMITTED
from tests.kit.delivered import delivered, folded

TWO = (booked(amount=300_000), booked("expense-2", amount=400_000))
LIVELY: tuple[Event, ...] = (
    *GRANTED,
    committed(line="workshop"),
    *TWO,
    warned(WORKSHOP, 700_000),
    approved(TWO[0]),
    approved(TWO[1]),
    reversed_(TWO[1], was_approved=True),
    booked("expense-3"),
    rendered(),
    requested(),
    paid(amount=900_000),
)


KEPT = ("_id", "conference", "stream", "sequence")


def grant_after(*history: Event) -> Document:
    return shown(GRANTS, history)[STREAM]


def whole(document: Document) -> Document:
    """Without what the runtime keeps in it."""
    return {name: told for name, told in document.items() if name not in KEPT}


def whole_grant(*history: Event) -> Document:
    return whole(grant_after(*history))


def workshop_after(*history: Event) -> Document:
    return next(line for line in shown(BUDGET, history)[STREAM]["lines"] if line["line"] == "workshop")


def test_an_application_is_shown_without_a_notice() -> None:
    grant = grant_after(APPLIED)
    assert (grant["state"], grant["applied"], grant["awarded"]) == ("applied", 4_000_000, None)
    assert grant["paper"] == "GRDrs 905/2023"
    assert grant["period"] == {"start": "2023-11-01", "until": "2024-12-31"}


def test_a_notice_adds_what_it_lays_down() -> None:
    less = AWARDED.model_copy(update={"amount": 3_700_000})
    grant = grant_after(APPLIED, less)
    assert (grant["state"], grant["applied"], grant["awarded"]) == ("awarded", 4_000_000, 3_700_000)
    assert "lines" not in grant, "they are in its budget"
    assert grant["conditions"]["own_share_base"] == "total_cost"
    assert (grant["own_contribution_due"], grant["proof_due"]) == (1_000_000, "2025-06-30")


def test_that_a_conference_is_there_is_remembered_by_its_name() -> None:
    established = ConferenceEstablished(
        name="Konferenz", reference="GRDrs", office="Amt", committee="Ausschuss", rules=RulesOfProcedure()
    )
    assert list(folded(CONFERENCES, [established], "stuttgart/conference/stuttgart")) == ["stuttgart"]


def test_a_refusal_is_shown() -> None:
    refused = GrantRefused(grant=GRANT_NAME, notice_on=AWARDED.notice_on)
    grant = grant_after(APPLIED, refused)
    assert (grant["state"], grant["notice_on"]) == ("refused", "2023-10-20")


def test_a_grant_shows_its_totals() -> None:
    grant = grant_after(*LIVELY)
    sums = ("committed", "spent", "approved", "unapproved_expenses", "own_contribution", "requested", "drawn")
    assert [grant[name] for name in sums] == [500_000, 400_000, 300_000, 1, 9_413, 1_000_000, 900_000]


def test_an_unapproved_expense_that_is_reversed_waits_no_longer() -> None:
    grant = grant_after(*GRANTED, booked(), reversed_(booked()))
    assert (grant["spent"], grant["approved"], grant["unapproved_expenses"]) == (0, 0, 0)


def test_a_proof_is_shown_frozen_and_submitted() -> None:
    frozen = grant_after(*GRANTED, FROZEN)
    assert (frozen["state"], frozen["proof"]["unspent"]) == ("proof_frozen", 2_765_344)
    submitted = grant_after(*GRANTED, FROZEN, SUBMITTED)
    assert (submitted["state"], submitted["submitted_on"]) == ("proof_submitted", "2025-01-02")
    assert submitted["proof"] == frozen["proof"]


def test_the_budget_starts_as_the_plan() -> None:
    budget = shown(BUDGET, GRANTED)[STREAM]
    assert [(line["line"], line["planned"], line["free"]) for line in budget["lines"]] == [
        ("facilitation", 3_000_000, 3_000_000),
        ("workshop", 700_000, 700_000),
        ("material", 300_000, 300_000),
    ]
    assert (budget["awarded"], budget["own_contribution_due"], budget["drawn"]) == (4_000_000, 1_000_000, 0)
    sums = {"committed": 0, "booked": 0, "approved": 0, "reversed": 0, "warned": False}
    assert all(sums.items() <= line.items() for line in budget["lines"])


def test_the_budget_follows_every_line() -> None:
    assert workshop_after(*LIVELY) == {
        "line": "workshop",
        "purpose": "workshop",
        "name": "Workshop",
        "planned": 700_000,
        "contracted": 500_000,
        "committed": 500_000,
        "paid": 400_000,
        "booked": 800_000,
        "approved": 300_000,
        "reversed": 400_000,
        "free": -200_000,
        "warned": True,
        "permitted": None,
    }
    budget = shown(BUDGET, LIVELY)[STREAM]
    assert (budget["own_contribution"], budget["drawn"]) == (9_413, 900_000)
    assert [line["booked"] for line in budget["lines"]] == [0, 800_000, 0]


def test_a_line_over_its_amount_has_less_than_nothing_free() -> None:
    assert workshop_after(*GRANTED, booked(amount=840_000))["free"] == -140_000


def test_an_expense_shows_its_state() -> None:
    expenses = shown(EXPENSES, LIVELY)
    assert {key: expense["state"] for key, expense in expenses.items()} == {
        f"{STREAM}/expense-1": "approved",
        f"{STREAM}/expense-2": "reversed",
        f"{STREAM}/expense-3": "booked",
    }
    first, second = expenses[f"{STREAM}/expense-1"], expenses[f"{STREAM}/expense-2"]
    assert (first["booked_by"], first["approved_by"], first["paid_on"]) == (
        "office",
        "approver",
        "2024-03-20",
    )
    assert (second["reason"], second["amount"]) == ("Betrag falsch erfasst", 400_000)


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda projection: projection.name)
def test_a_fold_leaves_alone_what_the_runtime_keeps(projection: Projection) -> None:
    for sequence, event in enumerate((*LIVELY, FROZEN, SUBMITTED), start=1):
        if type(event) not in projection.events:
            continue
        arrived = delivered(event, STREAM, sequence)
        (key,) = projection.keys(*arrived)
        before = shown(projection, LIVELY).get(key, {})
        kept = {**before, "_id": key, "sequence": sequence}
        after = projection.fold(kept, *arrived)
        assert (after["_id"], after["sequence"]) == (key, sequence)
        assert kept == {**before, "_id": key, "sequence": sequence}


def test_no_event_moves_money_by_itself() -> None:
    assert SERVICE.reactions == ()


def test_a_requested_reversal_is_seen_and_moves_no_money() -> None:
    history = [*GRANTED, booked(), approved(booked())]
    asked = [*history, reversal_requested()]
    [expense] = shown(EXPENSES, asked).values()
    wish = {"state": "reversal_requested", "requested_by": "office", "reason": "Betrag falsch erfasst"}
    assert wish.items() <= expense.items()
    for projection in (GRANTS, BUDGET):
        [before], [after] = shown(projection, history).values(), shown(projection, asked).values()
        assert {**after, "sequence": 0} == {**before, "sequence": 0}


def test_a_grant_shows_what_each_of_its_events_tells_and_nothing_else() -> None:
    nothing = dict.fromkeys(SUMS, 0)
    asked = APPLIED.model_dump(mode="json", exclude={"amount"})
    applied = {**asked, **nothing, "state": "applied", "applied": 4_000_000, "awarded": None, "interim": []}
    assert whole_grant(APPLIED) == applied
    notice = AWARDED.model_dump(mode="json", exclude={"amount", "lines"})
    awarded = {**applied, **notice, "state": "awarded", "awarded": 4_000_000}
    assert whole_grant(*GRANTED) == awarded
    year = {"year": 2023, "on": "2024-04-11", "lines": [], "spent": 1, "drawn": 2, "own_contribution": 3}
    told = {**year, "receipts": 4, "due": "2024-04-30"}
    proved = InterimProofSubmitted.model_validate_json(json.dumps({**told, "grant": GRANT_NAME, "title": "Titel"}))
    assert whole_grant(*GRANTED, proved) == {**awarded, "interim": [told]}
    frozen = {**awarded, "state": "proof_frozen", "proof": FROZEN.model_dump(mode="json", exclude={"grant"})}
    assert whole_grant(*GRANTED, FROZEN) == frozen
    submitted = {**frozen, "state": "proof_submitted", "submitted_on": "2025-01-02"}
    assert whole_grant(*GRANTED, FROZEN, SUBMITTED) == submitted
    audit = {"on": "2025-09-01", "reduced_by": 1, "recognised": 995_254, "reason": "Bewirtung"}
    audited = ProofOfUseAudited.model_validate_json(json.dumps({**audit, "grant": GRANT_NAME, "title": "Titel"}))
    assert whole_grant(*GRANTED, FROZEN, SUBMITTED, audited) == {**submitted, "state": "audited", "audit": audit}


def test_the_budget_counts_missing_hours_by_the_terms_of_its_own_notice() -> None:
    spent = (booked(amount=800_000), rendered(amount=100_000))
    payable = {
        base: shown(BUDGET, (APPLIED, awarded(own_share_base=base, own_share_percent=10), *spent))[STREAM]["payable"]
        for base in ("total_cost", "grant")
    }
    assert payable == {"total_cost": 800_000, "grant": 800_000}
    spent = (booked(amount=800_000), rendered(amount=10_000))
    payable = {
        base: shown(BUDGET, (APPLIED, awarded(own_share_base=base, own_share_percent=10), *spent))[STREAM]["payable"]
        for base in ("total_cost", "grant")
    }
    assert payable == {"total_cost": 729_000, "grant": 100_000}


def test_the_budget_is_told_whole() -> None:
    budget = shown(BUDGET, GRANTED)[STREAM]
    assert {name: told for name, told in whole(budget).items() if name != "lines"} == {
        "grant": GRANT_NAME,
        "awarded": 4_000_000,
        "own_contribution_due": 1_000_000,
        "share": {"own_share_percent": 20, "own_share_base": "total_cost"},
        "own_contribution": 0,
        "drawn": 0,
        "repaid": 0,
        "payable": 0,
    }


def test_an_expense_is_told_whole_at_each_step() -> None:
    first = booked(commitment="contract-1", receipt_amount=100_000, session="spring")
    told = {**first.model_dump(mode="json"), "state": "booked"}
    steps: list[tuple[Event, dict[str, str]]] = [
        (first, {}),
        (approved(first), {"state": "approved", "approved_by": "approver"}),
        (
            reversal_requested(),
            {"state": "reversal_requested", "reason": "Betrag falsch erfasst", "requested_by": "office"},
        ),
        (reversed_(first, was_approved=True), {"state": "reversed"}),
    ]
    for size in range(1, len(steps) + 1):
        told |= steps[size - 1][1]
        [(key, expense)] = shown(EXPENSES, [*GRANTED, *(event for event, _ in steps[:size])]).items()
        assert (key, whole(expense)) == (f"{STREAM}/expense-1", told)
