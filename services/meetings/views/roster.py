"""Who can be invited, and by which rules: seats with their occupants, working groups, the conference's rules.

A seat group's seats stand inside its one document, because they come from its one stream.
"""

from __future__ import annotations

from typing import assert_never, cast, get_args

from services.meetings.views.keys import of_conference, of_stream
from shared.contracts.members import (
    ConferenceEstablished,
    DelegateAppointed,
    MandateEnded,
    PostHolderChanged,
    SeatGroupOpened,
    WorkingGroupClosed,
    WorkingGroupEstablished,
    WorkingGroupJoined,
    WorkingGroupLeft,
)
from shared.contracts.subscriptions import Delivered, Document, View
from shared.kernel.identifiers import PersonId, Slug

SeatEvent = SeatGroupOpened | DelegateAppointed | PostHolderChanged | MandateEnded
WorkingGroupEvent = WorkingGroupEstablished | WorkingGroupJoined | WorkingGroupLeft | WorkingGroupClosed


def fold_conference(document: Document | None, delivered: Delivered) -> Document:
    event = cast("ConferenceEstablished", delivered.event)
    return {**(document or {}), **event.model_dump(mode="json")}


def fold_seats(document: Document | None, delivered: Delivered) -> Document:
    before = document or {}
    return {**before, **_seats(before, cast("SeatEvent", delivered.event))}


def _seats(before: Document, event: SeatEvent) -> Document:
    match event:
        case SeatGroupOpened():
            vacant = [{"seat": seat, "person": None} for seat in event.seats]
            return {**event.model_dump(mode="json"), "seats": vacant}
        case DelegateAppointed() | PostHolderChanged():
            return {"seats": _seated(before, event.seat, event.person)}
        case MandateEnded():
            return {"seats": _seated(before, event.seat, None)}
        case _:
            assert_never(event)


def _seated(before: Document, seat: Slug, person: PersonId | None) -> list[Document]:
    return [{**place, "person": person} if place["seat"] == seat else place for place in before["seats"]]


def fold_working_group(document: Document | None, delivered: Delivered) -> Document:
    before = document or {}
    return {**before, **_working_group(before, cast("WorkingGroupEvent", delivered.event))}


def _working_group(before: Document, event: WorkingGroupEvent) -> Document:
    match event:
        case WorkingGroupEstablished():
            return {**event.model_dump(mode="json"), "state": "active", "members": []}
        case WorkingGroupJoined():
            joined = {"person": event.person, "seat": event.seat}
            return {"members": [*_others(before, event.person), joined]}
        case WorkingGroupLeft():
            return {"members": _others(before, event.person)}
        case WorkingGroupClosed():
            return {"state": "closed"}
        case _:
            assert_never(event)


def _others(before: Document, person: PersonId) -> list[Document]:
    return [member for member in before["members"] if member["person"] != person]


CONFERENCE = View("conference", frozenset({ConferenceEstablished}), of_conference, fold_conference)
ROSTER = View("roster", frozenset(get_args(SeatEvent)), of_stream, fold_seats)
WORKING_GROUPS = View("working_groups", frozenset(get_args(WorkingGroupEvent)), of_stream, fold_working_group)
