"""What meetings remembers: whom it can invite by which rules, its sessions, recommendations and papers."""

from __future__ import annotations

from services.meetings.projections.focus_areas import FOCUS_AREAS
from services.meetings.projections.invitations import INVITATIONS
from services.meetings.projections.minutes import MINUTES
from services.meetings.projections.obligations import OBLIGATIONS, OBLIGED
from services.meetings.projections.papers import PAPERS, RECOMMENDATIONS
from services.meetings.projections.reminders import REMINDER, REMINDERS
from services.meetings.projections.roster import CONFERENCE, GONE, GUEST_POOLS, PEOPLE, ROSTER, WORKING_GROUPS
from services.meetings.projections.sessions import SESSIONS

PROJECTIONS = (
    CONFERENCE,
    ROSTER,
    WORKING_GROUPS,
    GONE,
    PEOPLE,
    GUEST_POOLS,
    SESSIONS,
    INVITATIONS,
    MINUTES,
    REMINDERS,
    RECOMMENDATIONS,
    PAPERS,
    OBLIGATIONS,
    FOCUS_AREAS,
)
DEADLINES = (
    REMINDER,
    OBLIGED,
)

__all__ = [
    "CONFERENCE",
    "DEADLINES",
    "FOCUS_AREAS",
    "GONE",
    "GUEST_POOLS",
    "INVITATIONS",
    "MINUTES",
    "OBLIGATIONS",
    "PAPERS",
    "PEOPLE",
    "PROJECTIONS",
    "RECOMMENDATIONS",
    "ROSTER",
    "SESSIONS",
    "WORKING_GROUPS",
]
