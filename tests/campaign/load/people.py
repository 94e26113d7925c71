"""The people of the load: opaque ids, and details that occur nowhere else, so that they can be searched for."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from random import Random

from shared.kernel.identifiers import derived_id
from tests.campaign.history import History

ON_PAPER = 5
"""Every fifth has no e-mail address and gets letters."""


@dataclass
class Register:
    history: History
    known: list[str] = field(default_factory=list)
    _count: int = 0

    def somebody_new(self) -> tuple[str, dict[str, object]]:
        """The id and the first details."""
        self._count += 1
        person = derived_id("campaign-person", str(self._count))
        self.known.append(person)
        name, email = canaries(person), self._email(person)
        self.history.write("person", person=person, name=name, email=email)
        return person, details(person, email, edition=1)

    def new_details(self, person: str, dice: Random) -> dict[str, object]:
        return details(person, self._email(person), edition=dice.randrange(2, 1000))

    def gone(self, person: str) -> None:
        self.known.remove(person)

    def _email(self, person: str) -> str | None:
        number = int(person[:4], 16)
        return None if number % ON_PAPER == 0 else f"{canaries(person).lower()}@post.example.org"


def canaries(person: str) -> str:
    return f"Zeisig{sha256(person.encode()).hexdigest()[:10]}"


def details(person: str, email: str | None, edition: int) -> dict[str, object]:
    name = canaries(person)
    address = f"{name}weg {edition}, 70173 Stuttgart"
    return {"name": name, "salutation": "Guten Tag", "email": email, "postal_address": address}
