"""What meetings and members tell of the time of a grant: what was held and adopted, and what groups are called.

For the report of a proof of use, which keeps it from the day that its figures are frozen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import assert_never

from shared.contracts.envelope import Envelope
from shared.contracts.funding import Activities, Period, RecommendationMade, SeatsOfGroup, SessionHeld
from shared.contracts.meetings import (
    AdoptionTakenBack,
    ArrivalRecorded,
    AttendanceWithdrawn,
    InvitationWithdrawn,
    RecommendationAdopted,
    SessionClosed,
    SessionRescheduled,
    SessionScheduled,
)
from shared.contracts.members import SeatGroupCorrected, SeatGroupOpened
from shared.declarations.projection import Document, projection
from shared.kernel.identifiers import PersonId
from shared.kernel.time import local_day

AttendedEvent = ArrivalRecorded | AttendanceWithdrawn | InvitationWithdrawn
SessionEvent = SessionScheduled | SessionRescheduled | AttendedEvent | SessionClosed


def fold_group(document: Document | None, event: SeatGroupOpened | SeatGroupCorrected, envelope: Envelope) -> Document:
    return {**(document or {}), "group": event.group, "number": event.number, "name": event.name}


def fold_session(document: Document | None, event: SessionEvent, envelope: Envelope) -> Document:
    before = document or {"came": [], "closed": None}
    match event:
        case SessionScheduled() | SessionRescheduled():
            kind = {"kind": event.kind} if isinstance(event, SessionScheduled) else {}
            when = {"title": event.appointment.title, "on": local_day(event.appointment.starts).isoformat()}
            return {**before, "session": event.session, **kind, **when}
        case SessionClosed():
            return {**before, "closed": envelope.id}
        case _:
            return {**before, "came": _came(before["came"], event)}


def _came(before: Sequence[Document], event: AttendedEvent) -> list[Document]:
    """A person who left early came too; a person who is not invited any more did not."""
    match event:
        case ArrivalRecorded():
            return [*_others(before, event.person, event.seat), {"person": event.person, "seat": event.seat}]
        case AttendanceWithdrawn():
            return _others(before, event.person, event.seat)
        case InvitationWithdrawn():
            gone = [place.model_dump() for place in event.places]
            return [one for one in before if one not in gone]
        case _:
            assert_never(event)


def _others(before: Sequence[Document], person: PersonId, seat: str | None) -> list[Document]:
    return [one for one in before if one != {"person": person, "seat": seat}]


def fold_adopted(
    document: Document | None, event: RecommendationAdopted | AdoptionTakenBack, envelope: Envelope
) -> Document:
    """The old event does not have its title. What no session has adopted after all is in no report."""
    if isinstance(event, AdoptionTakenBack):
        return {**(document or {"recommendation": event.recommendation}), "session": None}
    told = {"recommendation": event.recommendation, "title": event.title or event.recommendation}
    return {**(document or {}), **told, "session": event.session, "event": envelope.id}


SEAT_GROUPS = projection("seat_groups", fold_group)
SESSIONS = projection("sessions", fold_session)
ADOPTED = projection("adopted", fold_adopted)
PROJECTIONS = (SEAT_GROUPS, SESSIONS, ADOPTED)


def activities_in(
    period: Period, groups: Sequence[Document], sessions: Sequence[Document], adopted: Sequence[Document]
) -> Activities:
    days = {one["session"]: one["on"] for one in sessions}
    held = [one for one in sessions if one["closed"] and _is_in(period, one["on"])]
    made = [{**one, "on": days[one["session"]]} for one in adopted if one["session"] in days]
    return Activities(
        sessions=tuple(_session(one, groups) for one in _by_day(held)),
        recommendations=tuple(_recommendation(one) for one in _by_day(made) if _is_in(period, one["on"])),
    )


def _is_in(period: Period, day: str) -> bool:
    return period.start.isoformat() <= day <= period.until.isoformat()


def _by_day(found: Sequence[Document]) -> list[Document]:
    return sorted(found, key=lambda one: (one["on"], one["_id"]))


def _session(one: Document, groups: Sequence[Document]) -> SessionHeld:
    guests = {came["person"] for came in one["came"] if not came["seat"]}
    return SessionHeld(
        session=one["session"],
        kind=one["kind"],
        title=one["title"],
        on=date.fromisoformat(one["on"]),
        groups=_seats(sorted({came["seat"] for came in one["came"] if came["seat"]}), groups),
        guests=len(guests),
        event=one["closed"],
    )


def _seats(seats: Sequence[str], groups: Sequence[Document]) -> tuple[SeatsOfGroup, ...]:
    """By group, in the council paper's order. A seat's name is its group's name and a number."""
    known = {one["group"]: one for one in groups}
    of = [seat.rpartition("-")[0] for seat in seats]
    order = sorted(set(of), key=lambda group: (known[group]["number"] if group in known else 1000, group))
    return tuple(
        SeatsOfGroup(group=group, name=known[group]["name"] if group in known else group, seats=of.count(group))
        for group in order
    )


def _recommendation(one: Document) -> RecommendationMade:
    return RecommendationMade(
        recommendation=one["recommendation"],
        title=one["title"],
        session=one["session"],
        on=date.fromisoformat(one["on"]),
        event=one["event"],
    )
