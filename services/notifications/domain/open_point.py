"""What notifications could not do by itself, because a rule said no."""

from __future__ import annotations

from collections.abc import Sequence

from shared.contracts.notifications import OpenPointSettled, ReactionRefused
from shared.declarations.open_points import KIND, OpenPoint, OpenPointCommand, decided, evolved
from shared.kernel.decider import Decider

OpenPointEvent = ReactionRefused | OpenPointSettled


def evolve(_: OpenPoint, event: OpenPointEvent) -> OpenPoint:
    return evolved(event)


def decide(point: OpenPoint, command: OpenPointCommand) -> Sequence[OpenPointEvent]:
    return decided(point, command, ReactionRefused, OpenPointSettled)


OPEN_POINT = Decider(KIND, OpenPoint(), evolve, decide)
