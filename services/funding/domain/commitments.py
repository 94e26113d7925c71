"""Commitments: contracts that will cost money of a plan line. None is older than the project may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from services.funding.domain.availability import Means, Used, must_be_left
from services.funding.domain.notice import AboutGrant, line_of
from services.funding.domain.procurement import must_be_procured, must_hold_together
from services.funding.domain.terms import first_commitment, must_not_lie_ahead
from shared.contracts.funding import (
    Amount,
    CommitmentCancelled,
    CommitmentCorrected,
    CommitmentRegistered,
    ExpenseBooked,
    GrantAwarded,
    Procurement,
)
from shared.kernel.identifiers import Slug
from shared.kernel.money import euros
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.replacing import must_stand
from shared.kernel.text import Line
from shared.kernel.time import Day, german_day
from shared.kernel.values import Value

# Events

CommitmentEvent = CommitmentRegistered | CommitmentCorrected | CommitmentCancelled

# State


@dataclass(frozen=True, slots=True)
class Commitment:
    registered: CommitmentRegistered
    amount: int
    procurement: Procurement | None = None
    cancelled: CommitmentCancelled | None = None


@dataclass(frozen=True, slots=True)
class Commitments:
    known: Mapping[Slug, Commitment] = field(default_factory=dict)

    def stands(self, name: Slug | None) -> bool:
        known = self.known.get(name) if name else None
        return known is not None and not known.cancelled

    @property
    def lines(self) -> set[Slug]:
        return {known.registered.line for known in self.known.values() if not known.cancelled}


Paid = Sequence[ExpenseBooked]
"""The expenses that count."""


def paid_for(paid: Paid, name: Slug) -> int:
    """The sum of the expenses that name a contract."""
    return sum(expense.amount for expense in paid if expense.commitment == name)


def used_by(commitments: Commitments, paid: Paid, line: Slug, but: Slug | None) -> Used:
    """Everything paid, and the unpaid part of all contracts except ``but``."""
    unpaid = {name: known.amount for name, known in commitments.known.items() if not known.cancelled and name != but}
    of_line = {name for name in unpaid if commitments.known[name].registered.line == line}
    for expense in paid:
        if expense.commitment in unpaid:
            unpaid[expense.commitment] -= expense.amount
    return Used(
        grant=sum(max(0, left) for left in unpaid.values()) + sum(expense.amount for expense in paid),
        line=sum(max(0, unpaid[name]) for name in of_line) + sum(one.amount for one in paid if one.line == line),
    )


def evolve(commitments: Commitments, event: CommitmentEvent) -> Commitments:
    name = event.commitment
    match event:
        case CommitmentRegistered():
            return _with(commitments, name, Commitment(event, event.amount, event.procurement))
        case CommitmentCorrected():
            before = commitments.known[name]
            procurement = event.procurement or before.procurement
            return _with(commitments, name, replace(before, amount=event.amount, procurement=procurement))
        case CommitmentCancelled():
            return _with(commitments, name, replace(commitments.known[name], cancelled=event))
        case _:
            assert_never(event)


def _with(commitments: Commitments, name: Slug, commitment: Commitment) -> Commitments:
    return replace(commitments, known={**commitments.known, name: commitment})


# Commands


class RegisterCommitment(AboutGrant):
    """Register a contract whose cost is paid from a plan line."""

    commitment: Slug
    line: Slug
    amount: Amount
    on: Day
    procurement: Procurement | None = None


class Contracted(Value):
    """A contract's cost and procurement, as the caller saw them."""

    amount: Amount
    procurement: Procurement | None = None


class CorrectCommitment(AboutGrant):
    """Correct the cost of a registered contract. A procurement replaces all that was recorded of it."""

    commitment: Slug
    amount: Amount
    reason: Line
    procurement: Procurement | None = None
    replaces: Contracted | None = None


class CancelCommitment(AboutGrant):
    """Record that a registered contract costs nothing more."""

    commitment: Slug
    reason: Line


CommitmentCommand = RegisterCommitment | CorrectCommitment | CancelCommitment

# Rejections


class CommitmentBeforeStart(Rejected):
    """Der Auftrag vom {day} liegt vor dem frühesten Vorhabenbeginn am {earliest}."""


class CommitmentRegisteredDifferently(Rejected):
    """Der Auftrag „{commitment}“ ist bereits mit anderen Angaben erfasst."""


class CommitmentUnknown(Rejected):
    """Der Auftrag „{commitment}“ ist nicht erfasst."""

    kind = Kind.NOT_FOUND


class CommitmentIsCancelled(Rejected):
    """Der Auftrag „{commitment}“ ist aufgehoben."""


class CommitmentCancelledDifferently(Rejected):
    """Der Auftrag „{commitment}“ ist bereits mit einem anderen Grund aufgehoben."""


class CommitmentOfAnotherLine(Rejected):
    """Der Auftrag „{commitment}“ gehört zum Ansatz „{line}“."""


class CommitmentExceeded(Rejected):
    """Vom Auftrag „{commitment}“ sind noch {left} nicht gezahlt; ist er teurer geworden, ist er erst zu berichtigen."""


class CommitmentBelowPayments(Rejected):
    """Auf den Auftrag „{commitment}“ sind bereits {paid} gezahlt."""


# decide


def decide(commitments: Commitments, means: Means, paid: Paid, command: CommitmentCommand) -> Sequence[CommitmentEvent]:
    match command:
        case RegisterCommitment():
            return _register(commitments, means, paid, command)
        case CorrectCommitment():
            return _correct(commitments, means, paid, command)
        case CancelCommitment():
            return _cancel(commitments, paid_for(paid, command.commitment), command)
        case _:
            assert_never(command)


def _register(
    commitments: Commitments, means: Means, paid: Paid, register: RegisterCommitment
) -> Sequence[CommitmentEvent]:
    event = CommitmentRegistered(
        grant=register.grant,
        commitment=register.commitment,
        line=register.line,
        amount=register.amount,
        on=register.on,
        procurement=register.procurement,
    )
    if known := commitments.known.get(register.commitment):
        return _registered_before(known, event)
    line = line_of(means.awarded, register.line)
    must_not_lie_ahead(register.on, register.at)
    _must_not_be_early(means.awarded, register)
    must_be_procured(register.procurement, register.amount, means.awarded.conditions)
    must_be_left(means, line, used_by(commitments, paid, line.line, but=None), register.amount, register.by)
    return [event]


def _registered_before(known: Commitment, event: CommitmentRegistered) -> Sequence[CommitmentEvent]:
    """Nothing new if the contract stands so; not if it was corrected or cancelled since."""
    now = known.registered.model_copy(update={"amount": known.amount, "procurement": known.procurement})
    if now != event:
        raise CommitmentRegisteredDifferently(commitment=event.commitment)
    if known.cancelled:
        raise CommitmentIsCancelled(commitment=event.commitment)
    return []


def _correct(
    commitments: Commitments, means: Means, paid: Paid, correct: CorrectCommitment
) -> Sequence[CommitmentEvent]:
    name = correct.commitment
    known, so_far = standing(commitments, name), paid_for(paid, name)
    other = correct.procurement if correct.procurement != known.procurement else None
    if known.amount == correct.amount and other is None:
        return []
    _must_be_as_seen(known, correct)
    must_hold_together(other)
    if correct.amount < so_far:
        raise CommitmentBelowPayments(commitment=name, paid=euros(so_far))
    if correct.amount > known.amount:
        line = line_of(means.awarded, known.registered.line)
        used = used_by(commitments, paid, line.line, but=name)
        must_be_left(means, line, used, correct.amount - so_far, correct.by)
    return [
        CommitmentCorrected(
            grant=correct.grant,
            commitment=correct.commitment,
            line=known.registered.line,
            amount=correct.amount,
            was=known.amount,
            reason=correct.reason,
            procurement=other,
        )
    ]


def _must_be_as_seen(known: Commitment, correct: CorrectCommitment) -> None:
    """A command without a procurement leaves it as it is, so it is not compared."""
    if seen := correct.replaces:
        procurement = known.procurement if correct.procurement else seen.procurement
        said = euros(known.amount) if known.amount != seen.amount else "ein anderer Vergabevermerk"
        must_stand(seen, Contracted(amount=known.amount, procurement=procurement), said)


def _cancel(commitments: Commitments, paid: int, cancel: CancelCommitment) -> Sequence[CommitmentEvent]:
    name = cancel.commitment
    if name in commitments.known and (ended := commitments.known[name].cancelled):
        if ended.reason != cancel.reason:
            raise CommitmentCancelledDifferently(commitment=name)
        return []
    known = standing(commitments, name)
    return [
        CommitmentCancelled(
            grant=cancel.grant,
            commitment=name,
            line=known.registered.line,
            unpaid=known.amount - paid,
            reason=cancel.reason,
        )
    ]


def standing(commitments: Commitments, name: Slug) -> Commitment:
    known = commitments.known.get(name)
    if known is None:
        raise CommitmentUnknown(commitment=name)
    if known.cancelled:
        raise CommitmentIsCancelled(commitment=name)
    return known


def must_cover(commitments: Commitments, paid: Paid, booked: ExpenseBooked) -> None:
    """An expense that names a contract is paid from the contract's line, up to its unpaid part."""
    if booked.commitment is None:
        return
    known = standing(commitments, booked.commitment)
    if known.registered.line != booked.line:
        raise CommitmentOfAnotherLine(commitment=booked.commitment, line=known.registered.line)
    left = max(0, known.amount - paid_for(paid, booked.commitment))
    if booked.amount > left:
        raise CommitmentExceeded(commitment=booked.commitment, left=euros(left))


def _must_not_be_early(awarded: GrantAwarded, register: RegisterCommitment) -> None:
    earliest = first_commitment(awarded)
    if register.on < earliest:
        raise CommitmentBeforeStart(day=german_day(register.on), earliest=german_day(earliest))
