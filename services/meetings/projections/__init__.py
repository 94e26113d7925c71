"""What meetings remembers: whom it can invite by which rules, its sessions, recommendations and papers."""

from __future__ import annotations

from services.meetings.projections.papers import PAPERS, RECOMMENDATIONS
from services.meetings.projections.reminders import REMINDER, REMINDERS
from services.meetings.projections.roster import CONFERENCE, GONE, ROSTER, WORKING_GROUPS
from services.meetings.projections.sessions import SESSIONS

PROJECTIONS = (CONFERENCE, ROSTER, WORKING_GROUPS, GONE, SESSIONS, REMINDERS, RECOMMENDATIONS, PAPERS)
DEADLINES = (REMINDER,)

__all__ = [
    "CONFERENCE",
    "DEADLINES",
    "GONE",
    "PAPERS",
    "PROJECTIONS",
    "RECOMMENDATIONS",
    "ROSTER",
    "SESSIONS",
    "WORKING_GROUPS",
]
