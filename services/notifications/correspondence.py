"""Looks up whose turn it is: what a mail is about as projected, what became of the mails before it in the journal.

A course is folded before its reactions are carried out, so whoever finds a mail finds what it and every mail before it
are about. That a mail has ended is believed of the journal alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import assert_never

from services.notifications import mail_log
from services.notifications.domain.correspondence import (
    Background,
    Clear,
    Held,
    Pointless,
    Replaced,
    Replaces,
    Turn,
    background_of,
    place_of,
    turn_of,
)
from services.notifications.domain.course import Course, Letter, alone, dropped_from, is_withdrawn, letters_to
from services.notifications.domain.mail_commands import (
    AttemptUnderWay,
    MailCommand,
    MailIsOver,
    QueueNotification,
    SupersedeNotification,
    WithholdNotification,
)
from services.notifications.domain.mail_state import Mail, MailEvent
from services.notifications.projections import queued_of
from shared.contracts.notifications import Cancellation, MailId, NotificationQueued
from shared.declarations.projection import Document
from shared.kernel.time import UtcTime

Execute = Callable[[MailCommand], Awaitable[Sequence[MailEvent]]]
"""Executes a command under an id of its own, never one that was used before; what has happened by it."""

FindCourse = Callable[[str, NotificationQueued], Awaitable[Course | None]]
HasHeardAll = Callable[[str, NotificationQueued], Awaitable[bool]]
"""Whether a conference's courses have all that the topic of what the mail is about has at this moment."""

History = Callable[[str, MailId], Awaitable[Mail]]
"""Of a conference's mail, as the journal has it."""


class Correspondence:
    def __init__(self, execute: Execute, find_course: FindCourse, has_heard_all: HasHeardAll, history: History) -> None:
        self._execute = execute
        self._find_course = find_course
        self._has_heard_all = has_heard_all
        self._history = history

    async def turn(
        self, mail: Document, queued: NotificationQueued, at: UtcTime, today: date
    ) -> tuple[Turn, Background | None]:
        """Ends the mail, or those that it replaces. Returns a background where the mail may go.

        A mail is held while nothing is known yet of what it is about: a projection is being rebuilt. One that belongs
        to no course stands alone.
        """
        conference = mail["conference"]
        course, letters = await self._letters(conference, queued)
        if queued.mail not in [one.mail for one in letters]:
            if not await self._has_heard_all(conference, queued):
                return Held(by=queued.mail), None
            course, letters = await self._letters(conference, queued)
            letters = letters if queued.mail in [one.mail for one in letters] else [alone(queued)]
        await self._also_tell_dropped(course, mail, queued)
        before = letters[: place_of(queued.mail, letters)]
        withdrawn = {one.mail for one in letters if is_withdrawn(course, one, queued.person, queued.seat, today)}
        while True:
            mails = {one.mail: await self._history(conference, one.mail) for one in before}
            turn = turn_of(queued.mail, letters, mails, withdrawn)
            match turn:
                case Held():
                    return turn, None
                case Clear():
                    return turn, background_of(queued.mail, queued.person, course, letters, mails)
                case Replaced():
                    await self._supersede(mail, queued.mail, turn.by, at)
                    return turn, None
                case Pointless():
                    told = {"conference": conference, "at": at, "by": "sender"}
                    await self._do(mail, WithholdNotification(mail=queued.mail, reason=turn.reason, **told))
                    return turn, None
                case Replaces():
                    if held := await self._supersede_all(mail, turn.mails, at):
                        return held, None
                case _:
                    assert_never(turn)

    async def background(self, mail: Document) -> Background:
        """What a mail was written on that has come to its end."""
        queued, conference = queued_of(mail), mail["conference"]
        course, letters = await self._letters(conference, queued)
        letters = letters if queued.mail in [one.mail for one in letters] else [alone(queued)]
        before = letters[: place_of(queued.mail, letters)]
        mails = {one.mail: await self._history(conference, one.mail) for one in before}
        return background_of(queued.mail, queued.person, course, letters, mails)

    async def _letters(self, conference: str, queued: NotificationQueued) -> tuple[Course, Sequence[Letter]]:
        course = await self._find_course(conference, queued) or Course()
        return course, letters_to(course, queued.person, queued.content, queued.seat)

    async def _supersede_all(self, newer: Document, older: Sequence[MailId], at: UtcTime) -> Held | None:
        """None when all of them have ended, one way or the other."""
        for one in older:
            try:
                await self._supersede(newer, one, newer["mail"], at)
            except MailIsOver:
                continue
            except AttemptUnderWay:
                return Held(by=one)
        return None

    async def _supersede(self, mail: Document, older: MailId, by: MailId, at: UtcTime) -> None:
        told = {"conference": mail["conference"], "at": at, "by": "sender"}
        events = await self._execute(SupersedeNotification(mail=older, superseded_by=by, **told))
        mail_log.tell(events, {"session": mail["session"], "mail": older})

    async def _do(self, mail: Document, command: MailCommand) -> None:
        mail_log.tell(await self._execute(command), mail_log.about(mail))

    async def _also_tell_dropped(self, course: Course, mail: Document, queued: NotificationQueued) -> None:
        """Whoever was invited once hears that the session does not take place, also where the event does not say so.

        Each mail that goes to somebody named sees to it; the same mail again is nothing new.
        """
        if not isinstance(queued.content, Cancellation):
            return
        for person, seat in dropped_from(course, queued.cause).items():
            command = QueueNotification(
                conference=mail["conference"],
                at=queued.queued_at,
                by="sender",
                person=person,
                seat=seat,
                cause=queued.cause,
                content=queued.content,
                useful_until=queued.useful_until,
            )
            await self._do(mail, command)
