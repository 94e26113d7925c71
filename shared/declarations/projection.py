"""Projections: what a service remembers of its own and other services' events, as pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from shared.contracts.envelope import Envelope
from shared.kernel.annotations import classes_in
from shared.kernel.decider import Event

Document = dict[str, Any]
"""Strings, whole numbers, booleans, None, lists and dicts only: days and moments as ISO text, which sorts as it should.

The runtime keeps ``_id``, ``conference``, ``stream`` and ``sequence`` in every document; folds leave them alone.
"""

E = TypeVar("E", bound=Event)

Fold = Callable[[Document | None, E, Envelope], Document]
Keys = Callable[[E, Envelope], Iterable[str]]


class Key(NamedTuple):
    """One document of one projection."""

    projection: str
    id: str


@dataclass(frozen=True, slots=True)
class Projection:
    """Every document has exactly one source stream: join when reading.

    ``events`` are those that its fold is annotated with. ``keys`` names the documents an event touches, ``fold`` gives
    each one's new content (never deletes). Raise ``version`` with every change of what a fold makes of an event: the
    next worker rebuilds. ``indexes`` are what queries of many documents filter by, then sort by, then count: fields
    with a blank between them, as ``conference state``. A query then looks at what it answers and at nothing else.
    """

    name: str
    events: frozenset[type[Event]]
    fold: Fold[Any]
    keys: Keys[Any]
    version: int
    indexes: tuple[str, ...]


def by_stream(_event: Event, envelope: Envelope) -> Iterable[str]:
    """The one document that tells of the event's stream."""
    return (envelope.stream,)


def projection(
    name: str, fold: Fold[E], keys: Keys[E] = by_stream, *, version: int = 1, indexes: tuple[str, ...] = ()
) -> Projection:
    return Projection(name, frozenset(classes_in(fold, "event")), fold, keys, version, indexes)
