"""How to write to people: the copy of what the members service says of them. An erased person's details are null."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import ClassVar

import structlog

from services.notifications.domain.office import contact_of_office, office_in
from services.notifications.mailserver.only_to import EVERYBODY, OnlyTo
from services.notifications.steps import Awaited
from shared.contracts.people import PersonDetails
from shared.declarations.projection import Document
from shared.kernel.identifiers import ConferenceSlug, PersonId, Uuid, derived_id
from shared.kernel.time import iso
from shared.runtime.delivery.state_copy import State, StateCopy
from shared.runtime.gathered import Gathered
from shared.runtime.mongo.driver import Collection, MongoUnavailable
from shared.runtime.observing.clock import Clock

log = structlog.get_logger()

FindContact = Callable[[PersonId], Awaitable["Contact | None"]]
AwaitContact = Callable[[PersonId], Awaitable["Contact | Awaited | None"]]
"""None if everything was read, and nothing will come."""
NameAddress = Callable[[PersonId, str], Awaitable[Uuid | None]]
"""The id of a refused address; None if the person is erased."""
SuspendedOf = Callable[[Sequence[PersonId]], Awaitable[Mapping[PersonId, Sequence[Uuid]]]]
"""The ids of people's suspended addresses, in any conference."""
IsSuspended = Callable[[ConferenceSlug, Uuid], Awaitable[bool]]
"""Whether an address of a conference's person is suspended."""
HasHeardAll = Callable[[PersonId], Awaitable[bool]]
"""Whether the copy has everything about a person that the broker had when this was called."""

REPORTS_COME = timedelta(days=7)
"""Reports on a mail may come this long after it: RFC 5321 (4.5.4.1) has servers try for four or five days."""
MOST_EARLIER = 10
"""The most earlier addresses of one person within that time."""
FORGET_SECONDS = 3600.0
NOT_PUBLISHED_YET = 600.0
"""Seconds to wait at least for an unknown person. The event that names a person and the person's state come from two
outboxes of members, so the state may come later.
"""


@dataclass(frozen=True, slots=True)
class Contact:
    """``details`` is None once the person is erased.

    ``address`` names the e-mail address where it was refused once: an id from which nothing of it can be worked out.
    ``version`` is that of the copy, 0 where nobody asks for it.
    """

    details: PersonDetails | None
    address: Uuid | None = None
    is_suspended: bool = False
    version: int = field(default=0, compare=False)
    since: int | None = field(default=None, compare=False)
    """The version that the address came with; None where members did not keep it yet."""
    earlier: Sequence[str] = field(default=(), compare=False)
    """The addresses before this one, as long as reports of mails to them may come."""

    @property
    def emails(self) -> Sequence[str]:
        """To which mails may have gone."""
        return [email for email in (self.details and self.details.email, *self.earlier) if email]

    def email_of(self, address: Uuid) -> str | None:
        return self.details.email if self.details and self.address == address else None

    def has_left(self, person: PersonId, address: Uuid) -> bool:
        """Whether the address of this id is certainly not the person's any more; False while the
        copy is older than it.
        """
        if self.details is None:
            return True
        versions = range(self.version + 1)
        is_known = address in {one for version in versions for one in (_name(person, version), _left(person, version))}
        return is_known and address not in self._names(person)

    def _names(self, person: PersonId) -> Sequence[Uuid | None]:
        """All ids that the person's present address may have."""
        if self.since is None or self.details is None or self.details.email is None:
            return (self.address,)
        return [_name(person, version) for version in range(self.since, self.version + 1)]


async def nothing_suspended(_people: Sequence[PersonId]) -> Mapping[PersonId, Sequence[Uuid]]:
    return {}


class Contacts(StateCopy):
    """``refused`` beside the details: the last refused address and its id, for contacts of an old version; ``earlier``:
    former addresses. A null removes both.
    """

    beside: ClassVar[Sequence[str]] = ("refused", "earlier")

    def __init__(
        self,
        collection: Collection,
        suspended_of: SuspendedOf = nothing_suspended,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """``now`` says that reports of mail servers are read: only for them an earlier address is kept."""
        super().__init__(collection)
        self._suspended = Gathered(suspended_of)
        self._now = now
        self._known = Gathered(self._find)

    async def hear(self, states: Sequence[State], refused: Sequence[State] = ()) -> None:
        if self._now:
            await self._keep_earlier(states, iso(self._now() + REPORTS_COME))
        await super().hear(states, refused)

    async def _keep_earlier(self, states: Sequence[State], until: str) -> None:
        told = {key: (version, details.email) for key, version, details in states if details}
        where = {"_id": {"$in": [*told]}, "details.email": {"$ne": None}}
        async for known in self._collection.find(where, {"version": True, "details.email": True, "earlier": True}):
            (version, email), was = told[known["_id"]], known["details"]["email"]
            if version > known["version"] and email != was:
                here = {"_id": known["_id"], "version": known["version"]}
                earlier = [*_earlier(known), {"email": was, "until": until}][-MOST_EARLIER:]
                await self._collection.update_one(here, {"$set": {"earlier": earlier}})

    async def keep_forgetting(self, clock: Clock) -> None:
        while True:
            try:
                await self.forget_earlier(clock.now())
            except MongoUnavailable as error:
                log.warning("earlier addresses stay", error=type(error).__name__)
            await asyncio.sleep(FORGET_SECONDS)

    async def forget_earlier(self, now: datetime) -> None:
        """Deletes earlier addresses on which no report comes any more."""
        async for known in self._collection.find(
            {"earlier.until": {"$lt": iso(now)}}, {"version": True, "earlier": True}
        ):
            here = {"_id": known["_id"], "version": known["version"], "earlier": known["earlier"]}
            kept = [one for one in _earlier(known) if one["until"] >= iso(now)]
            await self._collection.update_one(here, {"$set": {"earlier": kept}})

    async def get(self, person: PersonId) -> Contact | None:
        """None if nothing has arrived about this person yet."""
        found = await self._known.get(person)
        return await self._contact(found) if found else None

    async def _find(self, people: Sequence[PersonId]) -> Mapping[PersonId, Document]:
        return {one["_id"]: one async for one in self._collection.find({"_id": {"$in": people}})}

    async def name_address(self, person: PersonId, email: str) -> Uuid | None:
        """The id of a refused address, always the same; None if the person is erased.

        A former address has an id too: what was refused there is sent to the new one.
        """
        found = await self._collection.find_one({"_id": person})
        if found is None:
            return _left(person, 0)
        contact = await self._contact(found)
        if contact.details is None:
            return None
        if contact.details.email != email:
            return _left(person, contact.version)
        named = contact.address or _name(person, contact.since or contact.version)
        if contact.since is None and (not found.get("refused") or found["refused"]["address"] != named):
            here = {"_id": person, "version": contact.version}
            await self._collection.update_one(here, {"$set": {"refused": {"email": email, "address": named}}})
            return await self.name_address(person, email)
        return named

    async def _contact(self, found: Document) -> Contact:
        """The suspension names the refused address, by a version of the contact.

        If it does not, the copy's own note does; without a note, any earlier suspension counts.
        """
        person, version = found["_id"], found["version"]
        if found["details"] is None:
            return Contact(None, version=version)
        told, refused = dict(found["details"]), found.get("refused")
        since: int | None = told.pop("email_since", None)
        details = PersonDetails.model_validate(told)
        earlier = [one["email"] for one in _earlier(found)]
        contact = Contact(details, version=version, since=since, earlier=earlier)
        if details.email is None:
            return contact
        if refused and since is None:
            return replace(contact, address=refused["address"] if refused["email"] == details.email else None)
        suspended = await self._suspended.get(person) or ()
        versions = range(since or 1, version + 1)
        named = [one for number in versions if (one := _name(person, number)) in suspended]
        return replace(contact, address=named[-1] if named else None)


def _earlier(found: Document) -> Sequence[Mapping[str, str]]:
    """In their order. Old copies kept only one."""
    kept = found.get("earlier") or []
    return kept if isinstance(kept, list) else [kept]


def _name(person: PersonId, version: int) -> Uuid:
    """The id of the address in this version of the contact."""
    return derived_id("address", person, str(version))


def _left(person: PersonId, version: int) -> Uuid:
    """The id of any address that was the person's before this version."""
    return derived_id("address", person, str(version), "left")


class AwaitedContacts:
    """A person is unknown only after everything on the topic has been read. ``clock`` is the machine's, in seconds."""

    def __init__(self, find: FindContact, has_heard_all: HasHeardAll, clock: Callable[[], float]) -> None:
        self._find = find
        self._has_heard_all = has_heard_all
        self._clock = clock
        self._missing_since: dict[PersonId, float] = {}

    async def get(self, person: PersonId) -> Contact | Awaited | None:
        """None if nothing will come. It looks again after everything is read: the state may have come meanwhile."""
        found = await self._find(person)
        if found is None and not await self._is_surely_missing(person):
            return Awaited()
        self._missing_since.pop(person, None)
        return found or await self._find(person)

    async def _is_surely_missing(self, person: PersonId) -> bool:
        since = self._missing_since.setdefault(person, self._clock())
        return self._clock() - since >= NOT_PUBLISHED_YET and await self._has_heard_all(person)


class Recipients:
    """The office by its own address, everybody else by the state that members publishes."""

    def __init__(
        self,
        people: AwaitedContacts,
        has_heard_all: HasHeardAll,
        is_suspended: IsSuspended,
        name_address: NameAddress,
        office_email: str,
        only_to: OnlyTo = EVERYBODY,
    ) -> None:
        self._people = people
        self._has_heard_all = has_heard_all
        self._is_suspended = is_suspended
        self._name_address = name_address
        self._office = Contact(contact_of_office(office_email))
        self.may_be_written_to = only_to.allows

    async def get(self, mail: Document) -> Contact | Awaited | None:
        """Waits for the corrected contact: the one before does not say that it was corrected."""
        person = mail["person"]
        if person == office_in(mail["conference"]):
            return self._office
        if mail["kind"] == "contact" and not await self._has_heard_all(person):
            return Awaited()
        found = await self._people.get(person)
        if not isinstance(found, Contact) or found.address is None:
            return found
        return replace(found, is_suspended=await self._is_suspended(mail["conference"], found.address))

    async def name_address(self, mail: Document, email: str) -> Uuid | None:
        """The office's own address is never suspended: the office could not be told."""
        if mail["person"] == office_in(mail["conference"]):
            return None
        return await self._name_address(mail["person"], email)
