"""What a service makes of events: views, reactions and deadlines, declared as pure functions.

The runtime calls them; nothing here knows a database or a broker. All three may be called again with the same event
and must then say the same again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from shared.contracts.envelope import Envelope
from shared.kernel.decider import Command, Event

Document = dict[str, Any]
"""Strings, whole numbers, booleans, None, lists and dicts only: days and moments as ISO text, which sorts as it should.

The runtime keeps ``_id``, ``conference``, ``stream`` and ``sequence`` in every document; folds leave them alone.
"""


class Delivered(NamedTuple):
    """An event as it arrived: who said it where, and what it says."""

    envelope: Envelope
    event: Event


@dataclass(frozen=True, slots=True)
class View:
    """What a service remembers. Every document has exactly one source stream: join when reading.

    ``keys`` names the documents an event touches, ``fold`` gives each one's new content (never deletes),
    ``indexes`` are the fields, beside ``conference``, that queries of many documents filter or sort by.
    """

    name: str
    events: frozenset[type[Event]]
    keys: Callable[[Delivered], Iterable[str]]
    fold: Callable[[Document | None, Delivered], Document]
    indexes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reaction:
    """An event leads to commands of our own. Their ids derive from event, reaction and stream, so each happens once."""

    name: str
    events: frozenset[type[Event]]
    react: Callable[[Delivered], Iterable[Command]]


@dataclass(frozen=True, slots=True)
class Deadline:
    """Due means passed and not yet announced, never "is today": a service that was down announces late, but once.

    A document of ``view`` whose ``due`` (ISO moment or None) has passed leads to one command; the event it causes
    moves or clears ``due``.
    """

    view: View
    command: Callable[[Document, datetime], Command]
