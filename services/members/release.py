"""Whoever is gone holds nothing: an erased person no seat, and nobody a place in a working group for a lost seat.

Projections say where to look, the journal alone what is so: they may be of different moments. Looked at again and
again, also after a crash between the loss and what follows from it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import structlog

from services.members.domain.mandates import EndMandate
from services.members.domain.person import PERSON
from services.members.domain.seat_group import SEAT_GROUP, group_of
from services.members.domain.seat_group_state import Occupant
from services.members.domain.working_group import WORKING_GROUP, LeaveWorkingGroup
from services.members.projections import ERASED, SEATS, WORKING_GROUPS
from shared.declarations.projection import Document
from shared.kernel.decider import Command
from shared.kernel.identifiers import PersonId, Slug, derived_id, stream_name
from shared.kernel.rejections import Busy, Rejected
from shared.kernel.time import local_day
from shared.runtime.commands.execute import Executor, Request
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.clock import Clock

log = structlog.get_logger()

LOOK_SECONDS = 60.0
AGAIN_SECONDS = 1.0


async def release_what_is_lost(projections: ProjectionStore, executor: Executor, clock: Clock, held: Nudge) -> None:
    while True:
        try:
            await release_once(projections, executor, clock.now())
            await held.within(LOOK_SECONDS)
        except (MongoUnavailable, Busy) as error:
            log.warning("release waits", error=type(error).__name__)
            await asyncio.sleep(AGAIN_SECONDS)


async def release_once(projections: ProjectionStore, executor: Executor, now: datetime) -> None:
    erased = {one["_id"] for one in await projections.find(ERASED, {}, limit=0)}
    seats = {seat["_id"]: seat for seat in await projections.find(SEATS, {"occupied": True}, limit=0)}
    groups = await projections.find(WORKING_GROUPS, {"members": {"$ne": []}}, limit=0)
    look = Look(executor, now)
    for name, seat in seats.items():
        if seat["occupancies"][-1]["person"] in erased:
            await _execute(executor, look.freed(seat, name.partition("/")[2]))
    for group in groups:
        for member in group["members"]:
            sits = seats.get(f"{group['conference']}/{member['seat']}")
            holds = member["seat"] is None or (sits and sits["occupancies"][-1]["person"] == member["person"])
            if member["person"] in erased or not holds:
                await _execute(executor, look.left(group, member["person"]))


class Look:
    """Asks the journal about what a projection has made doubtful, and says what is to be done."""

    def __init__(self, executor: Executor, now: datetime) -> None:
        self._executor = executor
        self._now = now

    async def freed(self, seat: Document, name: Slug) -> AsyncIterator[Command]:
        conference = seat["conference"]
        occupant = await self._occupant(conference, name)
        if occupant and await self._is_erased(conference, occupant.person):
            yield EndMandate(
                conference=conference,
                at=self._now,
                by="release",
                group=group_of(name),
                seat=name,
                until=max(local_day(self._now), occupant.since),
                reason="erased",
            )

    async def left(self, group: Document, person: PersonId) -> AsyncIterator[Command]:
        conference = group["conference"]
        members = (await self._executor.state(WORKING_GROUP, group["stream"])).members
        if person not in members:
            return
        if await self._is_erased(conference, person) or not await self._holds(conference, members[person], person):
            yield LeaveWorkingGroup(
                conference=conference,
                at=self._now,
                by="release",
                working_group=group["working_group"],
                person=person,
            )

    async def _holds(self, conference: str, seat: Slug | None, person: PersonId) -> bool:
        """Whoever joined without a seat has none to lose."""
        if seat is None:
            return True
        occupant = await self._occupant(conference, seat)
        return occupant is not None and occupant.person == person

    async def _occupant(self, conference: str, seat: Slug) -> Occupant | None:
        group = await self._executor.state(SEAT_GROUP, stream_name(conference, "seat-group", group_of(seat)))
        return group.seats.get(seat)

    async def _is_erased(self, conference: str, person: PersonId) -> bool:
        return (await self._executor.state(PERSON, stream_name(conference, "person", person))).erased


async def _execute(executor: Executor, commands: AsyncIterator[Command]) -> None:
    """Each time under another id: somebody may come back and lose the same seat again."""
    async for command in commands:
        mark = derived_id("release", command.stream, type(command).__name__, command.at.isoformat(), repr(command))
        try:
            await executor.execute(command, Request(f"release:{mark}"))
        except Rejected as no:  # somebody else was faster
            log.info("release refused", rule=no.rule, stream=command.stream)
