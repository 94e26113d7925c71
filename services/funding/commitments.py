"""What a grant's contracts came to: how each came about, what is paid on it and what is left. All amounts are cents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from shared.contracts.envelope import Envelope
from shared.contracts.funding import (
    CommitmentCancelled,
    CommitmentCorrected,
    CommitmentRegistered,
    ExpenseBooked,
    ExpenseReversed,
)
from shared.declarations.projection import Document, projection

ContractEvent = CommitmentRegistered | CommitmentCorrected | CommitmentCancelled | ExpenseBooked | ExpenseReversed


def by_commitment(event: ContractEvent, envelope: Envelope) -> Iterable[str]:
    """None for an expense that pays no contract."""
    return (f"{envelope.stream}/{event.commitment}",) if event.commitment else ()


def fold_commitment(document: Document | None, event: ContractEvent, envelope: Envelope) -> Document:
    before = document or {"paid": 0, "corrected": False, "cancelled": False, "reason": None}
    return _with_left({**before, **_told(before, event)})


def _told(before: Document, event: ContractEvent) -> Document:
    match event:
        case CommitmentRegistered():
            return {"procurement": None, **event.model_dump(mode="json")}
        case CommitmentCorrected():
            told = event.model_dump(mode="json", include={"amount", "reason", "procurement"})
            return {**told, "corrected": True}
        case CommitmentCancelled():
            return {"cancelled": True, "reason": event.reason}
        case ExpenseBooked():
            return {"paid": before["paid"] + event.amount}
        case ExpenseReversed():
            return {"paid": before["paid"] - event.amount}
        case _:
            assert_never(event)


def _with_left(contract: Document) -> Document:
    left = 0 if contract["cancelled"] else contract["amount"] - contract["paid"]
    return {**contract, "left": left, "state": _state(contract, left)}


def _state(contract: Document, left: int) -> str:
    if contract["cancelled"]:
        return "cancelled"
    if not left:
        return "consumed"
    return "corrected" if contract["corrected"] else "planned"


COMMITMENTS = projection("commitments", fold_commitment, by_commitment, indexes=("stream",))
