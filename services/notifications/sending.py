"""Sends what is due: a few mails at a time, none of them twice at once, none held up by another's trouble.

The attempt is in the journal before the connection is opened. Whoever loses the race for it is refused there
and lets the mail be; whoever dies after it leaves a mail that is tried once more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import assert_never

import structlog

from services.notifications.domain.mail import (
    AttemptIsNotNext,
    DuePrintLetter,
    MailCommand,
    MailIsOver,
    RecordAttempt,
    RecordDeferral,
    RecordFailure,
    RecordSent,
)
from services.notifications.domain.patience import AFTER_OBSTACLE
from services.notifications.letters.message import message
from services.notifications.letters.office import OfficeOf
from services.notifications.mailserver.outcomes import Later, Never, Outcome, Sent, Unanswered
from services.notifications.projections import queued_of
from services.notifications.steps import Attempt, Contact, GiveUp, Print, Wait, next_step
from shared.contracts.notifications import FailureReason
from shared.declarations.projection import Document
from shared.kernel.identifiers import PersonId
from shared.kernel.rejections import Rejected
from shared.runtime.observing.crashpoints import crashpoint

log = structlog.get_logger()

AT_ONCE = 16
"""So many mails may be under way when their sender dies, and be sent once more."""

REMEMBERED = 10_000
RECORD_AGAIN = 0.5
RECORD_WITHIN = 300.0

Execute = Callable[[MailCommand], Awaitable[object]]
"""Executes a command under an id of its own, never one that was used before."""

FindContact = Callable[[PersonId], Awaitable[Contact | None]]
Send = Callable[[bytes, str, str], Awaitable[Outcome]]


class Sending:
    """One process's share of the sending. ``now`` is the service's clock; pauses run by the machine's."""

    def __init__(
        self,
        execute: Execute,
        find_contact: FindContact,
        send: Send,
        office_of: OfficeOf,
        now: Callable[[], datetime],
        at_once: int = AT_ONCE,
    ) -> None:
        self._execute = execute
        self._find_contact = find_contact
        self._send = send
        self._office_of = office_of
        self._now = now
        self._slots = asyncio.Semaphore(at_once)
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._missing_since: dict[str, float] = {}
        self._seen_to: dict[str, int] = {}
        self._paused_until = 0.0

    async def start(self, due: Iterable[Document]) -> int:
        """Begins with every mail that is not under way here; waits for free slots, not for the mails. How many."""
        begun = 0
        for mail in due:
            if mail["mail"] in self._under_way or self._has_not_moved(mail):
                continue
            await self._slots.acquire()
            if self._paused():
                self._slots.release()
                return 0
            self._begin(mail)
            begun += 1
        return begun

    async def finish(self, within: float) -> None:
        """Lets the mails that are under way come to their end; what takes longer is broken off."""
        tasks = list(self._under_way.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=within)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, mail: Document) -> None:
        name = mail["mail"]
        task = asyncio.create_task(self._see_to(mail), name=f"mail {name}")
        self._under_way[name] = task

        def ended(_: asyncio.Task[None]) -> None:
            del self._under_way[name]
            self._slots.release()

        task.add_done_callback(ended)

    async def _see_to(self, mail: Document) -> None:
        try:
            await self._take_step(mail)
        except Rejected as no:
            log.info("mail left alone", stream=mail["stream"], rule=no.rule)
            if isinstance(no, AttemptIsNotNext | MailIsOver):  # it has moved on, and the projection will tell
                self._remember(mail)
        except Exception as error:  # noqa: BLE001 - whatever befalls one mail, the others go on
            _report("mail not seen to", mail, error)

    async def _take_step(self, mail: Document) -> None:
        contact = await self._find_contact(mail["person"])
        step = next_step(mail, contact, self._now(), self._missing_for(mail["mail"], contact))
        match step:
            case Wait():
                return
            case GiveUp():
                await self._give_up(mail, step.reason)
            case Print():
                await self._execute(DuePrintLetter(**self._about(mail)))
            case Attempt():
                await self._attempt(mail, step)
            case _:
                assert_never(step)
        self._remember(mail)

    async def _attempt(self, mail: Document, step: Attempt) -> None:
        office = self._office_of(mail["conference"], mail["conference_name"])
        try:
            written = message(queued_of(mail), step.to, step.email, office, mail["group_name"])
        except Exception as error:  # noqa: BLE001 - writing is pure: any fault comes back every time
            _report("mail cannot be written", mail, error)
            await self._give_up(mail, "render_failed")
            return
        await self._execute(RecordAttempt(**self._about(mail), attempt=step.number))
        crashpoint("mail.attempted")
        outcome = await self._send(written, office.email, step.email)
        crashpoint("mail.answered")
        await self._record_surely(mail, step.number, outcome)

    async def _record_surely(self, mail: Document, attempt: int, outcome: Outcome) -> None:
        """The outcome is known here and nowhere else: an absent journal is waited for, else a mail goes twice."""
        ends = _clock() + RECORD_WITHIN
        while True:
            try:
                return await self._record(mail, attempt, outcome)
            except Rejected:
                raise
            except Exception as error:
                if _clock() >= ends:
                    raise
                _report("outcome not recorded yet", mail, error)
                await asyncio.sleep(RECORD_AGAIN)

    async def _record(self, mail: Document, attempt: int, outcome: Outcome) -> None:
        match outcome:
            case Sent():
                await self._execute(RecordSent(**self._about(mail), attempt=attempt))
            case Later():
                await self._defer(mail, attempt, outcome)
            case Never():
                await self._give_up(mail, outcome.reason)
            case Unanswered():
                log.warning("mail unanswered", stream=mail["stream"], attempt=attempt)
            case _:
                assert_never(outcome)

    async def _defer(self, mail: Document, attempt: int, later: Later) -> None:
        log.warning("mail deferred", stream=mail["stream"], attempt=attempt, reason=later.reason)
        if later.concerns_everybody:
            self._paused_until = _clock() + AFTER_OBSTACLE.total_seconds()
        await self._execute(RecordDeferral(**self._about(mail), attempt=attempt, reason=later.reason))

    async def _give_up(self, mail: Document, reason: FailureReason) -> None:
        await self._execute(RecordFailure(**self._about(mail), reason=reason))

    def _has_not_moved(self, mail: Document) -> bool:
        """Views lag behind the journal: what was seen to at this sequence waits until it has another."""
        return self._seen_to.get(mail["mail"], 0) >= int(mail["sequence"])

    def _remember(self, mail: Document) -> None:
        """Forgetting costs no more than an attempt that is refused."""
        self._missing_since.pop(mail["mail"], None)
        if len(self._seen_to) >= REMEMBERED:
            self._seen_to.clear()
        self._seen_to[mail["mail"]] = mail["sequence"]

    def _about(self, mail: Document) -> Document:
        return {"conference": mail["conference"], "mail": mail["mail"], "at": self._now(), "by": "sender"}

    def _missing_for(self, name: str, contact: Contact | None) -> timedelta:
        if contact is not None:
            return timedelta()
        return timedelta(seconds=_clock() - self._missing_since.setdefault(name, _clock()))

    def _paused(self) -> bool:
        return _clock() < self._paused_until


def _report(what: str, mail: Document, error: Exception) -> None:
    """The error's kind only: its text or traceback may quote what was to be written to somebody."""
    log.error(what, stream=mail["stream"], error=type(error).__name__)


def _clock() -> float:
    return asyncio.get_running_loop().time()
