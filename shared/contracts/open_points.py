"""What every service that acts by itself tells of an action that a rule refused: its own contract has both events."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from shared.kernel.decider import Event
from shared.kernel.identifiers import StreamPosition, Uuid
from shared.kernel.text import Line

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", max_length=80)]
StreamName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+/[a-z0-9-]+/[a-z0-9-]+$", max_length=240)]


class RefusedReaction(Event):
    """``reaction`` (or the projection of a deadline) wanted ``command`` because of ``reacted_to``; ``rule`` said no.

    ``about`` is the stream whose rule it is. Names and positions only: the sentence of the rule is not kept.
    """

    point: Uuid
    reaction: Name
    reacted_to: StreamPosition
    command: Name
    about: StreamName
    rule: Name


class SettledPoint(Event):
    """The office has looked at the point; ``reason`` is what it did about it."""

    point: Uuid
    reason: Line
