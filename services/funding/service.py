"""What funding is: the rules about a grant, and what the office looks at of it.

No event leads to a command here, and no deadline moves money: that is done because somebody entitled to it says so. A
council decision allows an application, it does not make one. What passes by itself is said: what is owed by a day.
"""

from __future__ import annotations

from services.funding import activities
from services.funding.commitments import COMMITMENTS
from services.funding.domain.grant import GRANT
from services.funding.domain.receipts import RECEIPT
from services.funding.obligations import OBLIGATIONS, OBLIGED
from services.funding.projections import PROJECTIONS
from services.funding.public import PUBLIC
from shared.contracts.funding import OpenPointSettled, ReactionRefused
from shared.contracts.topics import events_of
from shared.declarations.open_points import open_points
from shared.declarations.service import Service

OPEN_POINTS = open_points(ReactionRefused, OpenPointSettled)

SERVICE = Service(
    name="funding",
    hears=(events_of("members"), events_of("meetings"), events_of("funding")),
    deciders=(GRANT, RECEIPT, OPEN_POINTS.decider),
    projections=(*PROJECTIONS, COMMITMENTS, *activities.PROJECTIONS, OBLIGATIONS, OPEN_POINTS.projection),
    deadlines=(OBLIGED,),
    public=PUBLIC,
)
