"""Whatever is decided, what follows by itself ends: no reaction answers an event that its own commands may lead to.

Over what the annotations say, for all services at once: an event of one may lead to commands of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import get_args, get_type_hints

import pytest

from services.funding.service import SERVICE as FUNDING
from services.meetings.service import SERVICE as MEETINGS
from services.members.service import SERVICE as MEMBERS
from services.notifications.domain.address import SuspendAddress
from services.notifications.service import SERVICE as NOTIFICATIONS
from shared.contracts.envelope import Envelope
from shared.contracts.notifications import AddressReleased, AddressSuspended
from shared.declarations.reaction import Reaction, reaction
from shared.declarations.service import Service
from shared.kernel.annotations import classes_in
from shared.kernel.decider import Event

SERVICES = (MEMBERS, MEETINGS, FUNDING, NOTIFICATIONS)
Follows = Mapping[type[Event], frozenset[type[Event]]]


def commands_of(one: Reaction) -> tuple[type, ...]:
    told = get_type_hints(one.react)["return"]
    return get_args(get_args(told)[0]) or get_args(told)


def follows(services: Iterable[Service], planted: Sequence[Reaction] = ()) -> Follows:
    """By event, all that may be said because of it at once."""
    found: dict[type[Event], frozenset[type[Event]]] = {}
    for service in services:
        deciders = service.decided_by
        reactions = [*service.reactions, *(one for one in planted if commands_of(one)[0] in deciders)]
        for one in reactions:
            said = frozenset(event for command in commands_of(one) for event in deciders[command].events)
            for event in one.events:
                found[event] = found.get(event, frozenset()) | said
    return found


def round_and_round(follows: Follows) -> set[str]:
    """Events that may lead to themselves."""
    reached = {event: set(said) for event, said in follows.items()}
    for _ in follows:
        for said in reached.values():
            said |= {further for event in said for further in follows.get(event, ())}
    return {event.__name__ for event, said in reached.items() if event in said}


def test_no_event_leads_to_itself() -> None:
    told = follows(SERVICES)
    assert len(told) > 10, "members' and meetings' events lead to mails, refused mails to suspensions"
    assert round_and_round(told) == set()


@reaction("suspend-again")
def suspend_again(event: AddressReleased, envelope: Envelope) -> Iterable[SuspendAddress]:
    raise NotImplementedError


def test_a_reaction_that_answers_what_follows_from_it_is_found() -> None:
    assert "AddressReleased" in round_and_round(follows(SERVICES, [suspend_again]))
    assert AddressSuspended in follows(SERVICES, [suspend_again])[AddressReleased]


@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.name)
def test_what_a_deadline_leads_to_is_folded_where_it_was_due(service: Service) -> None:
    """Else it would be due for ever: only by an event that its projection hears its moment moves."""
    deciders = service.decided_by
    for deadline in service.deadlines:
        for command in classes_in(deadline.command, "return"):
            assert set(deciders[command].events) & deadline.projection.events, command.__name__
