"""Whoever is gone holds nothing: an erased person no seat, no nomination and no place on a list of guests, and nobody
a place in a working group for a seat that they have no more.

Projections say where to look, the journal alone what is so: they may be of different moments. Looked at again and
again, also after a crash between the loss and what follows from it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Any

import structlog

from services.members.domain.guest_pool import GUEST_POOL, LeaveGuestPool
from services.members.domain.mandate_corrections import WithdrawMandate
from services.members.domain.mandates import EndMandate
from services.members.domain.nominations import ReturnNomination
from services.members.domain.person import PERSON
from services.members.domain.seat_group import SEAT_GROUP
from services.members.domain.working_group import WORKING_GROUP, LeaveWorkingGroup
from services.members.projections import ERASED, GUEST_POOLS, SEATS, WORKING_GROUPS
from shared.contracts.occupancies import Occupancy, Seat, Seats, group_of, seat_of, seats_in
from shared.declarations.projection import Document
from shared.kernel.decider import Command
from shared.kernel.identifiers import PersonId, Slug, derived_id, stream_name
from shared.kernel.rejections import Busy, Rejected
from shared.kernel.time import day_before, local_day
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
    erased = {one["_id"] for one in await projections.find(ERASED, {})}
    named = await projections.find(SEATS, {"people": {"$in": sorted(erased)}})
    working_groups = await projections.find(WORKING_GROUPS, {"members": {"$ne": []}})
    streams = {_group_of(group, member) for group in working_groups for member in group["members"] if member["seat"]}
    seats_of = {one["_id"]: one for one in await projections.find(SEATS, {"_id": {"$in": sorted(streams)}})}
    look = Look(executor, now)
    for pool in await projections.find(GUEST_POOLS, {"people": {"$in": sorted(erased)}}):
        for person in erased.intersection(pool["people"]):
            await _execute(executor, look.unlisted(pool, person))
    for group in named:
        for person in _named_in(group, local_day(now)) & erased:
            await _execute(executor, look.freed(group, person))
    for group in working_groups:
        for member in group["members"]:
            if member["person"] in erased or not _seems_to_hold(seats_of, group, member, local_day(now)):
                await _execute(executor, look.left(group, member["person"]))


def _named_in(group: Document, today: date) -> set[PersonId]:
    """Everybody who has or will have a seat, is or will be a deputy, or may be appointed."""
    times = [one for seat in seats_in(group) for one in seat.times]
    sitting = {one.person for one in times if one.person and (one.until is None or one.until >= today)}
    return sitting | set(group["nominated"])


def _group_of(group: Document, member: Document) -> str:
    return stream_name(group["conference"], "seat-group", group_of(member["seat"]))


def _seems_to_hold(seats_of: dict[str, Document], group: Document, member: Document, today: date) -> bool:
    """Whoever joined without a seat has none to lose."""
    name = member["seat"]
    if name is None:
        return True
    found = seats_of.get(_group_of(group, member))
    seat = found and seat_of(seats_in(found), name)
    return bool(seat and seat.is_of(member["person"], today))


class Look:
    """Asks the journal about what a projection suspects, and says what is to be done."""

    def __init__(self, executor: Executor, now: datetime) -> None:
        self._executor = executor
        self._now = now
        self._today = local_day(now)

    async def freed(self, group: Document, person: PersonId) -> AsyncIterator[Command]:
        """End an erased person's times on seats yesterday, withdraw later ones, return nominations."""
        conference, name = group["conference"], group["group"]
        if not await self._is_erased(conference, person):
            return
        state = await self._executor.state(SEAT_GROUP, group["stream"])
        about: dict[str, Any] = {**self._by(conference), "group": name, "person": person}
        if person in state.nominated:
            yield ReturnNomination(**about, reason="erased")
        for seat, one in _times_of(state.seats, person):
            if one.since >= self._today:
                meant = {**about, "seat": seat.seat, "role": one.role, "since": one.since}
                yield WithdrawMandate(**meant, reason="gelöscht", person_known=False)
            elif one.until is None or one.until >= self._today:
                yesterday = day_before(self._today)
                yield EndMandate(**about, seat=seat.seat, role=one.role, until=yesterday, reason="erased")

    async def unlisted(self, pool: Document, person: PersonId) -> AsyncIterator[Command]:
        listed = (await self._executor.state(GUEST_POOL, pool["stream"])).people
        if person in listed and await self._is_erased(pool["conference"], person):
            yield LeaveGuestPool(**self._by(pool["conference"]), pool=pool["pool"], person=person)

    async def left(self, group: Document, person: PersonId) -> AsyncIterator[Command]:
        conference = group["conference"]
        members = (await self._executor.state(WORKING_GROUP, group["stream"])).members
        if person not in members:
            return
        if await self._is_erased(conference, person) or not await self._holds(conference, members[person], person):
            yield LeaveWorkingGroup(**self._by(conference), working_group=group["working_group"], person=person)

    def _by(self, conference: str) -> dict[str, Any]:
        return {"conference": conference, "at": self._now, "by": "release"}

    async def _holds(self, conference: str, name: Slug | None, person: PersonId) -> bool:
        """Whoever joined without a seat has none to lose."""
        if name is None:
            return True
        group = await self._executor.state(SEAT_GROUP, stream_name(conference, "seat-group", group_of(name)))
        seat = group.seat(name)
        return seat is not None and seat.is_of(person, self._today)

    async def _is_erased(self, conference: str, person: PersonId) -> bool:
        return (await self._executor.state(PERSON, stream_name(conference, "person", person))).erased


def _times_of(seats: Seats, person: PersonId) -> list[tuple[Seat, Occupancy]]:
    """The later times first: a future one is withdrawn before the present one ends."""
    times = [(seat, one) for seat in seats for one in seat.times]
    return sorted([found for found in times if found[1].person == person], key=lambda found: found[1].since)[::-1]


async def _execute(executor: Executor, commands: AsyncIterator[Command]) -> None:
    """Each try has an id of its own: a person may come back and lose the same seat again."""
    async for command in commands:
        mark = derived_id("release", command.stream, type(command).__name__, command.at.isoformat(), repr(command))
        try:
            await executor.execute(command, Request(f"release:{mark}"))
        except Rejected as no:  # another process was faster
            log.info("release refused", rule=no.rule, stream=command.stream)
