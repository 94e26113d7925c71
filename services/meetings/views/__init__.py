"""What meetings remembers: whom it can invite by which rules, its sessions, recommendations and papers."""

from __future__ import annotations

from services.meetings.views.papers import PAPERS, RECOMMENDATIONS
from services.meetings.views.reminders import REMINDER, REMINDERS
from services.meetings.views.roster import CONFERENCE, ROSTER, WORKING_GROUPS
from services.meetings.views.sessions import SESSIONS

VIEWS = (CONFERENCE, ROSTER, WORKING_GROUPS, SESSIONS, REMINDERS, RECOMMENDATIONS, PAPERS)
DEADLINES = (REMINDER,)

__all__ = [
    "CONFERENCE",
    "DEADLINES",
    "PAPERS",
    "RECOMMENDATIONS",
    "ROSTER",
    "SESSIONS",
    "VIEWS",
    "WORKING_GROUPS",
]
