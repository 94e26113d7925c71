"""The quorum counts seats, not heads. An open plenary says whenever it gains or loses it, not only when it opens."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from services.meetings.domain.session_events import SessionEvent
from services.meetings.domain.session_state import Session, evolve
from shared.contracts.meetings import InvitationIssued, QuorumEstablished, QuorumMissed


def with_quorum(
    session: Session, invitation: InvitationIssued, events: Sequence[SessionEvent]
) -> Sequence[SessionEvent]:
    """The events, and the change of the quorum that follows from them."""
    after = reduce(evolve, events, session)
    enough = after.seats_present >= invitation.quorum
    if after.stage != "open" or not invitation.quorum or enough == after.quorate:
        return events
    told = QuorumEstablished if enough else QuorumMissed
    return [
        *events,
        told(
            session=invitation.session,
            present=after.seats_present,
            voting_seats=invitation.voting_seats,
            needed=invitation.quorum,
            rules_version=invitation.rules_version,
        ),
    ]
