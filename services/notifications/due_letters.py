"""Gives up due letters whose recipient was erased: nobody can print them, and no list may wait for them.

For the sender of mails a due letter is over; so it is looked at here, whenever a contact was written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from services.notifications import mail_log
from services.notifications.contacts import AwaitContact
from services.notifications.domain.mail_commands import RecordFailure
from services.notifications.domain.mail_state import MailEvent
from services.notifications.projections import MAILS
from services.notifications.steps import reason_to_give_up
from shared.declarations.projection import Document
from shared.kernel.rejections import Busy, Rejected
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.clock import Clock

log = structlog.get_logger()

LOOK_SECONDS, AGAIN_SECONDS = 60.0, 1.0

Execute = Callable[[RecordFailure], Awaitable[Sequence[MailEvent]]]


@dataclass(frozen=True, slots=True)
class DueLetters:
    """One process's look at them; two at once are harmless."""

    projections: ProjectionStore
    await_contact: AwaitContact
    execute: Execute
    clock: Clock

    async def keep_looking(self, changed: Nudge) -> None:
        while True:
            try:
                await self.look()
                await changed.within(LOOK_SECONDS)
            except (MongoUnavailable, Busy) as error:
                log.warning("due letters wait", error=type(error).__name__)
                await asyncio.sleep(AGAIN_SECONDS)

    async def look(self) -> None:
        """Asks for everybody once and together: a contact is written more often than somebody is erased.

        Raises ``MongoUnavailable``, ``Busy``.
        """
        letters = await self.projections.find(MAILS, {"state": "letter"})
        people = list(dict.fromkeys(letter["person"] for letter in letters))
        known = dict(zip(people, await asyncio.gather(*map(self.await_contact, people)), strict=True))
        for letter in letters:
            if reason := reason_to_give_up(known[letter["person"]]):
                about: Document = {"conference": letter["conference"], "at": self.clock.now(), "by": "sender"}
                await self._give_up(letter, RecordFailure(mail=letter["mail"], reason=reason, **about))

    async def _give_up(self, letter: Document, failure: RecordFailure) -> None:
        try:
            mail_log.tell(await self.execute(failure), mail_log.about(letter))
        except Rejected as no:  # somebody was faster: it is posted, or given up
            log.info("due letter left alone", **mail_log.about(letter), rule=no.rule)
