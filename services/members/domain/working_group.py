"""A working group is set up for topics; people join it for a seat or as guests, and leave it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from services.members.domain.person import PersonUnknown
from shared.contracts.members import (
    WorkingGroupClosed,
    WorkingGroupCorrected,
    WorkingGroupEstablished,
    WorkingGroupJoined,
    WorkingGroupLeadNamed,
    WorkingGroupLeft,
)
from shared.kernel.decider import Command, Decider
from shared.kernel.identifiers import PersonId, Slug, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.replacing import must_stand
from shared.kernel.text import Line, Prose
from shared.kernel.values import Supplied, Value

# Events

WorkingGroupEvent = (
    WorkingGroupEstablished
    | WorkingGroupCorrected
    | WorkingGroupJoined
    | WorkingGroupLeft
    | WorkingGroupLeadNamed
    | WorkingGroupClosed
)

# State


@dataclass(frozen=True, slots=True)
class WorkingGroup:
    established: WorkingGroupEstablished | None = None
    members: Mapping[PersonId, Slug | None] = field(default_factory=dict)
    """The members, each with the seat that they work for; None for a guest."""
    lead: PersonId | None = None
    closed: WorkingGroupClosed | None = None


def evolve(group: WorkingGroup, event: WorkingGroupEvent) -> WorkingGroup:
    match event:
        case WorkingGroupEstablished():
            return replace(group, established=event)
        case WorkingGroupCorrected():
            told = {"name": event.name, "topics": event.topics}
            return replace(group, established=group.established and group.established.model_copy(update=told))
        case WorkingGroupJoined():
            return replace(group, members={**group.members, event.person: event.seat})
        case WorkingGroupLeft():
            others = {person: seat for person, seat in group.members.items() if person != event.person}
            return replace(group, members=others, lead=None if group.lead == event.person else group.lead)
        case WorkingGroupLeadNamed():
            return replace(group, lead=event.person)
        case WorkingGroupClosed():
            return replace(group, closed=event)
        case _:
            assert_never(event)


# Commands


class _AboutWorkingGroup(Command):
    working_group: Slug

    @property
    def stream(self) -> str:
        return stream_name(self.conference, "working-group", self.working_group)


class EstablishWorkingGroup(_AboutWorkingGroup):
    """Set up a working group (GRDrs 905/2023, lines 241-252)."""

    name: Line
    topics: tuple[Line, ...]


class WorkingGroupCalled(Value):
    name: Line
    topics: tuple[Line, ...]


class CorrectWorkingGroup(_AboutWorkingGroup):
    """Correct what a working group is called, or what it works on."""

    name: Line
    topics: tuple[Line, ...]
    replaces: WorkingGroupCalled | None = None
    reason: Line


class JoinWorkingGroup(_AboutWorkingGroup):
    """Let a person work in the group, for a seat or as a guest."""

    person: PersonId
    seat: Slug | None
    person_known: Supplied[bool]


class LeaveWorkingGroup(_AboutWorkingGroup):
    """End a person's work in the group."""

    person: PersonId


class Led(Value):
    """The lead that the caller saw; null: none."""

    person: PersonId | None = None


class NameWorkingGroupLead(_AboutWorkingGroup):
    """Say which of its members leads the group."""

    person: PersonId
    replaces: Led | None = None


class CloseWorkingGroup(_AboutWorkingGroup):
    """Close the group, with its results and the document that holds them. Its history stays."""

    results: Prose | None = None
    document: Line | None = None


WorkingGroupCommand = (
    EstablishWorkingGroup
    | CorrectWorkingGroup
    | JoinWorkingGroup
    | LeaveWorkingGroup
    | NameWorkingGroupLead
    | CloseWorkingGroup
)

# Rejections


class WorkingGroupUnknown(Rejected):
    """Die Arbeitsgruppe „{working_group}“ ist nicht eingerichtet."""

    kind = Kind.NOT_FOUND


class WorkingGroupEstablishedDifferently(Rejected):
    """Die Arbeitsgruppe „{working_group}“ ist bereits mit anderen Angaben eingerichtet."""


class WorksForAnotherSeat(Rejected):
    """Die Person arbeitet in „{working_group}“ schon mit, aber anders: {seat}. Erst beenden, dann neu aufnehmen."""


class SeatOfSomebodyElse(Rejected):
    """Den Sitz „{seat}“ hat die Person nicht; wer keinen hat, arbeitet als Gast mit."""


class LeadIsNoMember(Rejected):
    """Die Arbeitsgruppe „{working_group}“ kann nur leiten, wer in ihr mitarbeitet."""


class WorkingGroupIsClosed(Rejected):
    """Die Arbeitsgruppe „{working_group}“ ist geschlossen."""


# decide


def decide(group: WorkingGroup, command: WorkingGroupCommand) -> Sequence[WorkingGroupEvent]:
    match command:
        case EstablishWorkingGroup():
            return _establish(group, command)
        case CorrectWorkingGroup():
            return _correct(group, command)
        case JoinWorkingGroup():
            return _join(group, command)
        case LeaveWorkingGroup():
            return _leave(group, command)
        case NameWorkingGroupLead():
            return _name_lead(group, command)
        case CloseWorkingGroup():
            return _close(group, command)
        case _:
            assert_never(command)


def _establish(group: WorkingGroup, establish: EstablishWorkingGroup) -> Sequence[WorkingGroupEvent]:
    established = WorkingGroupEstablished(
        working_group=establish.working_group, name=establish.name, topics=establish.topics
    )
    if group.established is None:
        return [established]
    if group.established != established:
        raise WorkingGroupEstablishedDifferently(working_group=establish.working_group)
    _must_be_open(group, establish.working_group)
    return []


def _join(group: WorkingGroup, join: JoinWorkingGroup) -> Sequence[WorkingGroupEvent]:
    _must_be_open(group, join.working_group)
    if not join.person_known:
        raise PersonUnknown
    if join.person in group.members:
        return _joined_already(group.members[join.person], join)
    return [WorkingGroupJoined(working_group=join.working_group, person=join.person, seat=join.seat)]


def _joined_already(seat: Slug | None, join: JoinWorkingGroup) -> Sequence[WorkingGroupEvent]:
    if seat != join.seat:
        known = f"für den Sitz {seat}" if seat else "als Gast"
        raise WorksForAnotherSeat(working_group=join.working_group, seat=known)
    return []


def _correct(group: WorkingGroup, correct: CorrectWorkingGroup) -> Sequence[WorkingGroupEvent]:
    known = _must_be_established(group, correct.working_group)
    if (known.name, known.topics) == (correct.name, correct.topics):
        return []
    must_stand(correct.replaces, WorkingGroupCalled(name=known.name, topics=known.topics))
    told = correct.model_dump(include={"working_group", "name", "topics", "reason"})
    return [WorkingGroupCorrected(**told)]


def _leave(group: WorkingGroup, leave: LeaveWorkingGroup) -> Sequence[WorkingGroupEvent]:
    _must_be_established(group, leave.working_group)
    if leave.person not in group.members:
        return []
    return [WorkingGroupLeft(working_group=leave.working_group, person=leave.person)]


def _close(group: WorkingGroup, close: CloseWorkingGroup) -> Sequence[WorkingGroupEvent]:
    established = _must_be_established(group, close.working_group)
    closed = WorkingGroupClosed(
        working_group=close.working_group, name=established.name, results=close.results, document=close.document
    )
    if group.closed and _results(group.closed) != _results(closed):
        raise WorkingGroupIsClosed(working_group=close.working_group)
    return [] if group.closed else [closed]


def _results(closed: WorkingGroupClosed) -> tuple[Prose | None, Line | None]:
    return closed.results, closed.document


def _name_lead(group: WorkingGroup, name: NameWorkingGroupLead) -> Sequence[WorkingGroupEvent]:
    _must_be_open(group, name.working_group)
    if name.person not in group.members:
        raise LeadIsNoMember(working_group=name.working_group)
    if name.person == group.lead:
        return []
    must_stand(name.replaces, Led(person=group.lead), "eine andere Person" if group.lead else "niemand")
    return [WorkingGroupLeadNamed(working_group=name.working_group, person=name.person)]


def _must_be_established(group: WorkingGroup, name: Slug) -> WorkingGroupEstablished:
    if group.established is None:
        raise WorkingGroupUnknown(working_group=name)
    return group.established


def _must_be_open(group: WorkingGroup, name: Slug) -> None:
    _must_be_established(group, name)
    if group.closed:
        raise WorkingGroupIsClosed(working_group=name)


WORKING_GROUP = Decider("working-group", WorkingGroup(), evolve, decide)
