"""What notifications is: one mail a recipient, and what becomes of it."""

from __future__ import annotations

from services.notifications.domain.mail import MAIL
from services.notifications.projections import PROJECTIONS
from services.notifications.reactions import REACTIONS
from shared.contracts.topics import PEOPLE, events_of
from shared.declarations.service import Service

SERVICE = Service(
    name="notifications",
    hears=(events_of("members"), events_of("meetings"), events_of("notifications"), PEOPLE),
    deciders=(MAIL,),
    projections=PROJECTIONS,
    reactions=REACTIONS,
)
