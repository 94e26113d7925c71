"""What members remembers for its own queries: the seats with their whole history, who leaves them,
working groups, who is erased.
"""

from __future__ import annotations

from services.members.projections.erased import ERASED
from services.members.projections.guest_pools import GUEST_POOLS
from services.members.projections.leavings import LEAVING, LEAVINGS
from services.members.projections.seats import SEATS, VACANCY
from services.members.projections.working_groups import WORKING_GROUPS

PROJECTIONS = (SEATS, LEAVINGS, WORKING_GROUPS, GUEST_POOLS, ERASED)
DEADLINES = (VACANCY, LEAVING)

__all__ = ["DEADLINES", "ERASED", "GUEST_POOLS", "PROJECTIONS", "SEATS", "WORKING_GROUPS"]
