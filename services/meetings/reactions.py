"""What follows in meetings from its own events."""

from __future__ import annotations

from collections.abc import Iterable

from services.meetings.domain.recommendation import AdoptRecommendation
from services.meetings.domain.session_day import is_carried
from shared.contracts.envelope import Envelope
from shared.contracts.meetings import ConsensusRecorded, VoteRecorded
from shared.declarations.reaction import reaction


@reaction("adopt-recommendation")
def adopt(event: ConsensusRecorded | VoteRecorded, envelope: Envelope) -> Iterable[AdoptRecommendation]:
    """A decision of the plenary on a recommendation adopts it."""
    if event.recommendation and is_carried(event):
        yield AdoptRecommendation(
            conference=envelope.conference,
            at=envelope.time,
            by="reaction",
            recommendation=event.recommendation,
            session=event.session,
            public=event.public,
            how="majority" if isinstance(event, VoteRecorded) else "consensus",
        )


REACTIONS = (adopt,)
