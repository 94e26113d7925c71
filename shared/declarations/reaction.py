"""Reactions and deadlines: commands that a service gives itself after an event or at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from shared.contracts.envelope import Envelope
from shared.declarations.projection import Document, Projection
from shared.kernel.annotations import classes_in
from shared.kernel.decider import Command, Event

E = TypeVar("E", bound=Event)

React = Callable[[E, Envelope], Iterable[Command]]


@dataclass(frozen=True, slots=True)
class Reaction:
    """An event leads to commands. Their ids derive from event, reaction and stream, so each happens once.

    It acts on what is published after a worker first knew its name, never on what was there before.
    """

    name: str
    events: frozenset[type[Event]]
    react: React[Any]


def reaction(name: str) -> Callable[[React[E]], Reaction]:
    """Over a pure function of an event and its envelope; which events, its annotation says."""

    def declared(react: React[E]) -> Reaction:
        return Reaction(name, frozenset(classes_in(react, "event")), react)

    return declared


@dataclass(frozen=True, slots=True)
class Deadline:
    """Due means passed and not yet announced, never "is today": a service that was down announces late, but once.

    A document of ``projection`` whose ``due`` (ISO moment or None) has passed leads to one command; the event it causes
    moves or clears ``due``.
    """

    projection: Projection
    command: Callable[[Document, datetime], Command]
