"""What somebody else has recorded since a form was drawn is not overwritten unseen: funding's commands that replace."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.funding.domain.commitments import Contracted, CorrectCommitment
from services.funding.domain.grant import GRANT, GrantCommand, GrantEvent
from services.funding.domain.notice import AmendAward, GrantAnsweredDifferently, Noticed
from services.funding.domain.overruns import PermitOverrun, Permitted
from services.funding.domain.payouts import CorrectPayout, PaidOut
from shared.contracts.funding import OverrunPermitted, Procurement
from shared.kernel.values import Value
from tests.funding.stuttgart import (
    APPLIED,
    AWARDED,
    GRANT_NAME,
    GRANTED,
    SPRING,
    amend,
    amendment,
    award,
    committed,
    given,
    paid,
    requested,
    told,
)
from tests.kit.given import whoever_is_late_is_told

PERMITTED = OverrunPermitted(
    grant=GRANT_NAME, line="material", planned=300_000, limit=420_000, reason="Mehr Gäste", permitted_by="approver"
)
LATER = {name: value for name, value in dict(amend(reason="Noch einmal")).items() if name in AmendAward.model_fields}
ORDERED = Procurement(way="direct_order", reason="Unter der Wertgrenze")

CASES: list[tuple[list[GrantEvent], type[GrantCommand], dict[str, Any], Value, dict[str, Any], str]] = [
    (
        [*GRANTED, amendment()],
        AmendAward,
        LATER,
        Noticed(amendment=1),
        {"amendment": 0},
        "der Änderungsbescheid vom 01.02.2024 über 40.000,00 EUR",
    ),
    (
        [*GRANTED, committed()],
        CorrectCommitment,
        {"commitment": "contract-1", "amount": 600_000, "reason": "Nachtrag"},
        Contracted(amount=500_000),
        {"amount": 400_000},
        "5.000,00 EUR",
    ),
    (
        [*GRANTED, committed()],
        CorrectCommitment,
        {"commitment": "contract-1", "amount": 500_000, "reason": "Vermerk", "procurement": ORDERED},
        Contracted(amount=500_000),
        {"procurement": ORDERED.model_copy(update={"reason": "Eilig"})},
        "ein anderer Vergabevermerk",
    ),
    (
        [*GRANTED, requested(), paid()],
        CorrectPayout,
        {"drawdown": "call-1", "amount": 900_000, "on": SPRING, "reason": "verschrieben"},
        PaidOut(amount=1_000_000, on=SPRING),
        {"amount": 950_000},
        "10.000,00 EUR am 20.03.2024",
    ),
    (
        [*GRANTED, PERMITTED],
        PermitOverrun,
        {"line": "material", "limit": 400_000, "reason": "Genügt", "by": "approver"},
        Permitted(limit=420_000),
        {"limit": None},
        "bis 4.200,00 EUR",
    ),
]


@pytest.mark.parametrize(("history", "kind", "fields", "now", "otherwise", "said"), CASES)
def test_what_is_other_than_was_seen_is_said_and_stays(
    history: list[GrantEvent],
    kind: type[GrantCommand],
    fields: dict[str, Any],
    now: Value,
    otherwise: dict[str, Any],
    said: str,
) -> None:
    seen = (now, now.model_copy(update=otherwise))
    whoever_is_late_is_told(GRANT, history, lambda **more: told(kind, **{**fields, **more}), seen, said)


def test_of_two_who_record_a_notice_the_later_one_is_told() -> None:
    """What was applied for, with which the form begins, never changes: a first notice replaces nothing."""
    given(APPLIED).when(award()).then(*GRANTED[1:])
    given(*GRANTED).when(award(notice_on=AWARDED.notice_on + timedelta(days=1))).rejected(GrantAnsweredDifferently)


def test_a_cost_is_corrected_whatever_has_become_of_a_note_that_stays() -> None:
    """The form shows the note of an hour ago, and does not send it."""
    seen = Contracted(amount=500_000, procurement=ORDERED)
    told_anew = {"commitment": "contract-1", "amount": 600_000, "reason": "Nachtrag", "replaces": seen}
    given(*GRANTED, committed()).when(told(CorrectCommitment, **told_anew)).then_something()
