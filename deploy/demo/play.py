"""What every step of the story can use: the data, the office, and patience for what follows elsewhere."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

from deploy.demo.data import Data
from deploy.demo.expected import expected_mails
from deploy.demo.office import NoAnswer, Office

WAIT_SECONDS = 60.0
STILL_SECONDS = 15.0
POLL_SECONDS = 0.05
OVER = frozenset({"sent", "letter", "posted", "failed", "suppressed", "superseded"})

AFTER_AN_ATTEMPT = timedelta(minutes=11)
"""A killed sender leaves an attempt of ten minutes; the clocks can be set beyond it."""

MailCounts = Counter[tuple[str, str]]
"""How many mails by kind and state."""


class Play:
    def __init__(self, data: Data, office: Office) -> None:
        self.data = data
        self.office = office
        self.done = 0

    @property
    def today(self) -> date:
        """The day of the step that is being played."""
        return self.data.story[self.done].at.date()

    async def until_told(self, stream: str, event: str) -> None:
        """A service's reaction to its own events follows in a moment."""
        until = time.monotonic() + WAIT_SECONDS
        while event not in str(await self.office.read("meetings", f"/streams/{stream}")):
            if time.monotonic() > until:
                raise NoAnswer(f"{event} ist nicht eingetreten")
            await asyncio.sleep(POLL_SECONDS)

    async def mails(self) -> MailCounts:
        counts: MailCounts = Counter()
        kinds = (await self.office.read("notifications", "/mails/summary"))["kinds"]
        for kind, states in kinds.items():
            counts.update({(kind, state): count for state, count in states.items()})
        return counts

    async def until_mails_are_out(self, told: Callable[[str], None]) -> None:
        """The story waits for the mails of each step, because a later clock would make them late."""
        wanted = expected_mails(self.data, self.data.story[: self.done]).total
        began = moved = time.monotonic()
        last = -1
        while (over := over_of(await self.mails())) < wanted:
            now = time.monotonic()
            if over > last:
                last, moved = over, now
                told(f"{over} von {wanted} Schreiben sind hinaus")
            if now - max(began, moved) > WAIT_SECONDS:
                raise NoAnswer(f"nur {over} von {wanted} Schreiben sind hinaus")
            if now - moved > STILL_SECONDS:
                await self.office.advance(AFTER_AN_ATTEMPT)
                await asyncio.sleep(1)
            await asyncio.sleep(POLL_SECONDS)


def over_of(counts: MailCounts) -> int:
    return sum(count for (_, state), count in counts.items() if state in OVER)
