"""What to search for a person, and what each place may contain.

An opaque id may be everywhere. Contact details may be in the owner's collection, in its copies and in the topic between
them, until the person is erased; and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Verdict = Literal["nothing", "id only", "kept", "going", "delivered", "not searched", "LEFT"]
Found = Literal["details", "id"]

WORST_FIRST: tuple[Verdict, ...] = ("LEFT", "going", "kept", "delivered", "not searched", "id only", "nothing")
SHORTEST = 4
"""The shortest word that is searched for, in letters: shorter ones are everywhere."""
EXAMPLES = 3


@dataclass
class Needles:
    """The person's id, the words that the user asked for, and everything known of how to write to the person."""

    person: str
    asked: frozenset[str] = frozenset()
    learned: set[str] = field(default_factory=set)

    @property
    def words(self) -> frozenset[str]:
        return self.asked | self.learned

    def learn(self, details: Mapping[str, Any] | None) -> None:
        """A salutation identifies the person if it has the last word of the name."""
        told = details or {}
        name, salutation = str(told.get("name") or ""), str(told.get("salutation") or "")
        named = [salutation] if name and name.rsplit(maxsplit=1)[-1] in salutation else []
        words = [name, told.get("email"), told.get("postal_address"), *named]
        self.learned |= {word for word in words if word and len(word) >= SHORTEST}

    def find(self, content: bytes) -> Found | None:
        """Also in another case, or with JSON escapes."""
        low = content.lower()
        if any(form in content or form.lower() in low for word in self.words for form in _forms(word)):
            return "details"
        return "id" if self.person.encode() in low else None


def _forms(word: str) -> set[bytes]:
    return {form.encode() for one in (word, word.lower()) for form in (one, json.dumps(one)[1:-1])}


@dataclass
class Place:
    """Everything that was searched under one name, and the worst finding."""

    name: str
    searched: int = 0
    found: int = 0
    verdict: Verdict = "nothing"
    gone_by: datetime | None = None
    where: list[str] = field(default_factory=list)

    def holds(self, verdict: Verdict, where: str = "", gone_by: datetime | None = None) -> None:
        if verdict == "nothing":
            return
        self.found += 1
        if gone_by is not None:
            self.gone_by = max(gone_by, self.gone_by or gone_by)
        if WORST_FIRST.index(verdict) < WORST_FIRST.index(self.verdict):
            self.verdict, self.where = verdict, []
        if verdict == self.verdict and where and len(self.where) < EXAMPLES:
            self.where.append(where)

    def looks_at(self, content: bytes, needles: Needles, where: str) -> None:
        """Where an id is allowed and details are not."""
        self.searched += 1
        match needles.find(content):
            case "details":
                self.holds("LEFT", where)
            case "id":
                self.holds("id only", where)
            case None:
                pass


def left(places: Iterable[Place]) -> list[Place]:
    return [place for place in places if place.verdict == "LEFT"]
