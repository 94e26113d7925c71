"""Who can be invited, and by which rules: seats with who ever had them, working groups, who is known, the rules.

A seat group's seats stand inside its one document, because they come from its one stream.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from shared.contracts.envelope import Envelope
from shared.contracts.members import (
    ConferenceCorrected,
    ConferenceEstablished,
    EarlierConferenceCarriedOver,
    GuestPoolJoined,
    GuestPoolLeft,
    PersonErased,
    PersonRecorded,
    RulesChanged,
    SeatGroupCorrected,
    SeatGroupOpened,
    WorkingGroupClosed,
    WorkingGroupCorrected,
    WorkingGroupEstablished,
    WorkingGroupJoined,
    WorkingGroupLeft,
)
from shared.contracts.occupancies import SeatEvent, Seats, as_documents, from_documents, seats_after
from shared.declarations.projection import Document, projection
from shared.kernel.identifiers import PersonId
from shared.kernel.time import local_day

ConferenceEvent = ConferenceEstablished | ConferenceCorrected | EarlierConferenceCarriedOver | RulesChanged
GroupEvent = SeatEvent | SeatGroupCorrected
WorkingGroupEvent = (
    WorkingGroupEstablished | WorkingGroupCorrected | WorkingGroupJoined | WorkingGroupLeft | WorkingGroupClosed
)


def by_conference(event: ConferenceEvent, envelope: Envelope) -> Iterable[str]:
    return (envelope.conference,)


def fold_conference(document: Document | None, event: ConferenceEvent, envelope: Envelope) -> Document:
    before, told = document or {}, event.model_dump(mode="json", exclude={"reason"})
    if isinstance(event, RulesChanged):
        return {**before, "changes": [*before.get("changes", []), told]}
    if isinstance(event, EarlierConferenceCarriedOver):
        return {**before, "earlier": {**before.get("earlier", {}), event.earlier: told}}
    if isinstance(event, ConferenceEstablished):
        return {**before, **told, "established": local_day(envelope.time).isoformat()}
    return {**before, **told}


def fold_seats(document: Document | None, event: GroupEvent, envelope: Envelope) -> Document:
    before = document or {}
    if isinstance(event, SeatGroupCorrected):
        return {**before, "number": event.number, "name": event.name}
    about = event.model_dump(mode="json") if isinstance(event, SeatGroupOpened) else {}
    return {**before, **about, "seats": as_documents(seats_after(_known(before), event))}


def _known(before: Document) -> Seats:
    return from_documents(before["seats"]) if before else ()


def fold_working_group(document: Document | None, event: WorkingGroupEvent, envelope: Envelope) -> Document:
    before = document or {}
    return {**before, **_working_group(before, event, local_day(envelope.time).isoformat())}


def _working_group(before: Document, event: WorkingGroupEvent, day: str) -> Document:
    match event:
        case WorkingGroupEstablished():
            return {**event.model_dump(mode="json"), "state": "active", "members": [], "established": day}
        case WorkingGroupCorrected():
            return {"name": event.name, "topics": list(event.topics)}
        case WorkingGroupJoined():
            joined = {"person": event.person, "seat": event.seat}
            return {"members": [*_others(before, event.person), joined]}
        case WorkingGroupLeft():
            return {"members": _others(before, event.person)}
        case WorkingGroupClosed():
            return {"state": "closed", "closed_on": day, "results": event.results, "document": event.document}
        case _:
            assert_never(event)


def _others(before: Document, person: PersonId) -> list[Document]:
    return [member for member in before["members"] if member["person"] != person]


def by_gone(event: PersonErased, envelope: Envelope) -> Iterable[str]:
    return (f"{envelope.stream}/{event.person}",)


def fold_gone(document: Document | None, event: PersonErased, envelope: Envelope) -> Document:
    """People who were erased: nobody writes to them. Who has died is said by the seats, which may be corrected."""
    return {**(document or {}), "person": event.person}


def by_person(event: PersonRecorded | PersonErased, envelope: Envelope) -> Iterable[str]:
    return (f"{envelope.conference}/{event.person}",)


def fold_person(_: Document | None, event: PersonRecorded | PersonErased, envelope: Envelope) -> Document:
    """Only whether the conference knows a person."""
    return {"person": event.person, "erased": isinstance(event, PersonErased)}


def fold_guest_pool(document: Document | None, event: GuestPoolJoined | GuestPoolLeft, envelope: Envelope) -> Document:
    others = [one for one in (document or {"people": []})["people"] if one != event.person]
    return {"people": [*others, event.person] if isinstance(event, GuestPoolJoined) else others}


CONFERENCE = projection("conference", fold_conference, by_conference, version=3)
ROSTER = projection("roster", fold_seats, version=2)
WORKING_GROUPS = projection("working_groups", fold_working_group, version=2)
GONE = projection("gone", fold_gone, by_gone, version=3, indexes=("person",))
PEOPLE = projection("people", fold_person, by_person)
GUEST_POOLS = projection("guest_pools", fold_guest_pool)
