"""What the conference works on above all: its focus areas, while it is funded and after that."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.not_public import NOT_AGREED
from shared.kernel.decider import Event
from shared.kernel.identifiers import Slug
from shared.kernel.text import Line
from shared.kernel.time import Day
from shared.kernel.values import LeftOut


class _OfFocusArea(Event):
    focus_area: Slug
    """The focus area: the last part of the stream's name."""


class _TellsFocusArea(_OfFocusArea):
    title: Line
    """What the conference works on."""
    since: Day
    """Its first day."""
    until: LeftOut[Day | None] = None
    """Its last day; left out while none is laid down."""
    working_group: LeftOut[Slug | None] = None
    """The working group that works on it, as `working_group` in the events of members; left out where there is none."""


class FocusAreaSet(_TellsFocusArea):
    """The conference has a focus on {title} since {since}.

    Said once for each focus area; what the conference works on is laid down by the council's paper, later by itself.
    """

    german: ClassVar[str] = "Schwerpunkt ist {title}, ab {since}."
    not_public: ClassVar[str] = NOT_AGREED

    reason: LeftOut[Line | None] = None
    """The paper or assessment that it follows from; nothing about a person."""


class FocusAreaChanged(_TellsFocusArea):
    """The focus on {title} is changed: {reason}.

    Said when its title, days or working group change; what it says stands in place of what was said before.
    """

    german: ClassVar[str] = "Der Schwerpunkt {title} ist geändert: {reason}."
    not_public: ClassVar[str] = NOT_AGREED

    reason: Line
    """Why; nothing about a person."""


class FocusAreaEnded(_OfFocusArea):
    """Focus area {focus_area} ends on {on}: {reason}.

    Said when the conference works on it no longer, however long it was to last.
    """

    german: ClassVar[str] = "Der Schwerpunkt {focus_area} endet am {on}: {reason}."
    not_public: ClassVar[str] = NOT_AGREED

    on: Day
    """Its last day."""
    reason: Line
    """Why; nothing about a person."""
