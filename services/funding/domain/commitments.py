"""Commitments: contracts that will cost money of a plan line. None is older than the project may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.funding.domain.notice import AboutGrant, line_of
from services.funding.domain.terms import first_commitment
from shared.contracts.funding import Amount, CommitmentRegistered, GrantAwarded
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Rejected
from shared.kernel.time import Day, german_day

# State


@dataclass(frozen=True, slots=True)
class Commitments:
    registered: Mapping[Slug, CommitmentRegistered] = field(default_factory=dict)


def evolve(commitments: Commitments, event: CommitmentRegistered) -> Commitments:
    return replace(commitments, registered={**commitments.registered, event.commitment: event})


# Commands


class RegisterCommitment(AboutGrant):
    """Register a contract that will cost money of a plan line."""

    commitment: Slug
    line: Slug
    amount: Amount
    on: Day


# Rejections


class CommitmentBeforeStart(Rejected):
    """Der Auftrag vom {day} liegt vor dem frühesten Vorhabenbeginn am {earliest}."""


class CommitmentRegisteredDifferently(Rejected):
    """Der Auftrag „{commitment}“ ist bereits mit anderen Angaben erfasst."""


# decide


def decide(
    commitments: Commitments, awarded: GrantAwarded, register: RegisterCommitment
) -> Sequence[CommitmentRegistered]:
    line_of(awarded, register.line)
    _must_not_be_early(awarded, register)
    event = CommitmentRegistered(
        grant=register.grant,
        commitment=register.commitment,
        line=register.line,
        amount=register.amount,
        on=register.on,
    )
    known = commitments.registered.get(register.commitment)
    if known not in (None, event):
        raise CommitmentRegisteredDifferently(commitment=register.commitment)
    return [] if known else [event]


def _must_not_be_early(awarded: GrantAwarded, register: RegisterCommitment) -> None:
    earliest = first_commitment(awarded)
    if register.on < earliest:
        raise CommitmentBeforeStart(day=german_day(register.on), earliest=german_day(earliest))
