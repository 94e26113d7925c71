"""A rejection is the sentence that is true, raised by the rule that refuses."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import ClassVar


class Kind(StrEnum):
    """What sort of no it is; the HTTP edge alone turns it into a status."""

    INVALID = "invalid"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    FORBIDDEN = "forbidden"


class Rejected(Exception):
    """Base of all rules. A subclass's docstring is the German sentence for the clerk; ``{name}`` takes a fact.

    Facts are dates, amounts, numbers and slugs: never anything about a person.
    """

    kind: ClassVar[Kind] = Kind.CONFLICT

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.rule)

    @property
    def rule(self) -> str:
        return type(self).__name__

    @property
    def title(self) -> str:
        """The rule's name as English words: ``SeatAlreadyFilled`` reads ``Seat already filled``."""
        return re.sub(r"(?<!^)(?=[A-Z])", " ", self.rule).capitalize()

    @property
    def detail(self) -> str:
        return (type(self).__doc__ or "").strip().format(**self.facts)


class Busy(Exception):
    """The stream is contended: the same request may succeed in a moment."""


class NotUpToDate(Busy):
    """Hier ist noch nicht alles angekommen, worauf es ankommt.

    Base of what may be late. As with a rejection, a subclass's docstring is the sentence for the clerk.
    """

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        self.may_be_decided_as_known = False
        super().__init__(type(self).__name__)

    @property
    def detail(self) -> str:
        late = (type(self).__doc__ or "").strip().partition("\n")[0].format(**self.facts)
        otherwise = (
            ", oder mit „as_known“ nach dem entscheiden, was bekannt ist" if self.may_be_decided_as_known else ""
        )
        return f"{late} Bitte gleich noch einmal versuchen{otherwise}."
