"""Focus areas: set by the council's paper for the time of the grant, afterwards by the conference's own assessment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from shared.contracts.meetings import FocusAreaChanged, FocusAreaEnded, FocusAreaSet
from shared.kernel.decider import Command, Decider
from shared.kernel.identifiers import Slug, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.replacing import must_stand
from shared.kernel.text import Line
from shared.kernel.time import Day, german_day
from shared.kernel.values import Value

# Events

FocusAreaEvent = FocusAreaSet | FocusAreaChanged | FocusAreaEnded

# State


@dataclass(frozen=True, slots=True)
class FocusArea:
    first: FocusAreaSet | None = None
    """As it was set."""
    told: FocusAreaSet | FocusAreaChanged | None = None
    """As it was changed last."""
    ended: FocusAreaEnded | None = None


def evolve(area: FocusArea, event: FocusAreaEvent) -> FocusArea:
    match event:
        case FocusAreaSet():
            return replace(area, first=event, told=event)
        case FocusAreaChanged():
            return replace(area, told=event)
        case FocusAreaEnded():
            return replace(area, ended=event)
        case _:
            assert_never(event)


# Commands


class FocusAreaCalled(Value):
    title: Line
    since: Day
    until: Day | None = None
    working_group: Slug | None = None


class _AboutFocusArea(Command):
    focus_area: Slug

    @property
    def stream(self) -> str:
        return stream_name(self.conference, "focus-area", self.focus_area)


class SetFocusArea(_AboutFocusArea):
    """Set a main subject of the conference's work, and its days (GRDrs 905/2023, lines 235-252)."""

    title: Line
    since: Day
    until: Day | None = None
    working_group: Slug | None = None
    reason: Line | None = None


class ChangeFocusArea(_AboutFocusArea):
    """Replace its title, its days and who works on it."""

    title: Line
    since: Day
    until: Day | None = None
    working_group: Slug | None = None
    replaces: FocusAreaCalled | None = None
    reason: Line


class EndFocusArea(_AboutFocusArea):
    """State the last day on which the conference works on it."""

    on: Day
    reason: Line


FocusAreaCommand = SetFocusArea | ChangeFocusArea | EndFocusArea

# Rejections


class FocusAreaUnknown(Rejected):
    """Der Schwerpunkt „{focus_area}“ ist nicht gesetzt."""

    kind = Kind.NOT_FOUND


class FocusAreaSetDifferently(Rejected):
    """Der Schwerpunkt „{focus_area}“ ist bereits mit anderen Angaben gesetzt."""


class FocusAreaIsEnded(Rejected):
    """Der Schwerpunkt „{focus_area}“ ist zum {on} beendet."""


class FocusAreaEndsTooEarly(Rejected):
    """Ein Schwerpunkt, der am {since} beginnt, kann nicht am {until} enden."""

    kind = Kind.INVALID


# decide


def decide(area: FocusArea, command: FocusAreaCommand) -> Sequence[FocusAreaEvent]:
    match command:
        case SetFocusArea():
            return _set(area, command)
        case ChangeFocusArea():
            return _change(area, command)
        case EndFocusArea():
            return _end(area, command)
        case _:
            assert_never(command)


def _set(area: FocusArea, told: SetFocusArea) -> Sequence[FocusAreaEvent]:
    new = FocusAreaSet(**told.model_dump(include=set(FocusAreaSet.model_fields)))
    if area.told is None:
        _must_end_later(told.since, told.until)
        return [new]
    if not _says(area.told, new):
        raise FocusAreaSetDifferently(focus_area=told.focus_area)
    _must_not_be_ended(area, told.focus_area)
    return []


def _says(told: FocusAreaSet | FocusAreaChanged, new: FocusAreaSet) -> bool:
    """A later change has a reason of its own."""
    return told == new or (isinstance(told, FocusAreaChanged) and _called(told) == _called(new))


def _change(area: FocusArea, change: ChangeFocusArea) -> Sequence[FocusAreaEvent]:
    told = _must_be_set(area, change.focus_area)
    before, wanted = _called(told), _called(change)
    if before == wanted:
        return []
    _must_not_be_ended(area, change.focus_area)
    must_stand(change.replaces, before)
    _must_end_later(change.since, change.until)
    return [FocusAreaChanged(focus_area=change.focus_area, reason=change.reason, **dict(wanted))]


def _end(area: FocusArea, end: EndFocusArea) -> Sequence[FocusAreaEvent]:
    told = _must_be_set(area, end.focus_area)
    if area.ended and (area.ended.on, area.ended.reason) == (end.on, end.reason):
        return []
    _must_not_be_ended(area, end.focus_area)
    _must_end_later(told.since, end.on)
    return [FocusAreaEnded(focus_area=end.focus_area, on=end.on, reason=end.reason)]


def _called(told: FocusAreaSet | FocusAreaChanged | ChangeFocusArea) -> FocusAreaCalled:
    return FocusAreaCalled(title=told.title, since=told.since, until=told.until, working_group=told.working_group)


def _must_be_set(area: FocusArea, name: Slug) -> FocusAreaSet | FocusAreaChanged:
    if area.told is None:
        raise FocusAreaUnknown(focus_area=name)
    return area.told


def _must_not_be_ended(area: FocusArea, name: Slug) -> None:
    if area.ended:
        raise FocusAreaIsEnded(focus_area=name, on=german_day(area.ended.on))


def _must_end_later(since: Day, until: Day | None) -> None:
    if until is not None and until < since:
        raise FocusAreaEndsTooEarly(since=german_day(since), until=german_day(until))


FOCUS_AREA = Decider("focus-area", FocusArea(), evolve, decide)
