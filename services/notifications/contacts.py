"""How to write to people: the copy of what the members service says of them. An erased person's details are null."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from services.notifications.domain.office import contact_of_office, office_in
from services.notifications.mailserver.only_to import EVERYBODY, OnlyTo
from services.notifications.steps import Awaited
from shared.contracts.people import PersonDetails
from shared.declarations.projection import Document
from shared.kernel.identifiers import ConferenceSlug, PersonId, Uuid, derived_id
from shared.runtime.delivery.state_copy import StateCopy

FindContact = Callable[[PersonId], Awaitable["Contact | None"]]
NameAddress = Callable[[PersonId, str], Awaitable[Uuid | None]]
"""The id of an address that was refused; None where it is not the person's any more."""
IsSuspended = Callable[[ConferenceSlug, Uuid], Awaitable[bool]]
"""Whether an address of a conference's person is."""
HasHeardAll = Callable[[PersonId], Awaitable[bool]]
"""Whether the copy has all that was said of a person by the moment of the question, as the broker knows it."""

NOT_PUBLISHED_YET = 600.0
"""Seconds: so long at least somebody unknown is waited for. What members has accepted may come later than the event
that names the person, each from an outbox of its own."""


@dataclass(frozen=True, slots=True)
class Contact:
    """``details`` is None once the person is erased.

    ``address`` names the e-mail address where it was refused once: an id from which nothing of it can be worked out.
    """

    details: PersonDetails | None
    address: Uuid | None = None
    is_suspended: bool = False


class Contacts(StateCopy):
    """``refused`` beside the details is the address that was refused last and its id; a null takes it away as well."""

    beside: ClassVar[Sequence[str]] = ("refused",)

    async def get(self, person: PersonId) -> Contact | None:
        """None: nothing has arrived about this person yet."""
        found = await self._collection.find_one({"_id": person})
        return _contact(found) if found else None

    async def name_address(self, person: PersonId, email: str) -> Uuid | None:
        """The id of an address that was refused, the same each time; None where it is not the person's any more."""
        found = await self._collection.find_one({"_id": person})
        contact = _contact(found) if found else None
        if not found or not contact or not contact.details or contact.details.email != email:
            return None
        if contact.address is None:
            named = derived_id("address", person, str(found["version"]))
            here = {"_id": person, "version": found["version"]}
            await self._collection.update_one(here, {"$set": {"refused": {"email": email, "address": named}}})
            return await self.name_address(person, email)
        return contact.address


def _contact(found: Document) -> Contact:
    if found["details"] is None:
        return Contact(None)
    details, refused = PersonDetails.model_validate(found["details"]), found.get("refused") or {}
    return Contact(details, refused["address"] if details.email and refused.get("email") == details.email else None)


class AwaitedContacts:
    """Nobody is unknown before everything that was ever said has been heard. ``clock`` in seconds, the machine's."""

    def __init__(self, find: FindContact, has_heard_all: HasHeardAll, clock: Callable[[], float]) -> None:
        self._find = find
        self._has_heard_all = has_heard_all
        self._clock = clock
        self._missing_since: dict[PersonId, float] = {}

    async def get(self, person: PersonId) -> Contact | Awaited | None:
        """None: nothing will come. Asked once more when all has been heard: it may have come meanwhile."""
        found = await self._find(person)
        if found is None and not await self._is_surely_missing(person):
            return Awaited()
        self._missing_since.pop(person, None)
        return found or await self._find(person)

    async def _is_surely_missing(self, person: PersonId) -> bool:
        since = self._missing_since.setdefault(person, self._clock())
        return self._clock() - since >= NOT_PUBLISHED_YET and await self._has_heard_all(person)


class Recipients:
    """Of mails: the office by its own address, everybody else by what members says of them."""

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
        """That a contact was corrected is not said by the contact as it was before."""
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
        """Of the office's own nothing is suspended: it would not be told of it."""
        if mail["person"] == office_in(mail["conference"]):
            return None
        return await self._name_address(mail["person"], email)
