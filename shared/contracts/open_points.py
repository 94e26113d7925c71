"""What every service that acts by itself tells of an action that a rule refused: its own contract has both events."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import StringConstraints

from shared.contracts.not_public import THE_OFFICE
from shared.kernel.decider import Event
from shared.kernel.identifiers import STREAM, StreamPosition, Uuid
from shared.kernel.text import Line

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", max_length=80)]
StreamName = Annotated[str, StringConstraints(pattern=rf"^{STREAM}$", max_length=240)]


class RefusedReaction(Event):
    """Names and positions only: the sentence of the rule is not kept."""

    not_public: ClassVar[str] = THE_OFFICE

    point: Uuid
    """The open point: the last part of the stream's name."""
    reaction: Name
    """Who wanted it: a reaction, or the projection of a deadline."""
    reacted_to: StreamPosition
    """The event that it was wanted because of."""
    command: Name
    """What was wanted."""
    about: StreamName
    """The stream whose rule said no."""
    rule: Name
    """The rule."""


class SettledPoint(Event):
    """The office has looked at the point."""

    not_public: ClassVar[str] = THE_OFFICE

    point: Uuid
    """The open point: the last part of the stream's name."""
    reason: Line
    """What the office did about it."""
