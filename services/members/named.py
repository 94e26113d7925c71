"""What a command names is there, as the journal knows it: its conference, and the seat that somebody has."""

from __future__ import annotations

from typing import Any

from services.members.domain.conference import CONFERENCE, ConferenceNotEstablished, EstablishConference
from services.members.domain.mandates import SeatUnknown
from services.members.domain.seat_group import SEAT_GROUP, group_of
from services.members.domain.seat_group_state import SeatGroupNotOpen
from services.members.domain.working_group import JoinWorkingGroup, SeatOfSomebodyElse
from services.members.service import SERVICE
from shared.kernel.identifiers import stream_name
from shared.runtime.commands.execute import Executor
from shared.runtime.commands.facts import Named, Names


def names(executor: Executor) -> Names:
    async def conference(body: Any) -> None:
        stream = stream_name(body.conference, "conference", body.conference)
        if (await executor.state(CONFERENCE, stream)).established is None:
            raise ConferenceNotEstablished(conference=body.conference)

    async def seat(body: JoinWorkingGroup) -> None:
        if body.seat is None:
            return
        name = group_of(body.seat)
        group = await executor.state(SEAT_GROUP, stream_name(body.conference, "seat-group", name))
        if group.kind is None:
            raise SeatGroupNotOpen(group=name)
        if body.seat not in group.seats:
            raise SeatUnknown(group=name, seat=body.seat)
        occupant = group.seats[body.seat]
        if occupant is None or occupant.person != body.person:
            raise SeatOfSomebodyElse(seat=body.seat)

    of_conference = {one: (Named(conference),) for one in SERVICE.given.values() if one is not EstablishConference}
    return {**of_conference, JoinWorkingGroup: (Named(conference), Named(seat))}
