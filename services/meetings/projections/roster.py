"""Who can be invited, and by which rules: seats with occupants, working groups, who is known, the conference's rules.

A seat group's seats stand inside its one document, because they come from its one stream.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from shared.contracts.envelope import Envelope
from shared.contracts.members import (
    ConferenceEstablished,
    DelegateAppointed,
    MandateEnded,
    PersonErased,
    PersonRecorded,
    PostHolderChanged,
    SeatGroupOpened,
    WorkingGroupClosed,
    WorkingGroupEstablished,
    WorkingGroupJoined,
    WorkingGroupLeft,
)
from shared.declarations.projection import Document, projection
from shared.kernel.identifiers import PersonId, Slug

SeatEvent = SeatGroupOpened | DelegateAppointed | PostHolderChanged | MandateEnded
WorkingGroupEvent = WorkingGroupEstablished | WorkingGroupJoined | WorkingGroupLeft | WorkingGroupClosed


def by_conference(event: ConferenceEstablished, envelope: Envelope) -> Iterable[str]:
    return (envelope.conference,)


def fold_conference(document: Document | None, event: ConferenceEstablished, envelope: Envelope) -> Document:
    return {**(document or {}), **event.model_dump(mode="json")}


def fold_seats(document: Document | None, event: SeatEvent, envelope: Envelope) -> Document:
    before = document or {}
    return {**before, **_seats(before, event)}


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


def fold_working_group(document: Document | None, event: WorkingGroupEvent, envelope: Envelope) -> Document:
    before = document or {}
    return {**before, **_working_group(before, event)}


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


def by_gone(event: PersonErased | MandateEnded, envelope: Envelope) -> Iterable[str]:
    if isinstance(event, MandateEnded) and event.reason != "deceased":
        return ()
    return (f"{envelope.stream}/{event.person}",)


def fold_gone(document: Document | None, event: PersonErased | MandateEnded, envelope: Envelope) -> Document:
    """Who was erased or has died, so that nobody writes to them."""
    return {**(document or {}), "person": event.person}


def by_person(event: PersonRecorded | PersonErased, envelope: Envelope) -> Iterable[str]:
    return (f"{envelope.conference}/{event.person}",)


def fold_person(_: Document | None, event: PersonRecorded | PersonErased, envelope: Envelope) -> Document:
    """Nothing about a person but that the conference knows them, or does not any more."""
    return {"person": event.person, "erased": isinstance(event, PersonErased)}


CONFERENCE = projection("conference", fold_conference, by_conference)
ROSTER = projection("roster", fold_seats)
WORKING_GROUPS = projection("working_groups", fold_working_group)
GONE = projection("gone", fold_gone, by_gone, indexes=("person",))
PEOPLE = projection("people", fold_person, by_person)
