"""Keeps true to whom and how often is to be reported, as members' rules have it today.

Looked at again whenever a conference or its rules change, and now and then: rules hold from a day of their own. So it
does not matter what came first, nor whether the conference was there before this was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import structlog

from services.meetings import queries
from services.meetings.domain.committee_report import COMMITTEE_REPORT, RequireReporting
from services.meetings.projections import CONFERENCE
from shared.declarations.projection import Document
from shared.kernel.identifiers import derived_id
from shared.kernel.rejections import Busy
from shared.kernel.time import local_day
from shared.runtime.commands.execute import Executor, Request
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.clock import Clock

log = structlog.get_logger()

LOOK_SECONDS, AGAIN_SECONDS = 60.0, 1.0


@dataclass(frozen=True, slots=True)
class Reports:
    """One service's."""

    projections: ProjectionStore
    executor: Executor
    clock: Clock

    async def run(self, changed: Nudge) -> None:
        while True:
            is_late = False
            try:
                is_late = await self.look(self.clock.now())
            except MongoUnavailable as error:
                log.warning("reporting waits", error=type(error).__name__)
            except Busy as error:
                log.info("reporting waits", error=type(error).__name__)
            await changed.within(AGAIN_SECONDS if is_late else LOOK_SECONDS)

    async def look(self, now: datetime) -> bool:
        """Returns whether some are to be looked at again in a moment.

        Documents of an earlier version lack the first day; they are about to be rebuilt.
        """
        conferences = await self.projections.find(CONFERENCE, {})
        complete = [one for one in conferences if "established" in one]
        for conference in complete:
            await self._see_to(conference, now)
        return len(complete) < len(conferences)

    async def _see_to(self, conference: Document, now: datetime) -> None:
        version, rules = queries.rules_on(conference, local_day(now))
        require = RequireReporting(
            conference=conference["conference"],
            at=now,
            by="reporting",
            committee=conference["committee"],
            report_months=rules.report_months,
            since=date.fromisoformat(conference["established"]),
        )
        reporting = await self.executor.state(COMMITTEE_REPORT, require.stream)
        if COMMITTEE_REPORT.decide(reporting, require):
            told = derived_id(require.stream, str(version), str(conference["sequence"]))
            await self.executor.execute(require, Request(f"reporting:{told}"))
