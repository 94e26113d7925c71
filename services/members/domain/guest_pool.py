"""The list of a guest pool: people without a seat whom one command admits to a session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from services.members.domain.person import PersonUnknown
from shared.contracts.members import GuestPoolJoined, GuestPoolLeft
from shared.kernel.decider import Command, Decider
from shared.kernel.identifiers import PersonId, Slug, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.values import Supplied

# Events

GuestPoolEvent = GuestPoolJoined | GuestPoolLeft

# State


@dataclass(frozen=True, slots=True)
class GuestPool:
    people: frozenset[PersonId] = frozenset()


def evolve(pool: GuestPool, event: GuestPoolEvent) -> GuestPool:
    match event:
        case GuestPoolJoined():
            return GuestPool(pool.people | {event.person})
        case GuestPoolLeft():
            return GuestPool(pool.people - {event.person})
        case _:
            assert_never(event)


# Commands


class _AboutPool(Command):
    pool: Slug
    person: PersonId

    @property
    def stream(self) -> str:
        return stream_name(self.conference, "guest-pool", self.pool)


class JoinGuestPool(_AboutPool):
    """Put a person on the list of a guest pool."""

    person_known: Supplied[bool]


class LeaveGuestPool(_AboutPool):
    """Take a person off the list of a guest pool; invitations that they have stay valid."""


GuestPoolCommand = JoinGuestPool | LeaveGuestPool

MOST_ON_A_LIST = 200
"""One event can invite this many people."""

# Rejections


class GuestPoolNotInvited(Rejected):
    """Einen Gästekreis „{pool}“ gibt es nicht; „InviteGuestPool“ lädt einen ein."""

    kind = Kind.NOT_FOUND


class GuestPoolIsFull(Rejected):
    """Auf der Liste des Gästekreises „{pool}“ stehen schon {most} Personen; mehr sind nicht vorgesehen."""


# decide


def decide(pool: GuestPool, command: GuestPoolCommand) -> Sequence[GuestPoolEvent]:
    match command:
        case JoinGuestPool():
            return _join(pool, command)
        case LeaveGuestPool():
            is_there = command.person in pool.people
            return [GuestPoolLeft(pool=command.pool, person=command.person)] if is_there else []
        case _:
            assert_never(command)


def _join(pool: GuestPool, join: JoinGuestPool) -> Sequence[GuestPoolEvent]:
    if not join.person_known:
        raise PersonUnknown
    if join.person in pool.people:
        return []
    if len(pool.people) >= MOST_ON_A_LIST:
        raise GuestPoolIsFull(pool=join.pool, most=MOST_ON_A_LIST)
    return [GuestPoolJoined(pool=join.pool, person=join.person)]


GUEST_POOL = Decider("guest-pool", GuestPool(), evolve, decide)
