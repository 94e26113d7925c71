"""What is said of an obligation before and after its day, until it is done: each has an event of its own name."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.kernel.decider import Event
from shared.kernel.time import Day
from shared.kernel.values import counted_in

Stage = Annotated[
    int,
    Field(ge=-366, le=366, description="Tage vom Fälligkeitstag an, davor unter null, z. B. -14"),
    counted_in("days"),
]


class ObligationDue(Event):
    """A stage of an obligation is reached, and it is not done."""

    due_on: Day
    """The day by which it is owed."""
    stage: Stage
    """So many days after that day this stage is reached; below zero before it."""
