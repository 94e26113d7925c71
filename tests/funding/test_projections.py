"""What the office sees after each step."""

from __future__ import annotations

import pytest

from services.funding.projections import BUDGET, CONFERENCES, EXPENSES, GRANTS, PROJECTIONS
from services.funding.service import SERVICE
from shared.contracts.funding import GrantRefused
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


def grant_after(*history: Event) -> Document:
    return shown(GRANTS, history)[STREAM]


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
