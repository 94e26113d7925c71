"""What a grant obliges to is said at each stage once, and not when it is done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, ClassVar, assert_never

from pydantic import Field

from services.funding.domain.drawdowns import Drawdowns
from services.funding.domain.interim import InterimProofs, asked_by
from services.funding.domain.notice import AboutGrant, Notice, awarded_in
from services.funding.domain.proof import Proof
from shared.contracts.funding import DrawnMoneyDue, GrantAwarded, InterimProofDue, ProofOfUseDue
from shared.kernel.decider import GivenBy
from shared.kernel.identifiers import Slug

# Events

GrantDueEvent = ProofOfUseDue | InterimProofDue | DrawnMoneyDue

# Commands


class AnnounceGrantObligations(AboutGrant):
    """Announce the stages that a grant's obligations have reached."""

    given_by: ClassVar[GivenBy] = "service"

    says: Annotated[tuple[GrantDueEvent, ...], Field(min_length=1)]


# decide

Owed = frozenset[tuple[str, date]]
"""An obligation and its due day. A drawdown or a budget year is named; the proof of use needs no name."""


def decide(
    announced: frozenset[GrantDueEvent], owed: Owed, announce: AnnounceGrantObligations
) -> Sequence[GrantDueEvent]:
    return [event for event in announce.says if (_what(event), event.due_on) in owed and event not in announced]


def _what(event: GrantDueEvent) -> str:
    match event:
        case DrawnMoneyDue():
            return event.drawdown
        case InterimProofDue():
            return _of(event.year)
        case ProofOfUseDue():
            return ""
        case _:
            assert_never(event)


def _of(year: int) -> str:
    """The name of a year's obligation: no drawdown can have it."""
    return f"year {year}"


def owed(notice: Notice, drawdowns: Drawdowns, interim: InterimProofs, proof: Proof, grant: Slug) -> Owed:
    money = {(name, payout.use_by) for name, payout in drawdowns.paid.items()}
    if proof.submitted or not isinstance(notice.answer, GrantAwarded):
        return frozenset(money)
    awarded = awarded_in(notice, grant)
    years = {(_of(year), due) for year, due in asked_by(awarded).items() if year not in interim}
    return frozenset({*money, *years, ("", awarded.proof_due)})
