"""One document a seat group: its seats with everybody who ever had one, and the nominations that still count.

``due`` is the start of the next day on which the time of a holder is over by its date, and nobody has said so yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from services.members.domain.mandates import AnnounceVacancy
from services.members.domain.seat_group_state import SeatGroupEvent, keeps_nomination
from services.members.domain.vacancies import vacancies
from shared.contracts.envelope import Envelope
from shared.contracts.members import (
    DelegateAppointed,
    DelegateNominated,
    DeputyEnded,
    HolderLeft,
    MandateEnded,
    NominationConfirmed,
    NominationReturned,
    OrganisationCorrected,
    OrganisationRegistered,
    SeatGroupCorrected,
    SeatGroupOpened,
    SeatVacated,
)
from shared.contracts.occupancies import SeatEvent, Seats, as_documents, from_documents, seats_after
from shared.declarations.projection import Document, projection
from shared.declarations.reaction import Deadline
from shared.kernel.time import day_after, iso, local_day, start_of

NominationEvent = DelegateNominated | NominationConfirmed | NominationReturned


def fold_seats(document: Document | None, event: SeatGroupEvent, envelope: Envelope) -> Document:
    known = document or {}
    group = {**known, **_changes(known, event, local_day(envelope.time))}
    return {**group, "people": sorted(_people(group))}


def _people(group: Document) -> set[str]:
    """The people whose erasure concerns the group, for the index. A group that knows of it lists them no longer."""
    recorded = [one for seat in group["seats"] for one in seat["recorded"]]
    return {*group["nominated"], *(one["person"] for one in recorded if one["person"] and one["reason"] != "erased")}


def _changes(known: Document, event: SeatGroupEvent, today: date) -> Document:
    match event:
        case SeatGroupOpened():
            about = {"group": event.group, "number": event.number, "name": event.name, "kind": event.kind}
            return {**about, "organisations": {}, "nominated": {}, **_seated({"seats": [], "said": []}, event, today)}
        case SeatGroupCorrected():
            return {"number": event.number, "name": event.name}
        case OrganisationRegistered() | OrganisationCorrected():
            return {"organisations": {**known["organisations"], event.organisation: event.name}}
        case DelegateNominated() | NominationConfirmed() | NominationReturned():
            return {"nominated": _nominated(known["nominated"], event)}
        case SeatVacated():
            said = [*known["said"], _vacancy(event.seat, event.since)]
            return _due(from_documents(known["seats"]), said)
        case HolderLeft():
            return {}
        case MandateEnded() | DeputyEnded() if keeps_nomination(event):
            return _seated(known, event, today)
        case DelegateAppointed() | MandateEnded() | DeputyEnded():
            return {**_seated(known, event, today), "nominated": _without(known["nominated"], event.person)}
        case _:
            return _seated(known, event, today)


def _nominated(known: Document, event: NominationEvent) -> Document:
    match event:
        case DelegateNominated():
            return {**known, event.person: {"organisation": event.organisation, "confirmed": False}}
        case NominationConfirmed():
            return {**known, event.person: {**known[event.person], "confirmed": True}}
        case NominationReturned():
            return _without(known, event.person)


def _without(known: Document, person: str) -> Document:
    return {one: by for one, by in known.items() if one != person}


def _seated(known: Document, event: SeatEvent, today: date) -> Document:
    """A vacancy that has begun when it becomes known needs no announcement: that event says it."""
    before = from_documents(known["seats"])
    seats = seats_after(before, event)
    new = _vacancies(seats) - _vacancies(before)
    said = [*known["said"], *sorted(one for one in new if one <= _vacancy("", day_after(today)))]
    return {"seats": as_documents(seats), **_due(seats, said)}


def _due(seats: Seats, said: Iterable[str]) -> Document:
    vacancies = _vacancies(seats)
    to_come = sorted(vacancies.difference(said))
    due = iso(start_of(date.fromisoformat(to_come[0].partition(" ")[0]))) if to_come else None
    return {"said": [one for one in said if one in vacancies], "due": due}


def _vacancies(seats: Seats) -> set[str]:
    """Each vacancy by its first day and the seat."""
    return {_vacancy(one.seat, one.since) for one in vacancies(seats)}


def _vacancy(seat: str, since: date) -> str:
    return f"{since.isoformat()} {seat}"


def announce(document: Document, now: datetime) -> AnnounceVacancy:
    said = set(document["said"])
    since, _, seat = min(_vacancies(from_documents(document["seats"])) - said).partition(" ")
    return AnnounceVacancy(
        conference=document["conference"],
        at=now,
        by="clock",
        group=document["group"],
        seat=seat,
        since=date.fromisoformat(since),
    )


SEATS = projection("seats", fold_seats, version=4, indexes=("due", "people"))
VACANCY = Deadline(SEATS, announce)
