"""What members is: the rules about seats and people, and what it remembers of them."""

from __future__ import annotations

from services.members.domain.conference import CONFERENCE
from services.members.domain.guest_pool import GUEST_POOL
from services.members.domain.person import PERSON
from services.members.domain.seat_group import SEAT_GROUP
from services.members.domain.working_group import WORKING_GROUP
from services.members.projections import DEADLINES, PROJECTIONS
from services.members.public import PUBLIC
from shared.contracts.members import OpenPointSettled, ReactionRefused
from shared.contracts.topics import PEOPLE, events_of
from shared.declarations.open_points import open_points
from shared.declarations.service import Service

OPEN_POINTS = open_points(ReactionRefused, OpenPointSettled)

SERVICE = Service(
    name="members",
    hears=(events_of("members"), PEOPLE),
    deciders=(CONFERENCE, SEAT_GROUP, WORKING_GROUP, GUEST_POOL, PERSON, OPEN_POINTS.decider),
    projections=(*PROJECTIONS, OPEN_POINTS.projection),
    deadlines=DEADLINES,
    public=PUBLIC,
)
