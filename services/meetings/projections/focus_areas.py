"""What the conference works on above all, and from when to when."""

from __future__ import annotations

from typing import assert_never

from services.meetings.domain.focus_area import FocusAreaEvent
from shared.contracts.envelope import Envelope
from shared.contracts.meetings import FocusAreaChanged, FocusAreaEnded, FocusAreaSet
from shared.declarations.projection import Document, projection


def fold_focus_area(document: Document | None, event: FocusAreaEvent, envelope: Envelope) -> Document:
    return {**(document or {}), **_told(event)}


def _told(event: FocusAreaEvent) -> Document:
    """``ended`` is the last day if an end was recorded; ``until`` stays the planned day."""
    match event:
        case FocusAreaSet():
            return {**_called(event), "reason": event.reason, "ended": None}
        case FocusAreaChanged():
            return {**_called(event), "reason": event.reason}
        case FocusAreaEnded():
            return {"ended": event.on.isoformat(), "reason": event.reason}
        case _:
            assert_never(event)


def _called(event: FocusAreaSet | FocusAreaChanged) -> Document:
    """Fields that the event leaves out, too: a change may remove them."""
    return {
        "focus_area": event.focus_area,
        "title": event.title,
        "since": event.since.isoformat(),
        "until": event.until.isoformat() if event.until else None,
        "working_group": event.working_group,
    }


def last_day(area: Document) -> str | None:
    """The planned day, or the recorded end if that is earlier."""
    return min(filter(None, (area["until"], area["ended"])), default=None)


def in_force(area: Document, on: str) -> bool:
    """``on`` as 2024-03-20."""
    last = last_day(area)
    return area["since"] <= on and (last is None or on <= last)


FOCUS_AREAS = projection("focus_areas", fold_focus_area, indexes=("conference since",))
