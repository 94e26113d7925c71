"""Keeps invitations true: whoever a session concerns by now is invited, whoever it does not is told so; nobody else.

Looked at again whenever seats, working groups or sessions change, and now and then, so that it does not matter what
came first. What seems to be so here is decided on facts as new as the topic, of a session that has not changed since.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

import structlog

from services.meetings import queries
from services.meetings.domain.session import SESSION
from services.meetings.domain.session_recipients import AdjustInvitation, Roster, adjusted
from shared.declarations.projection import Document
from shared.kernel.identifiers import ConferenceSlug, Slug, derived_id
from shared.kernel.rejections import Busy, Rejected
from shared.runtime.commands.execute import Executor, Request
from shared.runtime.commands.facts import Facts
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
    """One service's. ``facts`` supply the roster as new as it can be."""

    projections: ProjectionStore
    executor: Executor
    facts: Facts
    clock: Clock

    async def run(self, changed: Nudge) -> None:
        while True:
            try:
                late = await self.look(self.clock.now())
                await changed.within(AGAIN_SECONDS if late else LOOK_SECONDS)
            except MongoUnavailable as error:
                log.warning("invitations wait", error=type(error).__name__)
                await asyncio.sleep(AGAIN_SECONDS)

    async def look(self, now: datetime) -> int:
        """At every session to come. How many have to be looked at again in a moment."""
        late = 0
        for session in await queries.to_come(self.projections, now):
            try:
                await self._adjust(session, now)
            except Busy as error:
                late += 1
                log.info("invitation waits", stream=session["stream"], error=type(error).__name__)
            except Rejected as no:
                log.warning("invitation not adjusted", stream=session["stream"], rule=no.rule)
        return late

    async def _adjust(self, session: Document, now: datetime) -> None:
        """What is known here says where to look; the topic has the last word before anybody is written to."""
        conference, stream = session["conference"], session["stream"]
        planned = await self.executor.state(SESSION, stream)
        if not adjusted(planned, await queries.roster_for(self.projections, planned, conference), now):
            return
        supplied = await self.facts.of(AdjustInvitation, Planned(conference, session["session"]), {})
        roster = supplied["roster"]
        assert isinstance(roster, Roster)
        command = AdjustInvitation(
            conference=conference, session=session["session"], at=now, by="concerned", roster=roster
        )
        await self.executor.execute(command, Request(f"concerned:{derived_id(stream, str(roster.edition))}"))
