"""The conference, its seat groups and working groups as they are now, and nobody who is in them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from shared.contracts.public.members import Number, Seats
from shared.contracts.states.state import PublicState
from shared.kernel.identifiers import Slug
from shared.kernel.text import Line
from shared.kernel.values import LeftOut, Value

SERVICE = "members.state"


class GuestPool(Value):
    """People without a seat who may attend at any time."""

    pool: Slug
    """The pool."""
    name: Line
    """What the pool is called."""


class Conference(PublicState):
    """The conference {name}, established by {reference}, run by {office}."""

    name: Line
    """What the conference is called."""
    reference: Line
    """The council paper that establishes it, as the council quotes it."""
    paper: LeftOut[Slug | None] = None
    """The key of the same paper, where it is one of this system."""
    office: Line
    """The office that runs the conference."""
    committee: Line
    """The council's committee that it reports to."""
    guest_pools: tuple[GuestPool, ...]
    """From which pools guests may attend at any time."""


class SeatGroup(PublicState):
    """Seat group {name} with {seats} seats. Who has them is not public."""

    group: Slug
    """The seat group."""
    name: Line
    """What the group is called."""
    number: Number
    """Its number in the council paper's list."""
    kind: Literal["delegated", "ex_officio"]
    """``delegated``: organisations nominate its delegates. ``ex_officio``: its seats follow a post."""
    seats: Seats
    """How many seats it has."""
    since: LeftOut[date | None] = None
    """The first day with so many seats; absent while it has as many as when it was opened."""


class WorkingGroup(PublicState):
    """Working group {name}. Who works in it is not public."""

    working_group: Slug
    """The working group."""
    name: Line
    """What the working group is called."""
    topics: tuple[Line, ...]
    """What it works on."""
    closed: bool
    """Whether its work is done."""
