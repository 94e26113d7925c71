"""What members remembers for its own queries: the seats with their whole history, working groups, who is erased."""

from __future__ import annotations

from services.members.projections.erased import ERASED
from services.members.projections.seats import SEATS, VACANCY
from services.members.projections.working_groups import WORKING_GROUPS

PROJECTIONS = (SEATS, WORKING_GROUPS, ERASED)
DEADLINES = (VACANCY,)

__all__ = ["DEADLINES", "ERASED", "PROJECTIONS", "SEATS", "WORKING_GROUPS"]
