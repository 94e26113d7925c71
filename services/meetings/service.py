"""What meetings is: the rules about sessions, recommendations, papers, reports and focus areas, and what follows."""

from __future__ import annotations

from services.meetings.domain.committee_report import COMMITTEE_REPORT
from services.meetings.domain.focus_area import FOCUS_AREA
from services.meetings.domain.paper import PAPER
from services.meetings.domain.recommendation import RECOMMENDATION
from services.meetings.domain.session import SESSION
from services.meetings.domain.supersession import SUPERSESSION
from services.meetings.projections import DEADLINES, PROJECTIONS
from services.meetings.public import PUBLIC
from services.meetings.reactions import REACTIONS
from shared.contracts.meetings import OpenPointSettled, ReactionRefused
from shared.contracts.topics import events_of
from shared.declarations.open_points import open_points
from shared.declarations.service import Service

OPEN_POINTS = open_points(ReactionRefused, OpenPointSettled)

SERVICE = Service(
    name="meetings",
    hears=(events_of("members"), events_of("meetings")),
    deciders=(SESSION, RECOMMENDATION, PAPER, SUPERSESSION, COMMITTEE_REPORT, FOCUS_AREA, OPEN_POINTS.decider),
    projections=(*PROJECTIONS, OPEN_POINTS.projection),
    reactions=REACTIONS,
    deadlines=DEADLINES,
    public=PUBLIC,
)
