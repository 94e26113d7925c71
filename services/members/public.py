"""What of members anybody in the city may read. Who has a seat, was nominated or works in a group is closed."""

from __future__ import annotations

from typing import Any, assert_never

from services.members import states
from services.members.domain.conference import CONFERENCE, Conference
from services.members.domain.seat_group import SEAT_GROUP
from services.members.domain.seat_group_state import SeatGroup
from services.members.domain.working_group import WORKING_GROUP, WorkingGroup
from shared.contracts import members
from shared.contracts.public import members as public
from shared.contracts.public.event import PublicEvent
from shared.declarations.public import published

ConferenceTold = members.ConferenceEstablished | members.ConferenceCorrected | members.GuestPoolInvited
SeatGroupTold = members.SeatGroupOpened | members.SeatGroupCorrected | members.EntitlementChanged
WorkingGroupTold = members.WorkingGroupEstablished | members.WorkingGroupCorrected | members.WorkingGroupClosed


def conference(before: Conference, event: ConferenceTold) -> PublicEvent:
    match event:
        case members.ConferenceEstablished():
            return public.ConferenceEstablished(**_called(event), paper=event.paper_key)
        case members.ConferenceCorrected():
            return public.ConferenceCorrected(**_called(event))
        case members.GuestPoolInvited():
            return public.GuestPoolInvited(pool=event.pool, name=event.name)
        case _:
            assert_never(event)


def _called(event: members.ConferenceEstablished | members.ConferenceCorrected) -> dict[str, Any]:
    return event.model_dump(include={"name", "reference", "office", "committee"})


def seat_group(before: SeatGroup, event: SeatGroupTold) -> PublicEvent:
    match event:
        case members.SeatGroupOpened():
            return public.SeatGroupOpened(
                group=event.group, name=event.name, number=event.number, kind=event.kind, seats=len(event.seats)
            )
        case members.SeatGroupCorrected():
            return public.SeatGroupCorrected(group=event.group, name=event.name, number=event.number)
        case members.EntitlementChanged():
            return public.EntitlementChanged(
                group=event.group, name=before.name or event.group, seats=len(event.seats), since=event.since
            )
        case _:
            assert_never(event)


def working_group(before: WorkingGroup, event: WorkingGroupTold) -> PublicEvent:
    match event:
        case members.WorkingGroupEstablished():
            return public.WorkingGroupEstablished(
                working_group=event.working_group, name=event.name, topics=event.topics
            )
        case members.WorkingGroupCorrected():
            return public.WorkingGroupCorrected(working_group=event.working_group, name=event.name, topics=event.topics)
        case members.WorkingGroupClosed():
            name = before.established.name if before.established else event.working_group
            return public.WorkingGroupClosed(working_group=event.working_group, name=name)
        case _:
            assert_never(event)


PUBLIC = (
    published(CONFERENCE, conference, states.conference),
    published(SEAT_GROUP, seat_group, states.seat_group),
    published(WORKING_GROUP, working_group, states.working_group),
)
