"""Sends what is due: a few mails at a time, none of them twice at once, none held up by another's trouble.

The attempt is in the journal before the connection is opened. Whoever loses the race for it is refused there
and lets the mail be; whoever dies after it leaves a mail that is tried once more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import assert_never

import structlog

from services.notifications import mail_log
from services.notifications.bounds import Bounds
from services.notifications.contacts import Recipients
from services.notifications.correspondence import Correspondence, Execute
from services.notifications.domain.correspondence import Background, Held
from services.notifications.domain.mail_commands import (
    AttemptIsNotNext,
    DuePrintLetter,
    HoldNotification,
    MailCommand,
    MailIsOver,
    RecordAttempt,
    RecordDeferral,
    RecordFailure,
    RecordSent,
)
from services.notifications.domain.patience import CONTENT_WITHIN
from services.notifications.letters.message import message
from services.notifications.letters.office import OfficeOf
from services.notifications.letters.versions import version_of
from services.notifications.mailserver.outcomes import Later, Never, Outcome, Sent, Unanswered
from services.notifications.projections import queued_of
from services.notifications.steps import Attempt, GiveUp, Hold, Print, Wait, next_step
from shared.contracts.notifications import FailureReason, NotificationQueued
from shared.declarations.projection import Document
from shared.kernel.identifiers import PersonId
from shared.kernel.rejections import Rejected
from shared.kernel.time import local_day
from shared.runtime.observing.crashpoints import crashpoint

log = structlog.get_logger()

AT_ONCE = 16
"""So many mails may be under way when their sender dies, and be sent once more."""

REMEMBERED = 10_000
RECORD_AGAIN = 0.5
RECORD_WITHIN = 300.0
LOOK_AGAIN = 1.0
"""Seconds until a mail that can do nothing yet is looked at again."""

Send = Callable[[bytes, str, str, Callable[[], bool]], Awaitable[Outcome]]
"""Asks, before the content goes out, whether it still may."""


class Sending:
    """One process's share of the sending. ``now`` is the service's clock; pauses run by the machine's."""

    def __init__(
        self,
        execute: Execute,
        recipients: Recipients,
        send: Send,
        office_of: OfficeOf,
        now: Callable[[], datetime],
        correspondence: Correspondence,
        bounds: Bounds,
        at_once: int = AT_ONCE,
    ) -> None:
        self._execute = execute
        self._recipients = recipients
        self._send = send
        self._office_of = office_of
        self._now = now
        self._correspondence = correspondence
        self._bounds, self._pause = bounds, bounds.pause
        self._slots = asyncio.Semaphore(at_once)
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._waits_until: dict[str, float] = {}
        self._seen_to: dict[str, int] = {}
        self._noticed: set[str] = set()
        self._waiting_for: set[str] = set()

    @property
    def waiting(self) -> list[str]:
        """Mails that can do nothing yet, and are not to stand in the others' way meanwhile."""
        now = clock()
        self._waits_until = {mail: until for mail, until in self._waits_until.items() if until > now}
        return list(self._waits_until)

    @property
    def full(self) -> list[PersonId]:
        """People to whom no more may go now."""
        return self._bounds.measure.full(self._now())

    async def start(self, due: Iterable[Document]) -> int:
        """Begins with every mail that is not under way here; waits for free slots, not for the mails. How many."""
        begun = 0
        for mail in due:
            if mail["mail"] in self._under_way or self._has_not_moved(mail):
                continue
            self._notice(mail)
            await self._slots.acquire()
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
            log.info("mail left alone", **mail_log.about(mail), rule=no.rule)
            if isinstance(no, AttemptIsNotNext | MailIsOver):  # it has moved on, and the projection will tell
                self._remember(mail)
        except Exception as error:  # noqa: BLE001 - whatever befalls one mail, the others go on
            _report("mail not seen to", mail, error)

    async def _take_step(self, mail: Document) -> None:
        is_off = await self._bounds.switch.is_off(mail["conference"])
        step = Wait() if is_off else next_step(mail, await self._recipients.get(mail), self._now())
        match step:
            case Wait():
                self._wait_for(mail, step.what)
                return
            case GiveUp():
                await self._give_up(mail, step.reason)
            case Hold():
                await self._do(mail, HoldNotification(**self._about(mail), address=step.address))
            case Print() | Attempt():
                if not await self._take_turn(mail, step):
                    return
            case _:
                assert_never(step)
        self._remember(mail)

    async def _take_turn(self, mail: Document, step: Print | Attempt) -> bool:
        """Whether the mail has moved on."""
        queued, now = queued_of(mail), self._now()
        turn, background = await self._correspondence.turn(mail, queued, now, local_day(now))
        if isinstance(turn, Held):
            self._wait(mail)
            return False
        if background is None:
            return True
        if isinstance(step, Print):
            await self._do(mail, DuePrintLetter(**self._about(mail), template=version_of(background.content)))
            return True
        return await self._attempt(mail, queued, step, background)

    async def _attempt(self, mail: Document, queued: NotificationQueued, step: Attempt, background: Background) -> bool:
        is_full = self._bounds.measure.is_full(mail["person"], self._now())
        if is_full or not self._recipients.may_be_written_to(step.email):
            self._wait(mail)
            return False
        office = self._office_of(mail)
        try:
            written = message(queued, step.to, step.email, office, background)
        except Exception as error:  # noqa: BLE001 - writing is pure: any fault comes back every time
            _report("mail cannot be written", mail, error)
            await self._give_up(mail, "render_failed")
            return True
        if not self._pause.lets_go(_domain(step.email)):
            self._wait(mail, self._pause.until)
            return False
        attempt = RecordAttempt(
            **self._about(mail),
            attempt=step.number,
            calendar_sequence=background.calendar_sequence,
            template=version_of(background.content),
        )
        await self._do(mail, attempt)
        began = clock()
        crashpoint("mail.attempted")
        outcome = await self._send(written, office.email, step.email, lambda: self._is_in_time(attempt))
        crashpoint("mail.answered")
        self._note(mail, outcome, step.email, began)
        await self._record_surely(mail, step, outcome)
        return True

    def _is_in_time(self, attempt: RecordAttempt) -> bool:
        """Whether nobody else can have acted on the mail yet, by the clock that the attempt was recorded with."""
        return self._now() < attempt.at + CONTENT_WITHIN

    async def _record_surely(self, mail: Document, step: Attempt, outcome: Outcome) -> None:
        """The outcome is known here and nowhere else: an absent journal is waited for, else a mail goes twice."""
        ends = clock() + RECORD_WITHIN
        while True:
            try:
                return await self._record(mail, step, outcome)
            except Rejected:
                raise
            except Exception as error:
                if clock() >= ends:
                    raise
                _report("outcome not recorded yet", mail, error)
                await asyncio.sleep(RECORD_AGAIN)

    async def _record(self, mail: Document, step: Attempt, outcome: Outcome) -> None:
        match outcome:
            case Sent():
                await self._do(mail, RecordSent(**self._about(mail), attempt=step.number))
            case Later():
                deferral = RecordDeferral(**self._about(mail), attempt=step.number, reason=outcome.reason)
                await self._do(mail, deferral, outcome.answer)
            case Never():
                await self._refuse(mail, step, outcome)
            case Unanswered():
                log.warning("mail unanswered", **mail_log.about(mail), attempt=step.number)
            case _:
                assert_never(outcome)

    async def _refuse(self, mail: Document, step: Attempt, never: Never) -> None:
        address = await self._recipients.name_address(mail, step.email) if never.reason == "rejected" else None
        failure = RecordFailure(**self._about(mail), reason=never.reason, address=address)
        await self._do(mail, failure, never.answer)

    async def _give_up(self, mail: Document, reason: FailureReason) -> None:
        await self._do(mail, RecordFailure(**self._about(mail), reason=reason))

    async def _do(self, mail: Document, command: MailCommand, answer: str = "") -> None:
        mail_log.tell(await self._execute(command), mail_log.about(mail), answer)

    def _note(self, mail: Document, outcome: Outcome, email: str, began: float) -> None:
        """When the pause is over, nobody waits for its end any more."""
        if isinstance(outcome, Sent | Unanswered):
            self._bounds.measure.note(mail["person"], self._now())
        was_on = self._pause.is_on
        self._pause.note(outcome, _domain(email), began)
        if was_on and not self._pause.is_on:
            self._waits_until.clear()

    def _wait_for(self, mail: Document, what: str | None) -> None:
        if what and mail["mail"] not in self._waiting_for:
            log.info("mail waits", **mail_log.about(mail), for_arrival_of=what)
            self._waiting_for.add(mail["mail"])
        self._wait(mail)

    def _wait(self, mail: Document, until: float = 0.0) -> None:
        self._waits_until[mail["mail"]] = max(until, clock() + LOOK_AGAIN)

    def _notice(self, mail: Document) -> None:
        """A reaction queues it; here it is seen first."""
        if mail["state"] == "queued" and mail["mail"] not in self._noticed:
            self._noticed.add(mail["mail"])
            log.info("mail queued", **mail_log.about(mail))

    def _has_not_moved(self, mail: Document) -> bool:
        """Views lag behind the journal: what was seen to at this sequence waits until it has another."""
        return self._seen_to.get(mail["mail"], 0) >= int(mail["sequence"])

    def _remember(self, mail: Document) -> None:
        """Forgetting costs no more than an attempt that is refused."""
        self._noticed.discard(mail["mail"])
        self._waiting_for.discard(mail["mail"])
        if len(self._seen_to) >= REMEMBERED:
            self._seen_to.clear()
        self._seen_to[mail["mail"]] = mail["sequence"]

    def _about(self, mail: Document) -> Document:
        return {"conference": mail["conference"], "mail": mail["mail"], "at": self._now(), "by": "sender"}


def _domain(email: str) -> str:
    return email.rpartition("@")[2]


def _report(what: str, mail: Document, error: Exception) -> None:
    """The error's kind only: its text or traceback may quote what was to be written to somebody."""
    log.error(what, **mail_log.about(mail), error=type(error).__name__)


def clock() -> float:
    return asyncio.get_running_loop().time()
