"""What notifications is: one mail a recipient, what becomes of it, who gets none, what calendars reply."""

from __future__ import annotations

from services.notifications.domain.address import ADDRESS
from services.notifications.domain.dispatch import DISPATCH
from services.notifications.domain.mail import MAIL
from services.notifications.domain.reply import REPLY
from services.notifications.projections import PROJECTIONS
from services.notifications.projections.addresses import ADDRESSES
from services.notifications.projections.announced import ANNOUNCED
from services.notifications.projections.dispatches import DISPATCHES
from services.notifications.projections.open import HELD, REFUSALS
from services.notifications.projections.owed import OWED
from services.notifications.projections.replies import DISMISSED
from services.notifications.reactions import REACTIONS
from shared.contracts.notifications import OpenPointSettled, ReactionRefused
from shared.contracts.topics import PEOPLE, events_of
from shared.declarations.open_points import open_points
from shared.declarations.service import Service

OPEN_POINTS = open_points(ReactionRefused, OpenPointSettled)

SERVICE = Service(
    name="notifications",
    hears=(events_of("members"), events_of("meetings"), events_of("funding"), events_of("notifications"), PEOPLE),
    deciders=(MAIL, ADDRESS, DISPATCH, REPLY, OPEN_POINTS.decider),
    projections=(
        *PROJECTIONS,
        HELD,
        REFUSALS,
        OWED,
        ANNOUNCED,
        ADDRESSES,
        DISPATCHES,
        DISMISSED,
        OPEN_POINTS.projection,
    ),
    reactions=REACTIONS,
)
