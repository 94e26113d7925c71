"""What calendars propose to record: of each person that is asked to a session, the newest reply to the appointment."""

from __future__ import annotations

import hashlib
from asyncio import to_thread
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from services.notifications.contacts import FindContact
from services.notifications.domain.reply import DismissReply, ReplyUnknown
from services.notifications.letters.office import own_domain
from services.notifications.mailbox.maildir import MOST_MAILS, all_in
from services.notifications.mailbox.reply import Reply, reply_in
from services.notifications.projections import MAILS, queued_of
from services.notifications.projections.replies import DISMISSED
from shared.contracts.meetings import Answer
from shared.contracts.notifications import Invitation, Update
from shared.declarations.projection import Document
from shared.kernel.identifiers import ConferenceSlug, PersonId, Slug, Uuid, derived_id
from shared.kernel.rejections import Busy
from shared.runtime.delivery.stores import ProjectionStore


class MailboxAway(Busy):
    """The mailbox cannot be read now."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who is asked to come; only the holder of a seat can be represented.

    ``revision`` is that of the appointment: no calendar entry of it has a smaller sequence.
    """

    person: PersonId
    email: str
    starts: datetime
    has_seat: bool
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    reply: Uuid
    person: PersonId
    answer: Answer


@dataclass(frozen=True, slots=True)
class Proposals:
    """``folder`` None: the office has no mailbox here, and nothing is proposed. ``domain`` is that of its address."""

    folder: Path | None
    domain: str
    projections: ProjectionStore
    find_contact: FindContact

    async def of(self, conference: ConferenceSlug, session: Slug) -> list[Proposal]:
        """The proposals that nobody has dismissed. Raises ``MailboxAway``."""
        about = {"conference": conference, "session": session}
        dismissed = {one["reply"] for one in await self.projections.find(DISMISSED, about)}
        return [one for one in await self._all(conference, session) if one.reply not in dismissed]

    async def must_have(self, dismiss: DismissReply) -> None:
        """Raises ``ReplyUnknown``, ``MailboxAway``."""
        found = await self._all(dismiss.conference, dismiss.session)
        if all(one.reply != dismiss.reply for one in found):
            raise ReplyUnknown

    async def _all(self, conference: ConferenceSlug, session: Slug) -> list[Proposal]:
        if self.folder is None:
            return []
        asked = await self._asked(conference, session)
        try:
            replies = await to_thread(all_in, self.folder, _read) if asked else ()
        except OSError:
            raise MailboxAway from None
        uids = {f"{session}@{own_domain(conference, self.domain)}", f"{session}@{conference}.{self.domain}"}
        return list(proposed(asked, ((name, one) for name, one in replies if one.uid in uids), conference))

    async def _asked(self, conference: ConferenceSlug, session: Slug) -> list[Asked]:
        """From the last mail that put the appointment into their calendar."""
        where = {"conference": conference, "session": session, "kind": {"$in": ["invitation", "update"]}}
        found = await self.projections.find(MAILS, where, sort="queued_at")
        deputies = {mail["person"] for mail in found if mail["content"].get("as_deputy")}
        last = {mail["person"]: mail for mail in found}
        asked = [await self._asked_by(mail, who not in deputies) for who, mail in last.items()]
        return [one for one in asked if one]

    async def _asked_by(self, mail: Document, for_oneself: bool) -> Asked | None:
        contact, content = await self.find_contact(mail["person"]), queued_of(mail).content
        email = contact and contact.details and contact.details.email
        if not email or not isinstance(content, Invitation | Update):
            return None
        has_seat, when = for_oneself and bool(mail["seat"]), content.appointment
        return Asked(mail["person"], email.casefold(), when.starts, has_seat, when.revision)


def proposed(
    asked: Collection[Asked], replies: Iterable[tuple[str, Reply]], conference: ConferenceSlug
) -> Iterator[Proposal]:
    """``replies`` are the newest first, each with its id. An address that two people have proves nothing.

    A move asks again also where only the place is another, or the session moves back: an answer to before it is none.
    """
    by_email = {one.email: one for one in asked if sum(other.email == one.email for other in asked) == 1}
    for name, reply in replies:
        who = by_email.get(reply.attendee)
        if who is None or reply.starts != who.starts or reply.sequence < who.revision:
            continue
        del by_email[reply.attendee]
        if who.has_seat or reply.answer != "deputy":
            yield Proposal(derived_id("reply", conference, who.person, name), who.person, reply.answer)


@lru_cache(2 * MOST_MAILS)
def _read(path: str, _written: int) -> Sequence[tuple[str, Reply]]:
    """Each file is read once. A reply's id is a hash of its mail."""
    mail = Path(path).read_bytes()
    reply = reply_in(mail)
    return [(hashlib.sha256(mail).hexdigest(), reply)] if reply else []
