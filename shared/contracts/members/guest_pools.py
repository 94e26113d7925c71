"""Who is on the list of a guest pool, and can be admitted to a session with it (GRDrs 905/2023, lines 226-229)."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.not_public import A_PERSON
from shared.kernel.decider import Event
from shared.kernel.identifiers import PersonId, Slug


class OfGuestPool(Event):
    """Something happens to the list of one pool."""

    pool: Slug
    """The pool: the last part of the stream's name."""
    person: PersonId
    """Who: an opaque id."""


class GuestPoolJoined(OfGuestPool):
    """{person} is on the list of guest pool {pool}.

    Said when somebody is to be admitted to sessions together with the pool.
    """

    german: ClassVar[str] = "{person} steht auf der Liste des Gästekreises {pool}."
    not_public: ClassVar[str] = A_PERSON


class GuestPoolLeft(OfGuestPool):
    """{person} is no longer on the list of guest pool {pool}.

    Said when somebody is taken off the list, also because they are erased; sessions before stay as they were.
    """

    german: ClassVar[str] = "{person} steht nicht mehr auf der Liste des Gästekreises {pool}."
    not_public: ClassVar[str] = A_PERSON
