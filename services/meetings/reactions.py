"""What follows in meetings from its own events."""

from __future__ import annotations

from collections.abc import Iterable

from services.meetings.domain.recommendation_adoption import AdoptRecommendation, CorrectAdoption
from services.meetings.domain.recommendation_state import BY_DECISION
from services.meetings.domain.session_events import is_carried
from shared.contracts.envelope import Envelope
from shared.contracts.meetings import ConsensusRecorded, DecisionCorrected, VoteRecorded
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
            how=BY_DECISION["vote" if isinstance(event, VoteRecorded) else "consensus"],
        )


@reaction("correct-adoption")
def correct_adoption(event: DecisionCorrected, envelope: Envelope) -> Iterable[CorrectAdoption]:
    """A corrected decision on a recommendation adopts it, takes its adoption back, or says how it was adopted.

    A vote that stays lost says nothing: another item of the session may have adopted it since.
    """
    if event.recommendation and (event.carried or event.was_carried):
        yield CorrectAdoption(
            conference=envelope.conference,
            at=envelope.time,
            by="reaction",
            recommendation=event.recommendation,
            session=event.session,
            public=event.public,
            how=BY_DECISION[event.by] if event.carried else None,
            reason=event.reason,
        )


REACTIONS = (adopt, correct_adoption)
