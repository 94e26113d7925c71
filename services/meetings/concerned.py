"""Keeps invitations true: whoever a session concerns by now is invited, whoever it does not is told so; nobody else.

Also deputies: invited when a seat's holder declines, taken back when the holder comes after all.

Looked at again whenever seats, working groups or sessions change, and now and then, so that it does not matter what
came first. What seems to be so here is decided on facts as new as the topic, of a session that has not changed since.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from services.meetings import queries
from services.meetings.domain.session import SESSION
from services.meetings.domain.session_recipients import AdjustInvitation, CoverSeat, adjusted
from services.meetings.domain.session_roster import Roster
from services.meetings.domain.session_stage import has_begun
from services.meetings.domain.session_state import Session
from shared.declarations.projection import Document
from shared.kernel.identifiers import ConferenceSlug, Slug, derived_id
from shared.kernel.rejections import Busy, Rejected
from shared.runtime.commands.execute import Answer, Executor, Request
from shared.runtime.commands.facts import Facts
from shared.runtime.delivery.following import follow, refusal_in
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.clock import Clock

log = structlog.get_logger()

LOOK_SECONDS = 60.0
AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Planned:
    """The session whose invitation is looked at."""

    conference: ConferenceSlug
    session: Slug


@dataclass(frozen=True, slots=True)
class Concerned:
    """One service's. ``facts`` supply the present roster."""

    projections: ProjectionStore
    executor: Executor
    facts: Facts
    clock: Clock
    pointed_out: set[str] = field(default_factory=set)
    """Seats that have an open point already, by occasion; forgetting one costs one more look."""

    async def run(self, changed: Nudge) -> None:
        while True:
            try:
                late = await self.look(self.clock.now())
                await changed.within(AGAIN_SECONDS if late else LOOK_SECONDS)
            except MongoUnavailable as error:
                log.warning("invitations wait", error=type(error).__name__)
                await asyncio.sleep(AGAIN_SECONDS)

    async def look(self, now: datetime) -> int:
        """Looks at every session that is not over. Returns how many have to be looked at again in a moment."""
        late = 0
        for session in await queries.not_over(self.projections, now):
            try:
                await self._see_to(session, now)
            except Busy as error:
                late += 1
                log.info("invitation waits", stream=session["stream"], error=type(error).__name__)
            except Rejected as no:
                log.warning("invitation not adjusted", stream=session["stream"], rule=no.rule)
        return late

    async def _see_to(self, session: Document, now: datetime) -> None:
        """The projections say where to look. The topics are asked before anybody gets a mail."""
        planned = await self.executor.state(SESSION, session["stream"])
        roster = await queries.roster_for(self.projections, planned, session["conference"])
        if adjusted(planned, roster, now):
            await self._adjust(session, planned, now)
        if not has_begun(planned, now):
            for place in queries.not_covered(planned, roster):
                await self._cover(session, place, now)

    async def _adjust(self, session: Document, planned: Session, now: datetime) -> None:
        roster = await self._roster(AdjustInvitation, session)
        wanted = adjusted(planned, roster, now)
        command = AdjustInvitation(
            conference=session["conference"], session=session["session"], at=now, by="concerned", roster=roster
        )
        await self._follow(session, command, str(roster.edition), *(one.model_dump_json() for one in wanted))

    async def _cover(self, session: Document, place: Document, now: datetime) -> None:
        """A seat for which nobody comes becomes an open point, once for each absent holder and appointment."""
        said = derived_id(session["stream"], place["seat"], place["person"], str(session["revision"]))
        if said in self.pointed_out:
            return
        roster = await self._roster(CoverSeat, session)
        about = {"conference": session["conference"], "session": session["session"], "seat": place["seat"]}
        command = CoverSeat(**about, at=now, by="concerned", roster=roster)
        if refusal_in(await self._follow(session, command, said)):
            self.pointed_out.add(said)

    async def _roster(self, command: type[AdjustInvitation | CoverSeat], session: Document) -> Roster:
        supplied = await self.facts.of(command, Planned(session["conference"], session["session"]), {})
        roster = supplied["roster"]
        assert isinstance(roster, Roster)
        return roster

    async def _follow(self, session: Document, command: AdjustInvitation | CoverSeat, *about: str) -> Answer:
        """A rejection becomes an open point."""
        request = Request(f"concerned:{derived_id(command.stream, *about)}")
        because = f"{session['stream']}:{session['sequence']}"
        return await follow(self.executor, command, request, "concerned", because)
