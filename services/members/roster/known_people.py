"""Whom a row means: the person of that id, else the one of that name and address, else somebody who is new.

An id is drawn at random and says nothing; so a name and an address are all that two lists have in common. Whenever
they fit more than one person, the row is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from services.members.domain.person import PersonUnknown
from services.members.roster.entries import Told
from shared.contracts.people import PersonDetails
from shared.kernel.identifiers import PersonId
from shared.kernel.rejections import Kind, Rejected

FIELDS = ("name", "salutation", "email", "postal_address")


class SeveralOfThatName(Rejected):
    """Mehrere Personen heißen so: Die E-Mail-Adresse oder die Spalte „Kennung“ muss sagen, wer gemeint ist."""

    kind = Kind.INVALID


class ToldDifferently(Rejected):
    """Die Zeile {row} sagt über dieselbe Person etwas anderes ({fields})."""

    kind = Kind.INVALID


class KnownPeople:
    """``people`` are the conference's, without erased ones; ``told`` is what the file says of everybody in it."""

    def __init__(
        self, people: Mapping[PersonId, PersonDetails], told: Iterable[Told], new: Callable[[], PersonId]
    ) -> None:
        self._people = dict(people)
        self._new = new
        self._first: dict[PersonId, tuple[int, Told]] = {}
        addresses: dict[str, set[str]] = {}
        for one in told:
            addresses.setdefault(alike(one.name), set()).add((one.email or "").casefold())
        self._namesakes = {name for name, told_of in addresses.items() if len(told_of - {""}) > 1}

    def meant(self, row: int, about: Told, named: PersonId | None) -> tuple[PersonId, PersonDetails | None]:
        """The person's id, and the details to record; None if they are known. Raises ``Rejected``."""
        person = named or self._found(about)
        if named and named not in self._people:
            raise PersonUnknown
        person = person or self._new()
        self._must_agree(row, person, about)
        known = self._people.get(person)
        details = _over(known, about)
        self._people[person] = details
        return person, None if details == known else details

    def _found(self, about: Told) -> PersonId | None:
        name, email = alike(about.name), (about.email or "").casefold()
        same = [person for person, known in self._people.items() if alike(known.name) == name]
        exact = [person for person in same if email and (self._people[person].email or "").casefold() == email]
        fit = exact or ([] if name in self._namesakes and email else same)
        if len(fit) > 1 or (name in self._namesakes and not email):
            raise SeveralOfThatName
        return fit[0] if fit else None

    def _must_agree(self, row: int, person: PersonId, about: Told) -> None:
        """Rows about one person must agree with the first of them in all that both say."""
        first, before = self._first.setdefault(person, (row, about))
        both = [(name, getattr(before, name), getattr(about, name)) for name in FIELDS]
        if differing := [name for name, one, other in both if one and other and one != other]:
            raise ToldDifferently(row=first, fields=", ".join(differing))


def alike(name: str) -> str:
    """The name without differences in spacing: two blanks or a no-break space make no other person."""
    return " ".join(name.split()).casefold()


def _over(known: PersonDetails | None, about: Told) -> PersonDetails:
    """What the row says, and what is known where it says nothing."""
    said = {name: value for name in FIELDS if (value := getattr(about, name))}
    if known is None:
        return PersonDetails(**{"salutation": about.addressed_as, **said})
    kept = known.model_dump()
    return PersonDetails(
        **{**kept, **{name: value for name, value in said.items() if (kept[name] or "").strip() != value}}
    )
