"""What the public events of members leave: conference, seat groups and working groups as they are now."""

from __future__ import annotations

from typing import assert_never

from shared.contracts.public import members as public
from shared.contracts.states.members import Conference, GuestPool, SeatGroup, WorkingGroup

ConferenceSaid = public.ConferenceEstablished | public.ConferenceCorrected | public.GuestPoolInvited
SeatGroupSaid = public.SeatGroupOpened | public.SeatGroupCorrected | public.EntitlementChanged
WorkingGroupSaid = public.WorkingGroupEstablished | public.WorkingGroupCorrected | public.WorkingGroupClosed


def conference(before: Conference | None, event: ConferenceSaid) -> Conference | None:
    if isinstance(event, public.ConferenceEstablished):
        return Conference.begun_by(event, guest_pools=())
    if before is None:
        return None
    match event:
        case public.ConferenceCorrected():
            return before.after(event)
        case public.GuestPoolInvited():
            invited = GuestPool(pool=event.pool, name=event.name)
            return before.but(guest_pools=(*before.guest_pools, invited))
        case _:
            assert_never(event)


def seat_group(before: SeatGroup | None, event: SeatGroupSaid) -> SeatGroup | None:
    match event:
        case public.SeatGroupOpened():
            return SeatGroup.begun_by(event)
        case public.SeatGroupCorrected() | public.EntitlementChanged():
            return before and before.after(event)
        case _:
            assert_never(event)


def working_group(before: WorkingGroup | None, event: WorkingGroupSaid) -> WorkingGroup | None:
    match event:
        case public.WorkingGroupEstablished():
            return WorkingGroup.begun_by(event, closed=False)
        case public.WorkingGroupCorrected():
            return before and before.after(event)
        case public.WorkingGroupClosed():
            return before and before.but(closed=True)
        case _:
            assert_never(event)
