"""What meetings is: the rules about sessions, recommendations and papers, and what follows from them."""

from __future__ import annotations

from services.meetings.domain.paper import PAPER
from services.meetings.domain.recommendation import RECOMMENDATION
from services.meetings.domain.session import SESSION
from services.meetings.projections import DEADLINES, PROJECTIONS
from services.meetings.reactions import REACTIONS
from shared.contracts.topics import events_of
from shared.declarations.service import Service

SERVICE = Service(
    name="meetings",
    hears=(events_of("members"), events_of("meetings")),
    deciders=(SESSION, RECOMMENDATION, PAPER),
    projections=PROJECTIONS,
    reactions=REACTIONS,
    deadlines=DEADLINES,
)
