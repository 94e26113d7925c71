"""How to write to people: the copy of what the members service says of them. An erased person's details are null."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.notifications.domain.office import contact_of_office, office_in
from services.notifications.steps import Awaited
from shared.contracts.people import PersonDetails
from shared.declarations.projection import Document
from shared.kernel.identifiers import PersonId
from shared.runtime.delivery.state_copy import StateCopy

FindContact = Callable[[PersonId], Awaitable["Contact | None"]]
HasHeardAll = Callable[[PersonId], Awaitable[bool]]
"""Whether the copy has all that was said of a person by the moment of the question, as the broker knows it."""

NOT_PUBLISHED_YET = 600.0
"""Seconds: so long at least somebody unknown is waited for. What members has accepted may come later than the event
that names the person, each from an outbox of its own."""


@dataclass(frozen=True, slots=True)
class Contact:
    """``details`` is None once the person is erased."""

    details: PersonDetails | None


class Contacts(StateCopy):
    async def get(self, person: PersonId) -> Contact | None:
        """None: nothing has arrived about this person yet."""
        found = await self._collection.find_one({"_id": person})
        if found is None:
            return None
        return Contact(found["details"] and PersonDetails.model_validate(found["details"]))


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

    def __init__(self, people: AwaitedContacts, has_heard_all: HasHeardAll, office_email: str) -> None:
        self._people = people
        self._has_heard_all = has_heard_all
        self._office = Contact(contact_of_office(office_email))

    async def get(self, mail: Document) -> Contact | Awaited | None:
        """That a contact was corrected is not said by the contact as it was before."""
        person = mail["person"]
        if person == office_in(mail["conference"]):
            return self._office
        if mail["kind"] == "contact" and not await self._has_heard_all(person):
            return Awaited()
        return await self._people.get(person)
