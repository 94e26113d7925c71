"""How to write to people: the copy of what the members service says of them. An erased person's details are null."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.people import PersonDetails
from shared.kernel.identifiers import PersonId
from shared.runtime.delivery.state_copy import StateCopy


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
