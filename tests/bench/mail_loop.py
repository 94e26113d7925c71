"""The least that a mail costs which is written and written down: the product's letter, and its three inserts.

Nothing is published, delivered back, folded, looked up or held in order; nothing is asked before a mail goes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from aiosmtplib import SMTP

from services.notifications.domain.correspondence import Background
from services.notifications.domain.course import Letter, Occasion
from services.notifications.letters.message import message
from services.notifications.letters.office import Office
from services.notifications.sending import AT_ONCE
from shared.contracts.notifications import (
    Invitation,
    NotificationAttempted,
    NotificationQueued,
    NotificationSent,
)
from shared.kernel.identifiers import derived_id, stream_name
from shared.kernel.time import days, utc
from shared.runtime.commands.commit import to_document
from shared.runtime.commands.group_commit import GroupCommit
from shared.runtime.commands.journal import Journal
from shared.runtime.mongo.driver import connect
from tests.bench import bare, invitations
from tests.bench.data import CONFERENCE, commit_of

OFFICE = Office("Kommunale Pflegekonferenz Stuttgart", "office@stuttgart.example.org", "stuttgart.example.org")
COMMANDS = {
    NotificationQueued: "QueueNotification",
    NotificationAttempted: "RecordAttempt",
    NotificationSent: "RecordSent",
}


async def send_all(uri: str, name: str, port: int, connections: int, sender: str, number: int) -> float:
    """Seconds until all are sent and journalled, as many at once as the product's sender."""
    session = connect(uri, name)
    try:
        await Journal(session.database["journal"]).prepare()
        async with bare.connected("127.0.0.1", port, connections) as clients:
            loop = _Loop(GroupCommit(session.database["journal"]), clients, sender)
            began, waiting = time.monotonic(), iter(range(number))
            await asyncio.gather(*(loop.work(name, waiting) for _ in range(AT_ONCE)))
            return time.monotonic() - began
    finally:
        await session.close()


class _Loop:
    def __init__(self, journal: GroupCommit, clients: Sequence[SMTP], sender: str) -> None:
        self._journal, self._sender = journal, sender
        self._free: asyncio.Queue[SMTP] = asyncio.Queue()
        for client in clients:
            self._free.put_nowait(client)

    async def work(self, name: str, waiting: Iterator[int]) -> None:
        for number in waiting:
            queued = _queued(name, number)
            await self._note(1, queued)
            details = invitations.details(number)
            email = details.email or ""
            written = message(queued, details, email, OFFICE, _background(queued))
            await self._note(2, _attempted(queued))
            client = await self._free.get()
            await client.sendmail(self._sender, email, written)
            self._free.put_nowait(client)
            await self._note(3, NotificationSent(mail=queued.mail, attempt=1))

    async def _note(self, first: int, event: NotificationQueued | NotificationAttempted | NotificationSent) -> None:
        stream = stream_name(CONFERENCE, "mail", event.mail)
        commit = commit_of(stream, first, event, at=utc(datetime.now(UTC)), kind=COMMANDS[type(event)])
        await self._journal.insert(to_document(commit))


def _queued(name: str, number: int) -> NotificationQueued:
    now = utc(datetime.now(UTC))
    content = Invitation(
        session=name,
        session_kind="plenary",
        issue=1,
        appointment=invitations.appointment(now + days(30)),
        agenda=invitations.AGENDA,
        voting_seats=invitations.RECIPIENTS,
        quorum=0,
        short_notice=None,
    )
    return NotificationQueued(
        mail=derived_id("bench", name, str(number)),
        person=invitations.person(number),
        seat=f"seat-{number % invitations.RECIPIENTS}",
        cause=derived_id("bench", name),
        content=content,
        queued_at=now,
        useful_until=None,
    )


def _attempted(queued: NotificationQueued) -> NotificationAttempted:
    return NotificationAttempted(mail=queued.mail, attempt=1, ambiguous=False, answer_by=queued.queued_at)


def _background(queued: NotificationQueued) -> Background:
    told = {queued.person: queued.seat}
    occasion = Occasion(order=1, cause=queued.cause, at=queued.queued_at, content=queued.content, recipients=told)
    return Background(Letter(queued.mail, occasion, queued.queued_at), calendar_sequence=0)
