"""What members remembers for its own queries: every seat with its whole history, and the working groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from services.members.domain.seat_group_state import SeatGroupEvent
from shared.contracts.envelope import Envelope
from shared.contracts.members import (
    DelegateAppointed,
    MandateEnded,
    PersonErased,
    PostHolderChanged,
    SeatGroupOpened,
    WorkingGroupClosed,
    WorkingGroupEstablished,
    WorkingGroupJoined,
    WorkingGroupLeft,
)
from shared.declarations.projection import Document, projection

WorkingGroupEvent = WorkingGroupEstablished | WorkingGroupJoined | WorkingGroupLeft | WorkingGroupClosed


def seats_of(event: SeatGroupEvent, envelope: Envelope) -> Iterable[str]:
    """None for organisations and nominations; they are read all the same, so that one that cannot be is parked."""
    match event:
        case SeatGroupOpened():
            seats = event.seats
        case DelegateAppointed() | PostHolderChanged() | MandateEnded():
            seats = (event.seat,)
        case _:
            seats = ()
    return [f"{envelope.conference}/{seat}" for seat in seats]


def fold_seat(document: Document | None, event: SeatGroupEvent, envelope: Envelope) -> Document:
    seat = document or {}
    match event:
        case SeatGroupOpened():
            group = {"group": event.group, "number": event.number, "name": event.name, "kind": event.kind}
            return {**group, "occupancies": [], "occupied": False}
        case DelegateAppointed():
            return _occupied(seat, event.person, event.since.isoformat(), event.organisation)
        case PostHolderChanged():
            return _occupied(seat, event.person, event.since.isoformat(), None)
        case MandateEnded():
            return {**seat, "occupancies": _closed(seat, event.until.isoformat()), "occupied": False}
        case _:
            return seat


def _occupied(seat: Document, person: str, since: str, organisation: str | None) -> Document:
    sits = {"person": person, "organisation": organisation, "since": since, "until": None}
    return {**seat, "occupancies": [*_closed(seat, since), sits], "occupied": True}


def _closed(seat: Document, until: str) -> list[Document]:
    return [{**sits, "until": sits["until"] or until} for sits in seat["occupancies"]]


def occupant_on(seat: Document, day: str) -> Document | None:
    """Who sat here on that day: from the first day of the mandate, until its last."""
    return next(
        (
            sits
            for sits in reversed(seat["occupancies"])
            if sits["since"] <= day and (sits["until"] is None or day <= sits["until"])
        ),
        None,
    )


def fold_working_group(document: Document | None, event: WorkingGroupEvent, envelope: Envelope) -> Document:
    group = document or {}
    match event:
        case WorkingGroupEstablished():
            about = {"working_group": event.working_group, "name": event.name, "topics": list(event.topics)}
            return {**about, "members": [], "closed": False}
        case WorkingGroupJoined():
            member = {"person": event.person, "seat": event.seat}
            return {**group, "members": [*group["members"], member]}
        case WorkingGroupLeft():
            return {**group, "members": [one for one in group["members"] if one["person"] != event.person]}
        case WorkingGroupClosed():
            return {**group, "closed": True}
        case _:
            assert_never(event)


def erased_person(event: PersonErased, envelope: Envelope) -> Iterable[str]:
    return (event.person,)


def fold_erased(document: Document | None, event: PersonErased, envelope: Envelope) -> Document:
    """Who has to be gone from the collection of people; ``_id`` is the person."""
    return document or {}


SEATS = projection("seats", fold_seat, seats_of)
WORKING_GROUPS = projection("working_groups", fold_working_group)
ERASED = projection("erased", fold_erased, erased_person)
PROJECTIONS = (SEATS, WORKING_GROUPS, ERASED)
