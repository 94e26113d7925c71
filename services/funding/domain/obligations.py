"""What a grant obliges to is said at each stage once, and not when it is done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from services.funding.domain.drawdowns import Drawdowns
from services.funding.domain.notice import AboutGrant, Notice, awarded_in
from services.funding.domain.proof import Proof
from shared.contracts.funding import DrawnMoneyDue, GrantAwarded, ProofOfUseDue
from shared.kernel.decider import GivenBy
from shared.kernel.identifiers import Slug

# Events

GrantDueEvent = ProofOfUseDue | DrawnMoneyDue

# Commands


class AnnounceGrantObligations(AboutGrant):
    """Say which stages of a grant's obligations are reached."""

    given_by: ClassVar[GivenBy] = "service"

    says: Annotated[tuple[GrantDueEvent, ...], Field(min_length=1)]


# decide


def decide(
    announced: frozenset[GrantDueEvent],
    notice: Notice,
    drawdowns: Drawdowns,
    proof: Proof,
    announce: AnnounceGrantObligations,
) -> Sequence[GrantDueEvent]:
    owed = {*_proof_owed(notice, proof, announce.grant), *_money_owed(drawdowns)}
    return [event for event in announce.says if (_what(event), event.due_on) in owed and event not in announced]


def _what(event: GrantDueEvent) -> str:
    """The draw-down, or nothing for the proof of use: no draw-down has an empty name."""
    return event.drawdown if isinstance(event, DrawnMoneyDue) else ""


def _proof_owed(notice: Notice, proof: Proof, grant: Slug) -> set[tuple[str, date]]:
    if proof.submitted or not isinstance(notice.answer, GrantAwarded):
        return set()
    return {("", awarded_in(notice, grant).proof_due)}


def _money_owed(drawdowns: Drawdowns) -> set[tuple[str, date]]:
    return {(name, payout.use_by) for name, payout in drawdowns.paid.items()}
