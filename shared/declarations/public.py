"""The public layer of one kind of stream: pure, from what the stream has told so far and an event to a public event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.contracts.public.event import PublicEvent
from shared.kernel.annotations import classes_in
from shared.kernel.decider import Decider, Event

S = TypeVar("S")
E = TypeVar("E", bound=Event)

Says = Callable[[S, E], PublicEvent | None]
"""The state is the decider's, of before the event: it holds whatever the stream has told. None: nothing, this time."""


Closed = Mapping[type[Event], str]
"""The other events of a service, and why nobody but named readers may have them."""


@dataclass(frozen=True, slots=True)
class Published:
    """``events`` are those that ``says`` is annotated with; whatever else the decider decides is closed."""

    decider: Decider[Any, Any, Any]
    events: frozenset[type[Event]]
    says: Says[Any, Any]


def published(decider: Decider[S, Any, Any], says: Says[S, E]) -> Published:
    return Published(decider, frozenset(classes_in(says, "event")), says)
