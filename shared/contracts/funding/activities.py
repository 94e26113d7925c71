"""What the conference did in the time of a grant, as the proof of use tells it: numbers, never persons."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from shared.contracts.meetings import SessionKind
from shared.kernel.identifiers import Slug, Uuid
from shared.kernel.text import Line
from shared.kernel.values import Value, counted_in

Came = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""What was counted, never typed by anybody."""


class SeatsOfGroup(Value):
    """How many seats of a group came."""

    group: Slug
    """The seat group."""
    name: Line
    """What it was called then."""
    seats: Annotated[Came, counted_in("seats")]
    """How many of its seats."""


class SessionHeld(Value):
    """A session that was held, of the plenary, of a working group, or a workshop."""

    session: Slug
    """The session."""
    kind: SessionKind
    """Whose session it was; a workshop stands alone."""
    title: Line
    """What it was called."""
    on: date
    """The day of it."""
    groups: tuple[SeatsOfGroup, ...]
    """Whose seats came; a seat counts once, whoever filled it."""
    guests: Annotated[Came, counted_in("people")]
    """How many people came without a seat."""
    event: Uuid
    """The event by which it was closed."""


class RecommendationMade(Value):
    """A recommendation that was adopted."""

    recommendation: Slug
    """The recommendation."""
    title: Line
    """What it recommends, in one line."""
    session: Slug
    """The session that has decided."""
    on: date
    """The day of that session."""
    event: Uuid
    """The event by which it was adopted."""


class Activities(Value):
    """What meetings had told of the grant's period when the figures were frozen, in the order of its days."""

    sessions: tuple[SessionHeld, ...]
    """The sessions held."""
    recommendations: tuple[RecommendationMade, ...]
    """The recommendations adopted."""
