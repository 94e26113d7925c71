"""What a command names is there, as the journal knows it: its conference, and the seat that somebody has."""

from __future__ import annotations

from typing import Any

from services.members.domain.conference import CONFERENCE, ConferenceNotEstablished, EstablishConference, is_established
from services.members.domain.guest_pool import GuestPoolNotInvited, JoinGuestPool
from services.members.domain.seat_group import SEAT_GROUP
from services.members.domain.seat_group_state import must_be_open, must_have
from services.members.domain.working_group import JoinWorkingGroup, SeatOfSomebodyElse
from services.members.service import SERVICE
from shared.contracts.occupancies import group_of
from shared.kernel.identifiers import stream_name
from shared.kernel.time import local_day
from shared.runtime.commands.execute import Executor
from shared.runtime.commands.facts import Named, Names
from shared.runtime.observing.clock import Clock


def names(executor: Executor, clock: Clock) -> Names:
    async def conference(body: Any) -> None:
        stream = stream_name(body.conference, "conference", body.conference)
        if not await executor.has_become(CONFERENCE, stream, is_established):
            raise ConferenceNotEstablished(conference=body.conference)

    async def seat(body: JoinWorkingGroup) -> None:
        if body.seat is None:
            return
        name = group_of(body.seat)
        group = await executor.state(SEAT_GROUP, stream_name(body.conference, "seat-group", name))
        must_be_open(group, name)
        if not must_have(group, name, body.seat).is_of(body.person, local_day(clock.now())):
            raise SeatOfSomebodyElse(seat=body.seat)

    async def pool(body: JoinGuestPool) -> None:
        stream = stream_name(body.conference, "conference", body.conference)
        if body.pool not in (await executor.state(CONFERENCE, stream)).pools:
            raise GuestPoolNotInvited(pool=body.pool)

    of_conference = {one: (Named(conference),) for one in SERVICE.given.values() if one is not EstablishConference}
    return {
        **of_conference,
        JoinWorkingGroup: (Named(conference), Named(seat)),
        JoinGuestPool: (Named(conference), Named(pool)),
    }
