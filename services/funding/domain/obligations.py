"""What a grant obliges to is said at each stage once, and not when it is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from services.funding.domain.notice import AboutGrant
from services.funding.domain.proof import Proof
from shared.contracts.funding import DrawnMoneyDue, ProofOfUseDue
from shared.kernel.decider import GivenBy

# Events

GrantDueEvent = ProofOfUseDue | DrawnMoneyDue

# Commands


class AnnounceGrantObligations(AboutGrant):
    """Say which stages of a grant's obligations are reached."""

    given_by: ClassVar[GivenBy] = "service"

    says: Annotated[tuple[GrantDueEvent, ...], Field(min_length=1)]


# decide


def decide(
    announced: frozenset[GrantDueEvent], proof: Proof, announce: AnnounceGrantObligations
) -> Sequence[GrantDueEvent]:
    return [event for event in announce.says if event not in announced and not _is_done(proof, event)]


def _is_done(proof: Proof, event: GrantDueEvent) -> bool:
    return isinstance(event, ProofOfUseDue) and proof.submitted is not None
