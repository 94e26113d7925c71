"""The declaration of a service: its topics, deciders, projections and reactions, without any infrastructure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.contracts.registry import NAMES, ClaimedTwice
from shared.contracts.topics import Topic, public_of, state_of
from shared.declarations.projection import Projection
from shared.declarations.public import Published
from shared.declarations.reaction import Deadline, Reaction
from shared.kernel.decider import Command, Decider, Event

Deciders = Mapping[type[Command], Decider[Any, Any, Any]]


@dataclass(frozen=True, slots=True)
class Service:
    """``hears`` are the topics that its worker listens to. Raises ``ClaimedTwice``.

    Each event that it decides is of ``public``, or its class says why not: a test holds it.
    """

    name: str
    hears: tuple[Topic, ...]
    deciders: tuple[Decider[Any, Any, Any], ...] = ()
    projections: tuple[Projection, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    public: tuple[Published, ...] = ()

    def __post_init__(self) -> None:
        self._claim("command", [command.__name__ for one in self.deciders for command in one.commands])
        self._claim("event", [event.__name__ for one in self.deciders for event in one.events])
        self._claim_own(event for one in self.deciders for event in one.events)
        self._claim("projection", [one.name for one in self.projections])
        self._claim("reaction", [one.name for one in self.reactions])

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(topic.name for topic in self.hears)

    @property
    def own_topics(self) -> tuple[Topic, ...]:
        """Beside what it hears: where it says something in public, and what is so now."""
        return (public_of(self.name), state_of(self.name)) if self.public else ()

    @property
    def decided_by(self) -> Deciders:
        """Which decider decides which command: all commands of the service."""
        return {command: one for one in self.deciders for command in one.commands}

    @property
    def given(self) -> dict[str, type[Command]]:
        """By name the commands that callers may give: routes, the OpenAPI page and ``kpk send`` follow from these."""
        return {command.__name__: command for command in self.decided_by if command.given_by != "service"}

    @property
    def closed(self) -> dict[type[Event], str]:
        """Which of its events named readers alone may have, and why."""
        events = (event for one in self.deciders for event in one.events)
        return {event: event.not_public for event in events if event.not_public}

    @property
    def wanted(self) -> frozenset[type[Event]]:
        """The events that one of its projections or reactions has a use for."""
        found = frozenset[type[Event]]()
        return found.union(*(one.events for one in self.projections), *(one.events for one in self.reactions))

    def _claim(self, kind: str, names: Iterable[str]) -> None:
        if twice := [name for name, number in Counter(names).items() if number > 1]:
            raise ClaimedTwice(f"service {self.name}: {kind} {', '.join(twice)} is claimed twice")

    def _claim_own(self, events: Iterable[type[Event]]) -> None:
        """Each event is of one contract and each contract of one service, so no two services claim the same."""
        own = f"kpk.{self.name}."
        if foreign := [event.__name__ for event in events if not NAMES.get(event, "").startswith(own)]:
            raise ClaimedTwice(f"service {self.name}: event {', '.join(foreign)} is not of its own contract")
