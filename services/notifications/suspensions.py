"""Releases what is suspended and has been put right, and queues again what waited for it.

No event says that an address is another one now: a contact that was corrected may have another salutation alone. So it
is looked at, whenever a contact or an address was written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import structlog

from services.notifications import mail_log
from services.notifications.contacts import AwaitContact, Contact, NameAddress
from services.notifications.domain.address import AddressEvent, LiftSuspension
from services.notifications.domain.mail_commands import ResumeNotification
from services.notifications.domain.mail_state import MailEvent
from services.notifications.projections import MAILS
from services.notifications.projections.addresses import ADDRESSES
from services.notifications.steps import reason_to_give_up
from shared.declarations.projection import Document
from shared.kernel.identifiers import stream_name
from shared.kernel.rejections import Busy
from shared.kernel.time import iso
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.clock import Clock, until_due

log = structlog.get_logger()

LOOK_SECONDS, AGAIN_SECONDS = 10.0, 1.0

Lift = Callable[[LiftSuspension], Awaitable[Sequence[AddressEvent]]]
Resume = Callable[[ResumeNotification], Awaitable[Sequence[MailEvent]]]


@dataclass(frozen=True, slots=True)
class Suspensions:
    projections: ProjectionStore
    await_contact: AwaitContact
    name_address: NameAddress
    lift: Lift
    resume: Resume
    clock: Clock

    async def keep_looking(self, changed: Nudge) -> None:
        while True:
            try:
                await self.look()
                await until_due(self.clock, None, changed, LOOK_SECONDS)
            except (MongoUnavailable, Busy) as error:
                log.warning("suspended addresses wait", error=type(error).__name__)
                await asyncio.sleep(AGAIN_SECONDS)

    async def look(self) -> None:
        """Raises ``MongoUnavailable``, ``Busy``."""
        now = self.clock.now()
        for one in await self.projections.find(ADDRESSES, {"state": "suspended"}):
            await self._look_at(one, now)
        for mail in await _waiting(self.projections, now):
            events = await self.resume(ResumeNotification(mail=mail["mail"], address=mail["address"], **_at(mail, now)))
            mail_log.tell(events, mail_log.about(mail))

    async def _look_at(self, suspended: Document, now: datetime) -> None:
        """Nothing has changed for a person of whom nothing has arrived yet. A new copy learns refused addresses again.

        Of whom nothing will come, the topic has nothing any more: the null was missed.
        """
        person, address = suspended["person"], suspended["address"]
        contact = await self.await_contact(person)
        if isinstance(contact, Contact) and (email := contact.email_of(address)):
            await self.name_address(person, email)
        if reason_to_give_up(contact):
            await self._lift(suspended, "erased", now)
        elif isinstance(contact, Contact) and contact.has_left(person, address):
            await self._lift(suspended, "other_address", now)

    async def _lift(self, suspended: Document, because: Literal["other_address", "erased"], now: datetime) -> None:
        lift = LiftSuspension(address=suspended["address"], because=because, **_at(suspended, now))
        if await self.lift(lift):
            log.info("address released", stream=suspended["stream"], because=because)


async def _waiting(projections: ProjectionStore, now: datetime) -> list[Document]:
    """Mails that waited for a released address, or were refused at it and are still of use."""
    of_use = [{"useful_until": None}, {"useful_until": {"$gt": iso(now)}}]
    refused = {"state": "failed", "tried_again": False, "$or": of_use}
    where = {"address": {"$ne": None}, "$or": [{"state": "held"}, refused]}
    mails = [mail for mail in await projections.find(MAILS, where) if mail.get("address")]
    addresses = await projections.load(ADDRESSES, [*{_address_of(mail) for mail in mails}]) if mails else {}
    return [mail for mail in mails if _may_go(mail, addresses.get(_address_of(mail), {}))]


def _address_of(mail: Document) -> str:
    return stream_name(mail["conference"], "address", mail["address"])


def _may_go(mail: Document, address: Document) -> bool:
    """An erased person gets no mail; the waiting mail is looked at once more, and given up."""
    is_over = mail["state"] == "failed" and address.get("because") == "erased"
    return address.get("state") == "released" and not is_over


def _at(found: Document, now: datetime) -> Document:
    return {"conference": found["conference"], "at": now, "by": "sender"}
