"""Projections: what a service remembers of its own and other services' events, as pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableMapping, Sequence
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
    next worker rebuilds. ``indexes`` are the fields, beside ``conference``, that queries of many documents filter or
    sort by.
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


Touched = Sequence[tuple[Projection, Key]]


class Folder:
    """The one way from an event to documents: delivery, rebuilding, ``kpk verify`` and the tests all take it."""

    def __init__(self, projections: Iterable[Projection]) -> None:
        self._projections: dict[type[Event], list[Projection]] = {}
        for one in projections:
            for event in one.events:
                self._projections.setdefault(event, []).append(one)

    @property
    def events(self) -> frozenset[type[Event]]:
        return frozenset(self._projections)

    def touched(self, event: Event | None, envelope: Envelope) -> Touched:
        """The documents that the event changes; none where no projection wants it. Raises what ``keys`` raises."""
        wanting = self._projections.get(type(event), ())  # type: ignore[arg-type]  # of no event there is nothing
        return [(one, Key(one.name, key)) for one in wanting for key in one.keys(event, envelope)]


def fold(
    documents: MutableMapping[Key, Document], event: Event | None, envelope: Envelope, touched: Touched
) -> list[Key]:
    """Folds one event into the documents that it touches: all of them or, when a fold raises, none.

    What has been folded into a document before is skipped by its sequence. Returns the keys that have changed.
    """
    changed: dict[Key, Document] = {}
    for one, key in touched:
        before = changed.get(key) or documents.get(key)
        if before is None or before["sequence"] < envelope.sequence:
            changed[key] = {
                **one.fold(before, event, envelope),
                "_id": key.id,
                "conference": envelope.conference,
                "stream": envelope.stream,
                "sequence": envelope.sequence,
            }
    documents.update(changed)
    return list(changed)
