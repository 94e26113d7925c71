"""Mails that came back, as reports in the office's mailbox say: recorded where no stranger can have said so.

Whoever writes a report has to know the mail's id, which only its recipient and the servers on its way do, and the
address that it went to. Ids of mails to the office itself can be worked out: of them no report is believed.
"""

from __future__ import annotations

import asyncio
import hashlib
from asyncio import to_thread
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

import structlog

from services.notifications import mail_log
from services.notifications.contacts import FindContact, NameAddress
from services.notifications.domain.mail_commands import RecordReturn
from services.notifications.domain.mail_state import MailEvent
from services.notifications.domain.office import office_in
from services.notifications.letters.office import own_domain
from services.notifications.mailbox.maildir import MOST_MAILS, all_in
from services.notifications.mailbox.report import Report, report_in
from services.notifications.projections import MAILS, NAMES
from shared.declarations.projection import Document
from shared.kernel.identifiers import Uuid, derived_id, stream_name
from shared.kernel.rejections import Busy
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.clock import Clock

log = structlog.get_logger()

LOOK_SECONDS = 10.0
READ_OF_A_MAIL = 128 * 1024
"""The number of bytes read from the beginning: a report comes before the returned mail, which may be long."""

Execute = Callable[[RecordReturn], Awaitable[Sequence[MailEvent]]]
Fate = Literal["returned", "delayed", "known", "early", "unknown_mail", "to_the_office", "other_recipient"]
"""The outcome for a report. ``known``: the mail has come back already, or is over. ``early``: it may not have gone out
yet. ``other_recipient``: also if the address was corrected long ago, or the person is erased.
"""
OVER: frozenset[Fate] = frozenset({"returned", "delayed", "known", "to_the_office"})
"""Final outcomes: such a report is not looked at again."""
Count = Callable[[Fate], None]


@dataclass(frozen=True, slots=True)
class Returns:
    """``domain`` is that of the office's address. ``count`` is called once for each report, by each process."""

    folder: Path
    domain: str
    projections: ProjectionStore
    find_contact: FindContact
    name_address: NameAddress
    execute: Execute
    clock: Clock
    count: Count
    _seen: dict[Uuid, Fate] = field(default_factory=dict)

    async def keep_looking(self) -> None:
        while True:
            try:
                await self.look()
            except (MongoUnavailable, OSError, Busy) as error:
                log.warning("mailbox waits", error=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Raises ``OSError``, ``MongoUnavailable``, ``Busy``."""
        reports = await to_thread(all_in, self.folder, _read, None)
        before = {name: self._seen[name] for name, _ in reports if name in self._seen}
        left = [(name, one) for name, one in reports if before.get(name) not in OVER]
        mails = await self._mails([one for _, one in left]) if left else {}
        fates = [(name, await self._see_to(name, one, mails.get(one))) for name, one in left]
        settled = {name: fate for name, fate in fates if fate != "early"}
        for name in settled.keys() - before.keys():
            self.count(settled[name])
        self._seen.clear()
        self._seen.update(before | settled)

    async def _mails(self, reports: Sequence[Report]) -> dict[Report, Document]:
        """By the half of the Message-ID that the conference sets."""
        conferences = [one["conference"] for one in await self.projections.find(NAMES, {"office": {"$ne": None}})]
        by_domain = {own_domain(one, self.domain).casefold(): one for one in conferences}
        streams = {
            one: stream_name(by_domain[one.domain], "mail", one.mail) for one in reports if one.domain in by_domain
        }
        found = await self.projections.load(MAILS, [*{*streams.values()}]) if streams else {}
        return {one: found[stream] for one, stream in streams.items() if stream in found}

    async def _see_to(self, name: Uuid, report: Report, mail: Document | None) -> Fate:
        if mail is None:
            return "unknown_mail"
        if mail["person"] == office_in(mail["conference"]):
            return "to_the_office"
        if name in mail.get("reports", ()) or mail["state"] not in ("queued", "attempting", "deferred", "sent"):
            return "known"
        email = await self._address_of(report, mail)
        if email is None:
            return "other_recipient"
        if report.claim == "delayed":
            return self._note_delay(name, mail)
        if mail["state"] != "sent":
            return "early"
        address = await self.name_address(mail["person"], email) if report.claim == "rejected" else None
        told = {"conference": mail["conference"], "at": self.clock.now(), "by": "mailbox", "address": address}
        events = await self.execute(RecordReturn(mail=mail["mail"], report=name, reason=report.claim, **told))
        mail_log.tell(events, mail_log.about(mail))
        return "returned" if events else "known"

    async def _address_of(self, report: Report, mail: Document) -> str | None:
        """The recipient's address, if the report names it; also one that was corrected since."""
        contact = await self.find_contact(mail["person"])
        emails = contact.emails if contact else ()
        return next((email for email in emails if email.casefold() in report.recipients), None)

    def _note_delay(self, name: Uuid, mail: Document) -> Fate:
        if name not in self._seen:
            log.info("mail delayed", **mail_log.about(mail))
        return "delayed"


@lru_cache(2 * MOST_MAILS)
def _read(path: str, _written: int) -> Sequence[tuple[Uuid, Report]]:
    """Each file is read once. A report's id follows from its bytes and reveals nothing of them."""
    with Path(path).open("rb") as file:
        mail = file.read(READ_OF_A_MAIL)
    report = report_in(mail)
    return [(derived_id("report", hashlib.sha256(mail).hexdigest()), report)] if report else []
