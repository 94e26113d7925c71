"""The public events and states of one kind of stream, as pure functions.

One makes a public event from an event and the earlier public events of the stream; one folds public events into a
state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.contracts.public.event import PublicEvent
from shared.contracts.states.state import PublicState
from shared.kernel.annotations import classes_in
from shared.kernel.decider import Decider, Event

S = TypeVar("S")
E = TypeVar("E", bound=Event)
P = TypeVar("P", bound=PublicEvent)
K = TypeVar("K", bound=PublicState)

Says = Callable[[S, E], PublicEvent | None]
"""The state is the decider's, of before the event: it holds whatever the stream has told. None: nothing, this time."""

Keeps = Callable[[K | None, P], K | None]
"""From what was so to what is so: of public events alone, so that nothing else can be in it. None: it is gone."""


@dataclass(frozen=True, slots=True)
class Published:
    """``events`` are those that ``says`` is annotated with; every other that the decider decides says why it is not.

    ``state`` is the class of what ``keeps`` leaves of them.
    """

    decider: Decider[Any, Any, Any]
    events: frozenset[type[Event]]
    says: Says[Any, Any]
    keeps: Keeps[Any, Any]
    state: type[PublicState]


def published(decider: Decider[S, Any, Any], says: Says[S, E], keeps: Keeps[K, P]) -> Published:
    [state] = [one for one in classes_in(keeps, "before") if one is not type(None)]
    return Published(decider, frozenset(classes_in(says, "event")), says, keeps, state)
