"""Whatever is asked for in whatever order: no cent is made or lost, and the projections say what the decisions know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

import pytest

from services.funding.as_of import as_of, budget
from services.funding.domain.commitments import paid_for
from services.funding.domain.grant import GRANT, Grant, GrantCommand, GrantEvent
from services.funding.projections import BUDGET, EXPENSES, GRANTS
from shared.contracts.funding import (
    DrawdownRequested,
    ExpenseApproved,
    ExpenseBooked,
    ExpenseReversed,
    PayoutRecorded,
    PayoutReversed,
    ProofOfUseFrozen,
)
from shared.declarations.projection import Document
from shared.kernel.rejections import Rejected
from tests.funding.stuttgart import (
    AFTER_PERIOD,
    AWARDED,
    GRANTED,
    MATERIAL,
    PERIOD,
    PLAN,
    STREAM,
    approve,
    approve_reversal,
    book,
    cancel_commitment,
    commit,
    correct,
    correct_commitment,
    correct_payout,
    freeze,
    record_payout,
    request,
    reverse_hours,
    shown,
    work,
)
from tests.funding.test_overruns import permit

STEPS = 150
OFFICE = ("office", "deputy", "approver")


def anything(random: Random, step: int) -> GrantCommand:
    amount = random.choice([1, 99, 10_000, random.randint(1, 900_000)])
    some, day = random.randint(0, step), PERIOD.start + timedelta(days=step)
    asked: list[GrantCommand] = [
        book(f"expense-{step}", random.choice(PLAN), amount=amount, by=random.choice(OFFICE)),
        book(f"expense-{some}", random.choice(PLAN), amount=amount),
        approve(f"expense-{some}", by=random.choice(OFFICE)),
        permit(amount * 4, line=random.choice(PLAN).line),
        correct(f"expense-{some}"),
        book(f"expense-{step}", random.choice(PLAN), amount=amount, commitment=f"contract-{some}"),
        commit(f"contract-{step}", line=random.choice(PLAN).line, amount=amount),
        correct_commitment(amount, f"contract-{some}"),
        cancel_commitment(f"contract-{some}"),
        reverse_hours(f"hours-{some}"),
        work(f"hours-{step}", on=day, quarter_hours=random.randint(1, 40), rate=random.randint(1, 9_999)),
        request(f"call-{step}", amount),
        record_payout(f"call-{some}", amount),
        correct_payout(f"call-{some}", amount, day),
    ]
    return random.choice(asked)


def decided(state: Grant, command: GrantCommand) -> Sequence[GrantEvent]:
    try:
        return GRANT.decide(state, command)
    except Rejected:
        return []


def settling(state: Grant) -> Iterator[GrantCommand]:
    """Everything approved, also what is to be reversed, and the proof frozen."""
    yield from (approve(name, by="auditor") for name in state.book.expenses)
    yield from (approve_reversal(name, by="auditor") for name in state.book.expenses)
    yield freeze()


def histories(random: Random) -> Iterator[tuple[list[GrantEvent], Grant]]:
    """Each with what it makes of the grant; the last ends with the frozen proof."""
    history: list[GrantEvent] = [*GRANTED]
    state = GRANT.fold(history)
    for step in range(STEPS):
        if new := decided(state, anything(random, step)):
            history, state = [*history, *new], GRANT.fold(new, state)
            yield history, state
    for command in settling(state):
        new = decided(state, command)
        history, state = [*history, *new], GRANT.fold(new, state)
    yield history, state


def sum_of(kind: type[ExpenseBooked | ExpenseReversed], history: Sequence[GrantEvent]) -> int:
    return sum(event.amount for event in history if isinstance(event, kind))


def totals(lines: Sequence[Document], column: str) -> int:
    return sum(line[column] for line in lines)


@pytest.mark.parametrize("seed", range(12))
def test_sums_conserve(seed: int) -> None:
    for history, state in histories(Random(seed)):
        by_line = sum(state.book.spent_on(line.line) for line in PLAN)
        assert sum_of(ExpenseBooked, history) - sum_of(ExpenseReversed, history) == by_line == state.book.spent
        assert state.book.spent + unpaid_contracts(state) <= AWARDED.amount
        for line in PLAN:
            permitted = state.overruns[line.line].limit if line.line in state.overruns else 0
            used = state.book.spent_on(line.line) + unpaid_contracts(state, line.line)
            assert used <= max(line.amount * 6 // 5, permitted)
        assert state.drawdowns.drawn <= state.drawdowns.claimed <= AWARDED.amount
        a_reversal_restores(state)
    assert state == GRANT.fold(history), "what is carried on is what the history says from its beginning"
    nobody_approves_what_he_booked(history)
    the_proof_adds_up(history)
    nothing_changes_what_is_frozen(history, state, Random(seed))
    the_views_agree(history, state)
    the_last_day_is_as_today(history)


def a_reversal_restores(before: Grant) -> None:
    """Whatever was booked and taken back leaves as much free as before, also where a contract was paid."""
    names = [None, *(name for name in before.commitments.known if before.commitments.stands(name))]
    for name in names[:3]:
        line = before.commitments.known[name].registered.line if name else MATERIAL.line
        probe = book("probe", next(one for one in PLAN if one.line == line), amount=1, commitment=name)
        booked = GRANT.fold(decided(before, probe), before)
        after = GRANT.fold(decided(booked, correct("probe")), booked)
        assert (after.book.spent, unpaid_contracts(after)) == (before.book.spent, unpaid_contracts(before))
        assert [after.book.spent_on(one.line) for one in PLAN] == [before.book.spent_on(one.line) for one in PLAN]


def nobody_approves_what_he_booked(history: Sequence[GrantEvent]) -> None:
    by = {event.expense: event.booked_by for event in history if isinstance(event, ExpenseBooked)}
    assert all(event.approved_by != by[event.expense] for event in history if isinstance(event, ExpenseApproved))


def nothing_changes_what_is_frozen(history: Sequence[GrantEvent], state: Grant, random: Random) -> None:
    """Whatever is asked for after it: only money that is paid out late is recorded."""
    for step in range(STEPS):
        new = decided(state, anything(random, step))
        assert all(isinstance(event, DrawdownRequested | PayoutRecorded | PayoutReversed) for event in new)
        state = GRANT.fold(new, state)
    [frozen] = [event for event in history if isinstance(event, ProofOfUseFrozen)]
    assert state.proof.frozen == frozen and state.book.spent == frozen.spent


def the_proof_adds_up(history: Sequence[GrantEvent]) -> None:
    proof = history[-1]
    assert isinstance(proof, ProofOfUseFrozen)
    assert sum(line.spent for line in proof.lines) == proof.spent
    assert sum(line.planned for line in proof.lines) == proof.spent + proof.unspent == proof.awarded


def unpaid_contracts(state: Grant, line: str | None = None) -> int:
    stand = {
        name: known
        for name, known in state.commitments.known.items()
        if not known.cancelled and line in (None, known.registered.line)
    }
    return sum(known.amount - paid_for(state.book.standing, name) for name, known in stand.items())


def the_views_agree(history: Sequence[GrantEvent], state: Grant) -> None:
    grant, budget = shown(GRANTS, history)[STREAM], shown(BUDGET, history)[STREAM]
    lines, standing = budget["lines"], state.book.spent
    assert grant["spent"] == grant["approved"] == totals(lines, "approved") == standing
    assert totals(lines, "booked") - totals(lines, "reversed") == standing
    assert totals(lines, "paid") == standing
    assert grant["committed"] == totals(lines, "committed") == unpaid_contracts(state)
    assert all(line["planned"] == line["free"] + line["committed"] + line["paid"] for line in lines)
    assert grant["own_contribution"] == budget["own_contribution"] == state.own.rendered
    assert grant["drawn"] == budget["drawn"] == state.drawdowns.drawn
    assert grant["unapproved_expenses"] == 0
    amounts = [each["amount"] for each in shown(EXPENSES, history).values() if each["state"] != "reversed"]
    assert sum(amounts) == standing


def the_last_day_is_as_today(history: Sequence[GrantEvent]) -> None:
    """As of a day behind everything, the budget is what the projection says, however it was decided."""
    late = budget(as_of("state-grant", [(AFTER_PERIOD, event) for event in history], date(2026, 1, 1)))
    shown_now = shown(BUDGET, history)[STREAM]
    names = ("awarded", "own_contribution_due", "own_contribution", "drawn", "repaid", "payable")
    assert {name: late[name] for name in names} == {name: shown_now[name] for name in names}
    columns = ("line", "planned", "committed", "paid", "approved", "free")
    assert [[one[each] for each in columns] for one in late["lines"]] == [
        [one[each] for each in columns] for one in shown_now["lines"]
    ]
