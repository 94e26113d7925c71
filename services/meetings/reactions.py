"""What the plenary decides about a recommendation adopts it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from services.meetings.domain.recommendation import AdoptRecommendation
from shared.contracts.meetings import ConsensusRecorded, VoteRecorded
from shared.contracts.subscriptions import Delivered, Reaction


def adopt(delivered: Delivered) -> Iterable[AdoptRecommendation]:
    event = cast("ConsensusRecorded | VoteRecorded", delivered.event)
    lost = isinstance(event, VoteRecorded) and not event.carried
    if event.recommendation is None or lost:
        return ()
    return (
        AdoptRecommendation(
            conference=delivered.envelope.conference,
            at=delivered.envelope.time,
            by="reaction",
            recommendation=event.recommendation,
            session=event.session,
            how="majority" if isinstance(event, VoteRecorded) else "consensus",
        ),
    )


REACTIONS = (Reaction("adopt-recommendation", frozenset({ConsensusRecorded, VoteRecorded}), adopt),)
