"""What a council paper says: its parts are those of GRDrs 905/2023 of the City of Stuttgart. It names offices only."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shared.kernel.identifiers import Slug
from shared.kernel.text import Line, Prose
from shared.kernel.time import Day
from shared.kernel.values import OPEN, LeftOut, Value, counted_in

MotionNumber = Annotated[int, Field(ge=1, le=50), counted_in("place in a list")]
ItemOutcome = Literal["adopted", "amended", "rejected", "postponed"]
Purpose = Literal["decision", "preliminary", "information"]


class Consultation(Value):
    """One step of a paper's path: the committee, what it is to do, in which kind of sitting, and when."""

    committee: Line
    """The committee."""
    purpose: Annotated[Purpose, OPEN]
    """Whether it is to decide, to prepare the decision of another one, or to be informed."""
    public: bool
    """Whether it sits in public."""
    on: Day
    """The day of the sitting, as it is planned."""


class PaperText(Value):
    """All that a council paper says beside its number and title: with it the paper can be set as a document."""

    originator: Line
    """The department that lays it before the council."""
    file_sign: LeftOut[Line | None] = None
    """The department's reference for its file."""
    dated: Day
    """The day of the paper."""
    consultations: Annotated[tuple[Consultation, ...], Field(min_length=1, max_length=20)]
    """The path through the committees, each of them once, in its order."""
    motion: Annotated[tuple[Prose, ...], Field(max_length=50)] = ()
    """What is to be decided, item by item from number 1; empty in a paper for information."""
    reasons: Annotated[tuple[Prose, ...], Field(min_length=1, max_length=100)]
    """The reasons, paragraph by paragraph, without names of people."""
    climate: LeftOut[Prose | None] = None
    """What it means for the protection of the climate."""
    finances: LeftOut[Prose | None] = None
    """What it costs and who pays for it."""
    pending: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    """Requests and motions of the council that are open on this matter."""
    settled: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    """Requests and motions of the council that are settled by it."""
    annexes: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    """The titles of its annexes, from number 1."""
    signed_as: Line
    """The office of whoever signs it; never a name."""
    recommendations: Annotated[tuple[Slug, ...], Field(max_length=50)] = ()
    """The recommendations of the conference that it lays before the council."""
